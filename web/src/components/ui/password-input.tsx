import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { useI18n } from "@/i18n/i18n";
import { Input } from "./input";

/** A password field with a button that shows the password. */
export function PasswordInput(props: Omit<ComponentProps<typeof Input>, "type">) {
  const { t } = useI18n();
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <Input {...props} type={shown ? "text" : "password"} className="pe-12" autoCapitalize="none" spellCheck={false} />
      <button
        type="button"
        className="absolute inset-y-0.5 end-0.5 grid w-10 place-items-center rounded-lg text-muted hover:text-ink"
        aria-label={shown ? t("action.hide_password") : t("action.show_password")}
        onClick={() => setShown(!shown)}
      >
        <Icon aria-hidden className="size-4" />
      </button>
    </div>
  );
}
