import type { NewAccount } from "@/api/types";
import type { Key } from "@/i18n/catalogue";
import { isLongEnough } from "./strength";

export interface SetupForm extends Omit<NewAccount, "admin"> {
  again: string;
}

export type SetupErrors = Partial<Record<keyof SetupForm, Extract<Key, `invalid.${string}`>>>;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^\+?[\d\s\-().]*\d[\d\s\-().]*$/;

/** The errors of the form by field. The rules are those of the appliance. */
export function validate(form: SetupForm): SetupErrors {
  const errors: SetupErrors = {};
  if (!form.username.trim()) {
    errors.username = "invalid.username";
  }
  if (!isLongEnough(form.password)) {
    errors.password = "invalid.password_short";
  } else if (form.password !== form.again) {
    errors.again = "invalid.password_differs";
  }
  if (!form.real_name.trim()) {
    errors.real_name = "invalid.real_name";
  }
  if (!EMAIL.test(form.email.trim())) {
    errors.email = "invalid.email";
  }
  if (!PHONE.test(form.phone.trim())) {
    errors.phone = "invalid.phone";
  }
  return errors;
}
