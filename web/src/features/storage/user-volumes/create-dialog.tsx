import { type FormEvent, useState } from "react";
import { bytesOfSize, type Size, sizeOf } from "@/components/size";
import { Loading } from "@/components/state";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { focusFirstInvalid } from "@/components/focus-first-invalid";
import { useI18n } from "@/i18n/i18n";
import { usePing } from "@/session/ping";
import { useChange } from "../use-change";
import { FormButtons, Refused } from "../form-parts";
import { LimitField } from "./limit-field";

const FORM = "create-volume";
const NO_LIMIT_YET: Size = { digits: "", unit: "gigabyte" };

/** Creates a volume. */
export function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useI18n();
  const { ping } = usePing();
  const change = useChange("/storage/create", onClose);
  return (
    <Dialog
      onClose={onClose}
      title={t("create.title")}
      description={t("create.description")}
      footer={<FormButtons form={FORM} submit={t("create.submit")} busy={change.busy} onClose={onClose} />}
    >
      {ping === undefined ? (
        <Loading className="py-6">{t("create.loading")}</Loading>
      ) : (
        <CreateForm preset={ping.default_quota} change={change} />
      )}
    </Dialog>
  );
}

function CreateForm({ preset, change: { submit, error, fields } }: { preset: number | undefined; change: ReturnType<typeof useChange> }) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const [limit, setLimit] = useState<Size>(() => (preset === undefined ? NO_LIMIT_YET : sizeOf(preset)));
  const [tried, setTried] = useState(false);
  const quota = bytesOfSize(limit);
  const errors = {
    name: tried && !name.trim() ? t("create.name_missing") : fields["name"],
    quota: tried && quota === null ? t("limit.invalid") : fields["quota"],
  };
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() && quota !== null) {
      submit({ name: name.trim(), quota });
    } else {
      focusFirstInvalid(event.currentTarget);
    }
  };
  return (
    <form id={FORM} noValidate onSubmit={send} className="flex flex-col gap-5">
      <Field label={t("create.name")} hint={t("create.name_hint")} error={errors.name}>
        {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" autoCapitalize="none" spellCheck={false} />}
      </Field>
      <LimitField value={limit} onChange={setLimit} error={errors.quota} />
      <Refused error={error} shown={["name", "quota"]} />
    </form>
  );
}
