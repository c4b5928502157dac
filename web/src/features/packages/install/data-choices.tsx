import type { KeptVersions } from "@/api/types";
import { Choice, Choices } from "@/components/ui/choices";
import { Disclosure } from "@/components/ui/disclosure";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { useI18n } from "@/i18n/i18n";
import { type DataChoice, type Filled, sourcesOf } from "./filled";

interface DataChoicesProps {
  data: KeptVersions;
  filled: Filled;
  onChange: (filled: Filled) => void;
}

/** What shall become of the data that an earlier installation has left, if it has left any. */
export function DataChoices({ data, filled, onChange }: DataChoicesProps) {
  const { t } = useI18n();
  const sources = sourcesOf(data);
  if (!sources.length) {
    return null;
  }
  const choose = (chosen: DataChoice) => onChange({ ...filled, data: chosen });
  const text = t("data.reuse_text", { versions: (data.uninstalled_versions ?? []).join(", ") });
  return (
    <section className="flex flex-col gap-3">
      <h3 className="text-sm font-semibold text-muted">{t("data.title")}</h3>
      <Choices label={t("data.title")} value={filled.data} onChange={choose}>
        {data.has_uninstalled_volumes && <Choice value="reuse" chosen={filled.data === "reuse"} title={t("data.reuse")} text={text} />}
        <Choice value="fresh" chosen={filled.data === "fresh"} title={t("data.fresh")} text={t("data.fresh_text")} />
        <Disclosure summary={t("data.more")} open={filled.data === "copy"}>
          <Choice value="copy" chosen={filled.data === "copy"} title={t("data.copy")} text={t("data.copy_text")}>
            <Field label={t("data.source")}>
              {(control) => (
                <Select {...control} value={filled.source} onChange={(event) => onChange({ ...filled, source: event.target.value })}>
                  {sources.map((version) => (
                    <option key={version}>{version}</option>
                  ))}
                </Select>
              )}
            </Field>
          </Choice>
        </Disclosure>
      </Choices>
    </section>
  );
}
