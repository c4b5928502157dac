import type { KeptVersions } from "@/api/types";
import { Choice, Choices } from "@/components/ui/choices";
import { Disclosure } from "@/components/ui/disclosure";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { useI18n } from "@/i18n/i18n";
import { type DataChoice, type FormValues, sourcesOf } from "./form-values";

interface DataChoicesProps {
  data: KeptVersions;
  values: FormValues;
  onChange: (values: FormValues) => void;
}

/** What happens to the data that an earlier installation left, if it left any. */
export function DataChoices({ data, values, onChange }: DataChoicesProps) {
  const { t } = useI18n();
  const sources = sourcesOf(data);
  if (!sources.length) {
    return null;
  }
  const choose = (chosen: DataChoice) => onChange({ ...values, data: chosen });
  const text = t("data.reuse_text", { versions: (data.uninstalled_versions ?? []).join(", ") });
  return (
    <section className="flex flex-col gap-3">
      <h3 className="text-sm font-semibold text-muted">{t("data.title")}</h3>
      <Choices label={t("data.title")} value={values.data} onChange={choose}>
        {data.has_uninstalled_volumes && <Choice value="reuse" chosen={values.data === "reuse"} title={t("data.reuse")} text={text} />}
        <Choice value="fresh" chosen={values.data === "fresh"} title={t("data.fresh")} text={t("data.fresh_text")} />
        <Disclosure summary={t("data.more")} open={values.data === "copy"}>
          <Choice value="copy" chosen={values.data === "copy"} title={t("data.copy")} text={t("data.copy_text")}>
            <Field label={t("data.source")}>
              {(control) => (
                <Select {...control} value={values.source} onChange={(event) => onChange({ ...values, source: event.target.value })}>
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
