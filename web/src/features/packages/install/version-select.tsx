import { useQuery } from "@tanstack/react-query";
import { ErrorText } from "@/components/state";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { useI18n } from "@/i18n/i18n";
import { useApi } from "@/session/session";
import type { Subject } from "../subject";

interface VersionSelectProps {
  subject: Subject;
  version: string;
  onChange: (version: string) => void;
}

/** Selects a version. */
export function VersionSelect({ subject: { name, version: newest, installed_version: installed }, version, onChange }: VersionSelectProps) {
  const { t } = useI18n();
  const api = useApi();
  const versions = useQuery({
    queryKey: ["package", "versions", name],
    queryFn: ({ signal }) => api.post("/packages/versions", { name }, signal),
  });
  const offered = Array.from(new Set([version, ...(versions.data ?? [])]));
  const label = (each: string) => (each === installed ? t("version.installed", { version: each }) : each === newest ? t("version.newest", { version: each }) : each);
  return (
    <Field label={t("version.label")} hint={t("version.hint")} error={versions.isError ? <ErrorText error={versions.error} /> : undefined}>
      {(control) => (
        <Select {...control} value={version} disabled={versions.isPending} onChange={(event) => onChange(event.target.value)}>
          {(versions.data ?? offered).map((each) => (
            <option key={each} value={each}>
              {label(each)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
