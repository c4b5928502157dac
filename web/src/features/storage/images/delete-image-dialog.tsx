import type { FormEvent } from "react";
import { Dialog } from "@/components/ui/dialog";
import { useI18n } from "@/i18n/i18n";
import { FormButtons, Refused } from "../form-parts";
import { useChange } from "../use-change";

const FORM = "delete-image";

/** Deletes a VM image; the appliance refuses if a package uses it, and says which. */
export function DeleteImageDialog({ image, onClose }: { image: string; onClose: () => void }) {
  const { t } = useI18n();
  const { submit, busy, error } = useChange("/vm-images/delete", onClose);
  const send = (event: FormEvent) => {
    event.preventDefault();
    submit({ name: image });
  };
  return (
    <Dialog
      onClose={onClose}
      title={t("delete.title", { name: image })}
      description={t("images.delete_description")}
      footer={<FormButtons form={FORM} submit={t("images.delete_submit")} danger busy={busy} onClose={onClose} />}
    >
      <form id={FORM} onSubmit={send}>
        <Refused error={error} />
      </form>
    </Dialog>
  );
}
