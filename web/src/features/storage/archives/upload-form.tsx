import { type FormEvent, useState } from "react";
import { Field } from "@/components/ui/field";
import { FileInput } from "@/components/ui/file-input";
import { Input } from "@/components/ui/input";
import { focusFirstInvalid } from "@/components/focus-first-invalid";
import { type Translate, useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { useByteSetting } from "../queries";
import type { StoredVolume } from "../volume";
import { isArchiveName, UPLOAD_EXTENSIONS } from "./formats";
import { StopChoice } from "./stop-choice";

export const UPLOAD_FORM = "upload-archive";

export interface UploadWanted {
  file: File | null;
  subpath: string;
  stop: boolean;
}

interface UploadFormProps {
  volume: StoredVolume;
  wanted: UploadWanted;
  setWanted: (wanted: UploadWanted) => void;
  /** The errors of the fields from the appliance. */
  errors: Readonly<Record<string, string>>;
  onSubmit: (file: File) => void;
}

/** Which archive, and where it goes. What the page can check is checked before anything is sent. */
export function UploadForm({ volume, wanted, setWanted, errors, onSubmit }: UploadFormProps) {
  const { t, locale } = useI18n();
  const limit = useByteSetting("max_archive_size").data;
  const [tried, setTried] = useState(false);
  const { file, subpath, stop } = wanted;
  const wrong = problemOf(t, locale, file, limit);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (file && !wrong) {
      onSubmit(file);
    } else {
      focusFirstInvalid(event.currentTarget);
    }
  };
  return (
    <form id={UPLOAD_FORM} noValidate onSubmit={send} className="flex flex-col gap-5">
      <Field
        label={t("upload.file")}
        hint={limit ? t("upload.file_hint_limit", { extensions: UPLOAD_EXTENSIONS.join(", "), limit: sizeText(limit, locale) }) : t("upload.file_hint", { extensions: UPLOAD_EXTENSIONS.join(", ") })}
        error={(tried || file) && wrong ? wrong : errors["archive"]}
      >
        {(control) => (
          <FileInput
            {...control}
            accept={UPLOAD_EXTENSIONS.join(",")}
            file={file}
            onChange={(chosen) => setWanted({ ...wanted, file: chosen })}
            choose={t("upload.choose")}
            none={t("upload.none_chosen")}
          />
        )}
      </Field>
      <Field label={t("upload.subpath")} hint={t("upload.subpath_hint")} error={errors["subpath"]}>
        {(control) => <Input {...control} value={subpath} onChange={(event) => setWanted({ ...wanted, subpath: event.target.value })} autoComplete="off" autoCapitalize="none" spellCheck={false} />}
      </Field>
      <StopChoice volume={volume} during="upload" checked={stop} onChange={(checked) => setWanted({ ...wanted, stop: checked })} />
    </form>
  );
}

function problemOf(t: Translate, locale: string, file: File | null, limit: number | undefined): string | null {
  if (!file) {
    return t("upload.file_missing");
  }
  if (!isArchiveName(file.name)) {
    return t("upload.file_kind", { extensions: UPLOAD_EXTENSIONS.join(", ") });
  }
  return limit && file.size > limit ? t("upload.file_large", { size: sizeText(file.size, locale), limit: sizeText(limit, locale) }) : null;
}
