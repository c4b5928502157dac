import { type FormEvent, useState } from "react";
import { ApiError } from "@/api/errors";
import { focusFirstInvalid } from "@/components/focus-first-invalid";
import { ErrorText } from "@/components/state";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { PasswordInput } from "@/components/ui/password-input";
import { useI18n } from "@/i18n/i18n";
import { useSignIn } from "./use-sign-in";

const UNAUTHORIZED = 401;
const TOO_MANY = 429;
const USUAL_WAIT_SECONDS = 60;

export function SignInForm() {
  const { t } = useI18n();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const signIn = useSignIn();

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (username.trim() && password) {
      signIn.mutate({ username: username.trim(), password });
    } else {
      focusFirstInvalid(event.currentTarget);
    }
  };

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-5">
      <Field label={t("account.username")} error={tried && !username.trim() ? t("login.username_missing") : undefined}>
        {(control) => (
          <Input {...control} name="username" required autoComplete="username" autoCapitalize="none" spellCheck={false} value={username} onChange={(event) => setUsername(event.target.value)} />
        )}
      </Field>
      <Field label={t("account.password")} error={tried && !password ? t("invalid.password_missing") : undefined}>
        {(control) => (
          <PasswordInput {...control} name="password" required autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        )}
      </Field>
      {signIn.error && (
        <Notice tone="bad">
          <Refusal error={signIn.error} />
        </Notice>
      )}
      <Button type="submit" size="large" busy={signIn.isPending}>
        {signIn.isPending ? t("login.submitting") : t("login.submit")}
      </Button>
    </form>
  );
}

function Refusal({ error }: { error: Error }) {
  const { t } = useI18n();
  if (error instanceof ApiError && error.status === UNAUTHORIZED) {
    return t("login.failed");
  }
  if (error instanceof ApiError && error.status === TOO_MANY) {
    return t("login.throttled", { seconds: error.retryAfterSeconds ?? USUAL_WAIT_SECONDS });
  }
  return <ErrorText error={error} />;
}
