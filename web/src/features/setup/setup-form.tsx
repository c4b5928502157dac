import { type FormEvent, type HTMLAttributes, type HTMLInputTypeAttribute, type ReactNode, useState } from "react";
import { ApiError } from "@/api/errors";
import { ErrorText } from "@/components/state";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { PasswordInput } from "@/components/ui/password-input";
import { focusFirstInvalid } from "@/components/focus-first-invalid";
import { useI18n } from "@/i18n/i18n";
import { StrengthMeter } from "./strength-meter";
import { useSetup } from "./use-setup";
import { type SetupErrors, type SetupForm as Form, validate } from "./validate";

const EMPTY: Form = { username: "", password: "", again: "", real_name: "", email: "", phone: "" };

interface Row {
  name: "real_name" | "email" | "phone";
  type?: HTMLInputTypeAttribute;
  complete: string;
  mode?: HTMLAttributes<HTMLInputElement>["inputMode"];
}

const CONTACTS: readonly Row[] = [
  { name: "real_name", complete: "name" },
  { name: "email", complete: "email", mode: "email" },
  { name: "phone", type: "tel", complete: "tel" },
];

export function SetupForm() {
  const { t, locale } = useI18n();
  const [form, setForm] = useState(EMPTY);
  const [errors, setErrors] = useState<SetupErrors>({});
  const setup = useSetup();
  const refused = setup.error instanceof ApiError ? setup.error.byField(locale) : {};

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = validate(form);
    setErrors(found);
    if (Object.keys(found).length) {
      focusFirstInvalid(event.currentTarget);
      return;
    }
    setup.mutate({ username: form.username.trim(), password: form.password, real_name: form.real_name.trim(), email: form.email.trim(), phone: form.phone.trim() });
  };
  const change = (name: keyof Form, value: string) => {
    setForm({ ...form, [name]: value });
    setErrors(without(errors, name));
  };
  const errorOf = (name: keyof Form) => {
    const key = errors[name];
    return key ? t(key) : refused[name];
  };
  const text = (name: keyof Form) => ({ name, value: form[name], onChange: (event: { target: { value: string } }) => change(name, event.target.value) });

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-7">
      <Group legend={t("setup.sign_in")}>
        <Field label={t("account.username")} hint={t("account.username_hint")} error={errorOf("username")}>
          {(control) => <Input {...control} {...text("username")} required autoComplete="username" autoCapitalize="none" spellCheck={false} />}
        </Field>
        <Field label={t("account.password")} hint={form.password ? <StrengthMeter password={form.password} /> : t("account.password_hint")} error={errorOf("password")}>
          {(control) => <PasswordInput {...control} {...text("password")} required autoComplete="new-password" />}
        </Field>
        <Field label={t("account.confirm_password")} error={errorOf("again")}>
          {(control) => <PasswordInput {...control} {...text("again")} required autoComplete="new-password" />}
        </Field>
      </Group>
      <Group legend={t("setup.contact")} why={t("setup.contact_why")}>
        {CONTACTS.map(({ name, type, complete, mode }) => (
          <Field key={name} label={t(`account.${name}`)} error={errorOf(name)}>
            {(control) => <Input {...control} {...text(name)} required type={type} autoComplete={complete} inputMode={mode} />}
          </Field>
        ))}
      </Group>
      {setup.error && (
        <Notice tone="bad">
          <ErrorText error={setup.error} />
        </Notice>
      )}
      <Button type="submit" size="large" busy={setup.isPending}>
        {setup.isPending ? t("setup.submitting") : t("setup.submit")}
      </Button>
    </form>
  );
}

function without(errors: SetupErrors, name: keyof Form): SetupErrors {
  const { [name]: _, ...others } = errors;
  return others;
}

function Group({ legend, why, children }: { legend: string; why?: string; children: ReactNode }) {
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="mb-3 text-base font-semibold">{legend}</legend>
      {why && <p className="-mt-2 text-sm text-muted">{why}</p>}
      {children}
    </fieldset>
  );
}
