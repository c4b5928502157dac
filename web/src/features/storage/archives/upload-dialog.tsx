import { useState } from "react";
import type { UploadFields } from "@/api/types";
import { DialogFrame, DialogPanel } from "@/components/ui/dialog";
import { TransferView } from "@/features/transfers/transfer-view";
import { useTransfers } from "@/features/transfers/transfers";
import { useI18n } from "@/i18n/i18n";
import { FormButtons } from "../form-parts";
import { type StoredVolume, volumeText } from "../volume";
import { UPLOAD_FORM, UploadForm, type UploadWanted } from "./upload-form";
import { useFormTransfer } from "./use-form-transfer";

interface UploadDialogProps {
  volume: StoredVolume;
  onClose: () => void;
}

/** Uploads an archive into a volume. */
export function UploadDialog(props: UploadDialogProps) {
  return (
    <DialogFrame onClose={props.onClose}>
      <Sending {...props} />
    </DialogFrame>
  );
}

function Sending({ volume, onClose }: UploadDialogProps) {
  const { t } = useI18n();
  const { upload } = useTransfers();
  const [wanted, setWanted] = useState<UploadWanted>({ file: null, subpath: "", stop: false });
  const { transfer, errors, follow, clearErrors } = useFormTransfer(fieldOf);
  const name = volumeText(t, volume);
  if (transfer) {
    return <TransferView {...transfer} onBack={() => follow(null)} onClose={onClose} />;
  }
  const change = (next: UploadWanted) => {
    setWanted(next);
    clearErrors();
  };
  const start = (file: File) => follow(upload({ name, file, fields: fieldsOf(volume, wanted) }));
  return (
    <DialogPanel
      title={t("upload.title", { name })}
      description={t("upload.description")}
      footer={<FormButtons form={UPLOAD_FORM} submit={t("upload.submit")} onClose={onClose} />}
    >
      <UploadForm volume={volume} wanted={wanted} setWanted={change} errors={errors} onSubmit={start} />
    </DialogPanel>
  );
}

/** The field of the form that a field of the request stands for. */
function fieldOf(name: string): string | null {
  return name === "archive" || name === "subpath" ? name : null;
}

function fieldsOf({ path, service }: StoredVolume, { subpath, stop }: UploadWanted): UploadFields {
  const within = subpath.trim().replace(/^\/+|\/+$/g, "");
  return { subvolume: path, ...(within && { subpath: within }), ...(stop && service && { stop_service: service }) };
}
