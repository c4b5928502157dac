import { type FormEvent, useState } from "react";
import { bytesOfSize, type Size, sizeOf } from "@/components/size";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { focusFirstInvalid } from "@/components/focus-first-invalid";
import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { LimitField } from "../user-volumes/limit-field";
import { FormButtons, Refused } from "../form-parts";
import { useChange } from "../use-change";
import { type StoredVolume, volumeText } from "../volume";
import { VolumeFacts } from "./volume-facts";

const FORM = "modify-volume";

interface ModifyDialogProps {
  volume: StoredVolume;
  onClose: () => void;
}

/** Changes the limit of a volume, and the name of one that belongs to no package. */
export function ModifyDialog({ volume, onClose }: ModifyDialogProps) {
  const { t } = useI18n();
  const change = useChange("/storage/modify", onClose);
  return (
    <Dialog
      onClose={onClose}
      title={t("modify.title", { name: volumeText(t, volume) })}
      description={t(volume.owner ? "modify.description_package" : "modify.description")}
      footer={<FormButtons form={FORM} submit={t("modify.submit")} busy={change.busy} onClose={onClose} />}
    >
      <ModifyForm volume={volume} change={change} />
    </Dialog>
  );
}

function ModifyForm({ volume, change: { submit, error, fields } }: { volume: StoredVolume; change: ReturnType<typeof useChange> }) {
  const { t } = useI18n();
  const { filesystem, owner } = volume;
  const known = filesystem.internal_name ?? filesystem.name;
  const [name, setName] = useState(known);
  const [limit, setLimit] = useState<Size>(() => sizeOf(filesystem.quota));
  const [tried, setTried] = useState(false);
  const quota = bytesOfSize(limit);
  const errors = {
    name: tried && !name.trim() ? t("create.name_missing") : fields["filesystem.name"],
    quota: tried && quota === null ? t("limit.invalid") : fields["filesystem.quota"],
  };
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() && quota !== null) {
      submit({ name: known, filesystem: { name: name.trim(), quota } });
    } else {
      focusFirstInvalid(event.currentTarget);
    }
  };
  return (
    <form id={FORM} noValidate onSubmit={send} className="flex flex-col gap-5">
      <VolumeFacts volume={volume} />
      {!owner && (
        <Field label={t("create.name")} hint={t("create.name_hint")} error={errors.name}>
          {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" autoCapitalize="none" spellCheck={false} />}
        </Field>
      )}
      <LimitField value={limit} onChange={setLimit} error={errors.quota} />
      <TooSmall used={filesystem.referenced} quota={quota} />
      <Refused error={error} shown={owner ? ["filesystem.quota"] : ["filesystem.name", "filesystem.quota"]} />
    </form>
  );
}

/** Warns of a limit that is below the current use. */
function TooSmall({ used, quota }: { used: number; quota: number | null }) {
  const { t, locale } = useI18n();
  return quota && quota < used ? <Notice tone="warn">{t("modify.too_small", { used: sizeText(used, locale) })}</Notice> : null;
}
