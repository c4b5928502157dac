import { type FormEvent, useState } from "react";
import type { DownloadRequest } from "@/api/types";
import { ErrorText } from "@/components/state";
import { DialogFrame, DialogPanel } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Select } from "@/components/ui/select";
import { chooseSink, savesWhileItComes } from "@/features/transfers/sink";
import { TransferView } from "@/features/transfers/transfer-view";
import { useTransfers } from "@/features/transfers/transfers";
import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { FormButtons } from "../form-parts";
import { type StoredVolume, volumeText } from "../volume";
import { DOWNLOAD_FORMATS, type DownloadFormat, downloadName, pathsOf } from "./formats";
import { StopChoice } from "./stop-choice";
import { useFormTransfer } from "./use-form-transfer";

const FORM = "download-archive";
/** More than a phone should keep in memory. */
const MUCH_BYTES = 512 * 1024 ** 2;

interface DownloadDialogProps {
  volume: StoredVolume;
  onClose: () => void;
}

interface Wanted {
  fileName: string;
  format: DownloadFormat;
  paths: string;
  stop: boolean;
}

/** Downloads a volume, or a part of it, as an archive. */
export function DownloadDialog(props: DownloadDialogProps) {
  return (
    <DialogFrame onClose={props.onClose}>
      <Saving {...props} />
    </DialogFrame>
  );
}

function Saving({ volume, onClose }: DownloadDialogProps) {
  const { t } = useI18n();
  const { download } = useTransfers();
  const [wanted, setWanted] = useState<Wanted>({ fileName: volume.name.replaceAll("/", "-"), format: "tar.gz", paths: "", stop: false });
  const [saveError, setSaveError] = useState<Error | null>(null);
  const { transfer, errors, follow, clearErrors } = useFormTransfer(fieldOf);
  if (transfer) {
    return <TransferView {...transfer} onBack={() => follow(null)} onClose={onClose} />;
  }
  const change = (next: Wanted) => {
    setWanted(next);
    setSaveError(null);
    clearErrors();
  };
  const start = async () => {
    const fileName = downloadName(wanted.fileName, wanted.format);
    const sink = await chooseSink(fileName);
    if (sink) {
      follow(download({ name: volumeText(t, volume), fileName, request: requestOf(volume, wanted), sink }));
    }
  };
  return (
    <DialogPanel
      title={t("download.title", { name: volumeText(t, volume) })}
      description={t("download.description")}
      footer={<FormButtons form={FORM} submit={t("download.submit")} onClose={onClose} />}
    >
      <DownloadForm volume={volume} wanted={wanted} setWanted={change} error={errors["paths"]} onSubmit={() => void start().catch(setSaveError)} />
      {saveError && (
        <Notice tone="bad" className="mt-4" title={t("download.cannot_save")}>
          <ErrorText error={saveError} />
        </Notice>
      )}
    </DialogPanel>
  );
}

/** The field of the form that a field of the request stands for: `paths[2]` is one of several in one field. */
function fieldOf(name: string): string | null {
  return name.startsWith("paths") ? "paths" : null;
}

function requestOf({ path, service }: StoredVolume, { fileName, format, paths, stop }: Wanted): DownloadRequest {
  return { subvolume: path, format, filename: fileName, paths: pathsOf(paths), ...(stop && service && { stop_service: service }) };
}

interface DownloadFormProps {
  volume: StoredVolume;
  wanted: Wanted;
  setWanted: (wanted: Wanted) => void;
  error: string | undefined;
  onSubmit: () => void;
}

function DownloadForm({ volume, wanted, setWanted, error, onSubmit }: DownloadFormProps) {
  const { t } = useI18n();
  const { fileName, format, paths, stop } = wanted;
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form id={FORM} noValidate onSubmit={send} className="flex flex-col gap-5">
      <Field label={t("download.file_name")} hint={t("download.file_name_hint", { name: downloadName(fileName, format) })}>
        {(control) => <Input {...control} value={fileName} onChange={(event) => setWanted({ ...wanted, fileName: event.target.value })} autoComplete="off" placeholder="download" />}
      </Field>
      <Field label={t("download.format")} hint={t("download.format_hint")}>
        {(control) => (
          <Select {...control} value={format} onChange={(event) => setWanted({ ...wanted, format: event.target.value as DownloadFormat })}>
            {DOWNLOAD_FORMATS.map((each) => (
              <option key={each} value={each}>
                {t(`download.${each}`)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={t("download.paths")} hint={t("download.paths_hint")} error={error}>
        {(control) => <Input {...control} value={paths} onChange={(event) => setWanted({ ...wanted, paths: event.target.value })} autoComplete="off" autoCapitalize="none" spellCheck={false} />}
      </Field>
      <MemoryNote size={volume.filesystem.referenced} />
      <StopChoice volume={volume} during="download" checked={stop} onChange={(checked) => setWanted({ ...wanted, stop: checked })} />
    </form>
  );
}

/** Warns of a large download that this browser keeps in memory until it is complete. */
function MemoryNote({ size }: { size: number }) {
  const { t, locale } = useI18n();
  return size > MUCH_BYTES && !savesWhileItComes() ? <Notice tone="info">{t("download.memory", { size: sizeText(size, locale) })}</Notice> : null;
}
