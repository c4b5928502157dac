import { type FormEvent, useState } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { FormButtons, Refused } from "../form-parts";
import { useChange } from "../use-change";
import type { StoredVolume } from "../volume";

const FORM = "delete-filesystem";

/** Deletes a user volume after a confirmation. */
export function DeleteDialog({ volume: { name, filesystem }, onClose }: { volume: StoredVolume; onClose: () => void }) {
  const { t, locale } = useI18n();
  const [understood, setUnderstood] = useState(false);
  const { submit, busy, error } = useChange("/storage/remove", onClose);
  const send = (event: FormEvent) => {
    event.preventDefault();
    submit({ name: filesystem.name });
  };
  return (
    <Dialog
      onClose={onClose}
      title={t("delete.title", { name })}
      description={t("delete.description")}
      footer={<FormButtons form={FORM} submit={t("delete.submit")} danger busy={busy} disabled={!understood} onClose={onClose} />}
    >
      <form id={FORM} onSubmit={send} className="flex flex-col gap-4">
        <Notice tone="bad">{filesystem.referenced ? t("delete.lost", { size: sizeText(filesystem.referenced, locale) }) : t("delete.lost_nothing")}</Notice>
        <Checkbox checked={understood} onChange={setUnderstood}>
          {t("task.understood")}
        </Checkbox>
        <Refused error={error} />
      </form>
    </Dialog>
  );
}
