import type { Operation, OperationStep } from "@/api/types";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";
import { type ApiMessage, messageText } from "@/i18n/message";

/** The warnings of an operation that continued all the same. */
export function Warnings({ warnings, className }: { warnings: readonly ApiMessage[]; className?: string }) {
  const { t, locale } = useI18n();
  if (!warnings.length) {
    return null;
  }
  return (
    <Notice tone="warn" title={t("progress.warning")} {...(className && { className })}>
      <ul className="flex flex-col gap-1">
        {warnings.map((warning) => (
          <li key={warning.text} className="whitespace-pre-line">
            {messageText(warning, locale)}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** All warnings of an operation, in the order of its steps. */
export function warningsOf(operation: Operation | undefined): ApiMessage[] {
  return operation?.steps.flatMap(stepWarnings) ?? [];
}

/** The warnings of a step; the same message is at the same place in both of its lists. */
export function stepWarnings({ warnings = [], warning_details: details = [] }: OperationStep): ApiMessage[] {
  return warnings.map((text, place) => ({ ...details[place], text }));
}
