import { useState } from "react";
import type { PackageEntry } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import type { EntryGroup } from "../queries";
import { PackageCard } from "./package-card";

/** As many rows as a large screen shows at once. */
const FIRST = 12;

/** Packages below the repository that they come from; a large repository shows its first ones until it is asked for more. */
export function PackageGroups({ groups }: { groups: readonly EntryGroup[] }) {
  return (
    <div className="flex flex-col gap-8">
      {groups.map((group) => (
        <Group key={group.repo} group={group} />
      ))}
    </div>
  );
}

function Group({ group: { repo, entries } }: { group: EntryGroup }) {
  const { t } = useI18n();
  const [all, setAll] = useState(false);
  const count = entries.length;
  return (
    <section>
      <div className="mb-3 flex items-baseline gap-3">
        <h2 className="text-lg font-semibold tracking-tight break-words">{repo}</h2>
        <span className="text-sm text-muted">{count === 1 ? t("packages.count_one") : t("packages.count", { count })}</span>
      </div>
      <Cards entries={all ? entries : entries.slice(0, FIRST)} heading="h3" />
      {!all && count > FIRST && (
        <Button variant="outline" className="mt-4" onClick={() => setAll(true)}>
          {t("packages.show_all_of", { count, repo })}
        </Button>
      )}
    </section>
  );
}

interface CardsProps {
  entries: readonly PackageEntry[];
  heading?: "h2" | "h3";
  busy?: boolean;
}

/** Packages beside each other, as many as fit. */
export function Cards({ entries, heading = "h2", busy = false }: CardsProps) {
  return (
    <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3" aria-busy={busy}>
      {entries.map((entry) => (
        <PackageCard key={`${entry.repo}/${entry.name}`} entry={entry} heading={heading} />
      ))}
    </ul>
  );
}
