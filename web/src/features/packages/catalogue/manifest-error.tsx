import { Disclosure } from "@/components/ui/disclosure";
import { useI18n } from "@/i18n/i18n";

const SHOWN = 2;

/** Why a manifest cannot be used: one line for each error, for the author of the package. */
export function ManifestError({ error }: { error: string }) {
  const { t } = useI18n();
  const lines = error.split("\n").filter((line) => line.trim());
  const more = lines.slice(SHOWN);
  return (
    <div className="mt-3 flex flex-col gap-1 text-sm">
      <p className="font-medium text-bad">{t("package.broken_text")}</p>
      <Lines lines={lines.slice(0, SHOWN)} />
      {more.length > 0 && (
        <Disclosure summary={t("package.broken_more", { count: more.length })}>
          <Lines lines={more} />
        </Disclosure>
      )}
    </div>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul className="flex flex-col gap-1">
      {lines.map((line) => (
        <li key={line} className="rounded-md bg-subtle px-2 py-1 font-mono text-xs break-words">
          {line}
        </li>
      ))}
    </ul>
  );
}
