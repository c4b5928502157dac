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
import { type Filled, unfilled } from "./filled";
import type { Offer } from "./offer";
import { Preview } from "./preview";
import { VersionSelect } from "./version-select";

interface InstallFormProps {
  id: string;
  purpose: Purpose;
  subject: Subject;
  version: string;
  setVersion: (version: string) => void;
  offer: Offer;
  /** The form as it was before the appliance refused, if it did. */
  before: Filled | null;
  errors: Readonly<Record<string, string>>;
  onSubmit: (filled: Filled) => void;
}

/** What shall become of the data that is there, the questions of a package, and what installing it will make. */
export function InstallForm({ id, purpose, subject, version, setVersion, offer, before, errors, onSubmit }: InstallFormProps) {
  const { t } = useI18n();
  const form = useRef<HTMLFormElement>(null);
  const [filled, setFilled] = useState(() => before ?? unfilled(purpose, offer));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const questions = Object.entries(offer.questions);
  const refused = Object.keys(errors).length > 0;
  const remembers = purpose !== "change" && questions.some(([name]) => offer.kept[name]);

  useEffect(() => {
    if (refused && form.current) {
      focusFirstInvalid(form.current);
    }
  }, [refused]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(filled);
  };
  const answer = (name: string, draft: Draft) => {
    setFilled({ ...filled, drafts: { ...filled.drafts, [name]: draft } });
    setTouched(new Set([...touched, name]));
  };
  const forget = (value: boolean) => setFilled({ ...filled, forget: value, drafts: draftsOf(offer.questions, value ? {} : offer.kept) });

  return (
    <form ref={form} id={id} noValidate onSubmit={submit} className="flex flex-col gap-6">
      {refused && <Notice tone="bad">{t("install.check_answers")}</Notice>}
      {purpose === "install" && <DataChoices data={offer.data} filled={filled} onChange={setFilled} />}
      {questions.length > 0 && (
        <fieldset className="flex flex-col gap-5">
          <legend className="mb-3 text-sm font-semibold text-muted">{t("install.questions")}</legend>
          {remembers && (
            <Checkbox checked={filled.forget} onChange={forget}>
              {t("install.blank_answers")}
            </Checkbox>
          )}
          {questions.map(([name, question]) => (
            <QuestionField
              key={`${name} ${filled.forget}`}
              name={name}
              question={question}
              draft={filled.drafts[name] ?? { kept: false, value: "" }}
              error={touched.has(name) ? undefined : errors[name]}
              onChange={(draft) => answer(name, draft)}
            />
          ))}
        </fieldset>
      )}
      <Preview preview={offer.preview} />
      {purpose !== "change" && (
        <Disclosure summary={t("install.more")}>
          <VersionSelect subject={subject} version={version} onChange={setVersion} />
        </Disclosure>
      )}
    </form>
  );
}
