import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { DialogFrame, DialogPanel } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { focusFirstInvalid } from "@/components/focus-first-invalid";
import { OperationView } from "@/features/operations/operation-view";
import { useOperation } from "@/features/operations/use-operation";
import { useI18n } from "@/i18n/i18n";
import { FormButtons } from "../form-parts";

const FORM = "add-image";

interface Wanted {
  url: string;
  name: string;
}

/** Adds a VM image from a web address. */
export function AddImageDialog({ onClose }: { onClose: () => void }) {
  return (
    <DialogFrame onClose={onClose}>
      <Addition onClose={onClose} />
    </DialogFrame>
  );
}

function Addition({ onClose }: { onClose: () => void }) {
  const { t, locale } = useI18n();
  const [wanted, setWanted] = useState<Wanted>({ url: "", name: "" });
  const name = wanted.name || fileName(wanted.url);
  const handle = useOperation(name, "image");
  const { progress, start, reset } = handle;
  const errors = progress.phase === "failed" ? progress.error.byField(locale) : {};
  if (progress.phase !== "idle" && !Object.keys(errors).length) {
    const again = (
      <Button variant="outline" onClick={reset}>
        {t("images.back")}
      </Button>
    );
    return <OperationView action="image" name={name} handle={handle} again={again} onClose={onClose} />;
  }
  return (
    <DialogPanel
      title={t("images.add_title")}
      description={t("images.add_description")}
      footer={<FormButtons form={FORM} submit={t("images.add_submit")} onClose={onClose} />}
    >
      <AddForm wanted={wanted} setWanted={setWanted} errors={errors} onSubmit={() => start("/vm-images/upload", wanted)} />
    </DialogPanel>
  );
}

interface AddFormProps {
  wanted: Wanted;
  setWanted: (wanted: Wanted) => void;
  errors: Readonly<Record<string, string>>;
  onSubmit: () => void;
}

function AddForm({ wanted: { url, name }, setWanted, errors, onSubmit }: AddFormProps) {
  const { t } = useI18n();
  const [tried, setTried] = useState(false);
  const missing = !url.trim();
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (missing) {
      focusFirstInvalid(event.currentTarget);
    } else {
      onSubmit();
    }
  };
  return (
    <form id={FORM} noValidate onSubmit={send} className="flex flex-col gap-5">
      <Field label={t("images.url")} hint={t("images.url_hint")} error={tried && missing ? t("images.url_missing") : errors["url"]}>
        {(control) => <Input {...control} type="url" value={url} onChange={(event) => setWanted({ url: event.target.value, name })} autoComplete="off" placeholder="https://" />}
      </Field>
      <Field label={t("images.name")} hint={t("images.name_hint")} error={errors["name"]}>
        {(control) => <Input {...control} value={name} onChange={(event) => setWanted({ url, name: event.target.value })} autoComplete="off" autoCapitalize="none" spellCheck={false} placeholder={fileName(url)} />}
      </Field>
    </form>
  );
}

/** The last part of an address, which is the default name of the image. */
function fileName(url: string): string {
  return url.split(/[?#]/, 1)[0]?.split("/").at(-1) ?? "";
}
