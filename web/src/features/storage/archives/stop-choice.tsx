import { Checkbox } from "@/components/ui/checkbox";
import { useI18n } from "@/i18n/i18n";
import type { StoredVolume } from "../volume";

interface StopChoiceProps {
  volume: StoredVolume;
  during: "upload" | "download";
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** Whether to stop the service during the transfer. Not shown for volumes that no service uses. */
export function StopChoice({ volume: { owner, service }, during, checked, onChange }: StopChoiceProps) {
  const { t } = useI18n();
  if (!owner || !service) {
    return null;
  }
  return (
    <div>
      <Checkbox checked={checked} onChange={onChange}>
        {t(`${during}.stop`, { name: owner.name })}
      </Checkbox>
      <p className="ps-7 text-sm text-muted">{t(`${during}.stop_text`, { name: owner.name })}</p>
    </div>
  );
}
