import { useState } from "react";
import type { Question } from "@/api/types";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { PasswordInput } from "@/components/ui/password-input";
import { useI18n } from "@/i18n/i18n";
import { amountOf } from "./amount";
import { AmountInput } from "./amount-input";
import { BYTES, type Draft, SECRET, shownDefault, typeHelp, typeHint } from "./answers";
import { SavedAnswer } from "./saved-answer";

interface QuestionFieldProps {
  name: string;
  question: Question;
  draft: Draft;
  error: string | undefined;
  onChange: (draft: Draft) => void;
}

/** One question of a package. */
export function QuestionField({ name, question, draft, error, onChange }: QuestionFieldProps) {
  const label = question.query || name;
  if (draft.saved) {
    return <SavedAnswer name={name} label={label} value={draft.value} secret={question.type === SECRET} error={error} onClear={() => onChange({ saved: false, value: "" })} />;
  }
  return <OpenQuestion name={name} label={label} question={question} value={draft.value} error={error} onChange={(value) => onChange({ saved: false, value })} />;
}

interface OpenQuestionProps {
  name: string;
  label: string;
  question: Question;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function OpenQuestion({ name, label, question, value, error, onChange }: OpenQuestionProps) {
  const { t } = useI18n();
  const preset = shownDefault(question);
  const [amount] = useState(question.type === BYTES && amountOf(value) !== null && amountOf(preset) !== null);
  const hint = typeHint(question);
  const help = typeHelp(question);
  const attributes = {
    name,
    placeholder: preset ? t("question.default", { value: preset }) : hint && t(hint),
    inputMode: question.type === "port" ? "numeric" : undefined,
    autoComplete: question.type === SECRET ? "new-password" : "off",
    autoCapitalize: "none",
    spellCheck: false,
  } as const;
  const Control = question.type === SECRET ? PasswordInput : Input;
  return (
    <Field label={label} hint={(preset || help) && <Hint preset={preset} help={help && t(help)} />} error={error}>
      {(control) =>
        amount ? (
          <AmountInput {...control} {...attributes} value={value} preset={preset} onChange={onChange} />
        ) : (
          <Control {...control} {...attributes} value={value} onChange={(event) => onChange(event.target.value)} />
        )
      }
    </Field>
  );
}

function Hint({ preset, help }: { preset: string; help: string | undefined }) {
  return (
    <>
      {help && <span className="block">{help}</span>}
      {preset && <DefaultHint value={preset} />}
    </>
  );
}

function DefaultHint({ value }: { value: string }) {
  const { t } = useI18n();
  return (
    <span className="break-words">
      {t("question.default_label")} <code className="rounded-sm bg-subtle px-1 py-0.5 font-mono text-[0.8125rem] text-ink">{value}</code>
    </span>
  );
}
