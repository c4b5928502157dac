import type { ComponentProps } from "react";
import { useI18n } from "@/i18n/i18n";
import { SIZE_UNITS, type Size, type SizeUnit } from "./size";
import { Input } from "./ui/input";
import { Select } from "./ui/select";

interface SizeInputProps extends Omit<ComponentProps<typeof Input>, "value" | "onChange"> {
  value: Size;
  onChange: (value: Size) => void;
}

/** An amount of storage: a number, and a unit to choose. */
export function SizeInput({ value, onChange, ...control }: SizeInputProps) {
  const { t } = useI18n();
  return (
    <div className="flex gap-2">
      <Input {...control} value={value.digits} inputMode="decimal" onChange={(event) => onChange({ ...value, digits: event.target.value })} />
      <Select className="w-28 shrink-0" aria-label={t("size.unit")} value={value.unit} onChange={(event) => onChange({ ...value, unit: event.target.value as SizeUnit })}>
        {SIZE_UNITS.map((unit) => (
          <option key={unit} value={unit}>
            {t(`size.${unit}`)}
          </option>
        ))}
      </Select>
    </div>
  );
}
