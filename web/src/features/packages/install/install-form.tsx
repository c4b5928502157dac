import { type FormEvent, useEffect, useRef, useState } from "react";
import { focusFirstInvalid } from "@/components/focus-first-invalid";
import { Checkbox } from "@/components/ui/checkbox";
import { Disclosure } from "@/components/ui/disclosure";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { type Draft, draftsOf } from "../questions/answers";
import { QuestionField } from "../questions/question-field";
import type { Purpose, Subject } from "../subject";
import { DataChoices } from "./data-choices";
import { type FormValues, initialValues } from "./form-values";
import type { InstallInfo } from "./install-info";
import { Preview } from "./preview";
import { VersionSelect } from "./version-select";

interface InstallFormProps {
  id: string;
  purpose: Purpose;
  subject: Subject;
  version: string;
  setVersion: (version: string) => void;
  info: InstallInfo;
  /** The values of the last attempt, if the appliance refused it. */
  before: FormValues | null;
  errors: Readonly<Record<string, string>>;
  onSubmit: (values: FormValues) => void;
}

/** What happens to existing data, the questions of a package, and what installing it creates. */
export function InstallForm({ id, purpose, subject, version, setVersion, info, before, errors, onSubmit }: InstallFormProps) {
  const { t } = useI18n();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(() => before ?? initialValues(purpose, info));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const questions = Object.entries(info.questions);
  const refused = Object.keys(errors).length > 0;
  const remembers = purpose !== "change" && questions.some(([name]) => info.savedAnswers[name]);

  useEffect(() => {
    if (refused && form.current) {
      focusFirstInvalid(form.current);
    }
  }, [refused]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(values);
  };
  const answer = (name: string, draft: Draft) => {
    setValues({ ...values, drafts: { ...values.drafts, [name]: draft } });
    setTouched(new Set([...touched, name]));
  };
  const setBlankAnswers = (value: boolean) => setValues({ ...values, blankAnswers: value, drafts: draftsOf(info.questions, value ? {} : info.savedAnswers) });

  return (
    <form ref={form} id={id} noValidate onSubmit={submit} className="flex flex-col gap-6">
      {refused && <Notice tone="bad">{t("install.check_answers")}</Notice>}
      {purpose === "install" && <DataChoices data={info.data} values={values} onChange={setValues} />}
      {questions.length > 0 && (
        <fieldset className="flex flex-col gap-5">
          <legend className="mb-3 text-sm font-semibold text-muted">{t("install.questions")}</legend>
          {remembers && (
            <Checkbox checked={values.blankAnswers} onChange={setBlankAnswers}>
              {t("install.blank_answers")}
            </Checkbox>
          )}
          {questions.map(([name, question]) => (
            <QuestionField
              key={`${name} ${values.blankAnswers}`}
              name={name}
              question={question}
              draft={values.drafts[name] ?? { saved: false, value: "" }}
              error={touched.has(name) ? undefined : errors[name]}
              onChange={(draft) => answer(name, draft)}
            />
          ))}
        </fieldset>
      )}
      <Preview preview={info.preview} />
      {purpose !== "change" && (
        <Disclosure summary={t("install.more")}>
          <VersionSelect subject={subject} version={version} onChange={setVersion} />
        </Disclosure>
      )}
    </form>
  );
}
