import { type ComponentProps, useState } from "react";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useI18n } from "@/i18n/i18n";
import { type Amount, amountOf, answerOf, NO_AMOUNT, type Unit, UNITS } from "./amount";

interface AmountInputProps extends Omit<ComponentProps<typeof Input>, "value" | "onChange"> {
  value: string;
  /** The answer that an empty field stands for. */
  preset: string;
  onChange: (value: string) => void;
}

/** An amount of storage: a number, and a unit to choose. */
export function AmountInput({ value, preset, onChange, ...control }: AmountInputProps) {
  const { t } = useI18n();
  const [amount, setAmount] = useState<Amount>(() => ({ ...NO_AMOUNT, ...amountOf(value || preset), ...(!value && { digits: "" }) }));
  const change = (next: Amount) => {
    setAmount(next);
    onChange(answerOf(next));
  };
  return (
    <div className="flex gap-2">
      <Input {...control} value={amount.digits} inputMode="numeric" onChange={(event) => change({ ...amount, digits: event.target.value })} />
      <Select
        className="w-24 shrink-0"
        aria-label={t("question.unit")}
        value={amount.unit}
        onChange={(event) => change({ ...amount, unit: event.target.value as Unit })}
      >
        {UNITS.map((unit) => (
          <option key={unit} value={unit}>
            {unit.toUpperCase()}
          </option>
        ))}
      </Select>
    </div>
  );
}
