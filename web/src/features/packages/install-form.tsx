import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Answers } from "@/api/types";
import { focusFirstInvalid } from "@/components/focus-first-invalid";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { answersOf, type Draft, type Drafts, draftsOf } from "./answers";
import { Preview } from "./preview";
import type { Offer } from "./queries";
import { QuestionField } from "./question-field";

interface InstallFormProps {
  id: string;
  offer: Offer;
  /** What was answered before the appliance refused, if it did. */
  before: Drafts | null;
  errors: Readonly<Record<string, string>>;
  onSubmit: (answers: Answers, drafts: Drafts) => void;
}

/** The questions of a package, and what installing it will make. */
export function InstallForm({ id, offer, before, errors, onSubmit }: InstallFormProps) {
  const { t } = useI18n();
  const form = useRef<HTMLFormElement>(null);
  const [drafts, setDrafts] = useState<Drafts>(() => before ?? draftsOf(offer.questions, offer.kept));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const questions = Object.entries(offer.questions);
  const refused = Object.keys(errors).length > 0;

  useEffect(() => {
    if (refused && form.current) {
      focusFirstInvalid(form.current);
    }
  }, [refused]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(answersOf(offer.questions, drafts), drafts);
  };
  const change = (name: string, draft: Draft) => {
    setDrafts({ ...drafts, [name]: draft });
    setTouched(new Set([...touched, name]));
  };

  return (
    <form ref={form} id={id} noValidate onSubmit={submit} className="flex flex-col gap-5">
      {refused && <Notice tone="bad">{t("install.check_answers")}</Notice>}
      {questions.length > 0 && (
        <fieldset className="flex flex-col gap-5">
          <legend className="mb-3 text-sm font-semibold text-muted">{t("install.questions")}</legend>
          {questions.map(([name, question]) => (
            <QuestionField
              key={name}
              name={name}
              question={question}
              draft={drafts[name] ?? { kept: false, value: "" }}
              error={touched.has(name) ? undefined : errors[name]}
              onChange={(draft) => change(name, draft)}
            />
          ))}
        </fieldset>
      )}
      <Preview preview={offer.preview} />
    </form>
  );
}
