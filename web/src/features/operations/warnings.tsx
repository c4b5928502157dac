import type { Operation } from "@/api/types";
import { Notice } from "@/components/ui/notice";
import { useI18n } from "@/i18n/i18n";

/** The warnings of an operation that continued all the same. */
export function Warnings({ texts, className }: { texts: readonly string[]; className?: string }) {
  const { t } = useI18n();
  if (!texts.length) {
    return null;
  }
  return (
    <Notice tone="warn" title={t("progress.warning")} {...(className && { className })}>
      <ul className="flex flex-col gap-1">
        {texts.map((text) => (
          <li key={text} className="whitespace-pre-line">
            {text}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** All warnings of an operation, in the order of its steps. */
export function warningsOf(operation: Operation | undefined): string[] {
  return operation?.steps.flatMap((step) => step.warnings ?? []) ?? [];
}
