import { ClipboardCheck, ClipboardCopy, ScrollText } from "lucide-react";
import { useEffect, useState } from "react";
import type { Unit } from "@/api/types";
import { copyText } from "@/components/clipboard";
import { useDebounced } from "@/components/debounced";
import { SearchInput } from "@/components/search-input";
import { LoadError, Loading, State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Toggle } from "@/components/ui/toggle";
import { useI18n } from "@/i18n/i18n";
import { type LogBuffer, matching } from "./log/buffer";
import { LogView } from "./log/log-view";
import { type Log, useLog } from "./log/use-log";
import { useUnit } from "./queries";
import { StateBadge } from "./state-badge";
import { unitName } from "./unit-name";

/** The log of a service while it grows. */
export function LogDialog({ unit, onClose }: { unit: Unit; onClose: () => void }) {
  const { t } = useI18n();
  const { name } = unitName(unit);
  const [attempt, setAttempt] = useState(0);
  return (
    <Dialog
      onClose={onClose}
      title={
        <span className="flex flex-wrap items-center gap-3">
          {t("log.title", { name })}
          <StateBadge unit={useUnit(unit)} />
        </span>
      }
      description={t("log.description")}
      className="h-[92dvh] sm:h-[86dvh] sm:max-w-5xl"
    >
      <LogContent key={attempt} unit={unit} retry={() => setAttempt(attempt + 1)} />
    </Dialog>
  );
}

function LogContent({ unit, retry }: { unit: Unit; retry: () => void }) {
  const { t } = useI18n();
  const log = useLog(unit.Name);
  const [search, setSearch] = useState("");
  const [following, setFollowing] = useState(true);
  const settled = useDebounced(search.trim());
  return (
    <div className="flex h-full flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput className="w-full min-w-0 flex-1 basis-60" label={t("log.search")} value={search} onChange={setSearch} />
        <Toggle pressed={following && !settled} disabled={Boolean(settled)} onChange={setFollowing}>
          {t("log.follow")}
        </Toggle>
        <CopyButton buffer={log.buffer} search={settled} />
      </div>
      <Body log={log} retry={retry} search={settled} following={following && !settled} onFollow={setFollowing} />
      <Foot log={log} search={settled} />
    </div>
  );
}

interface BodyProps {
  log: Log;
  retry: () => void;
  search: string;
  following: boolean;
  onFollow: (following: boolean) => void;
}

function Body({ log, retry, search, following, onFollow }: BodyProps) {
  const { t } = useI18n();
  if (log.status === "failed" && log.error && !log.buffer.count) {
    return <LoadError title={t("log.error")} error={log.error} retry={retry} />;
  }
  if (log.status === "loading") {
    return <Loading className="flex-1">{t("log.loading")}</Loading>;
  }
  if (!log.buffer.count) {
    return (
      <State icon={ScrollText} title={t("log.empty_title")} className="flex-1 justify-center">
        {t("log.empty_text")}
      </State>
    );
  }
  if (search && !found(log.buffer, search)) {
    return (
      <p role="status" className="flex-1 px-6 py-14 text-center text-sm text-muted">
        {t("log.none_found", { search })}
      </p>
    );
  }
  return <LogView buffer={log.buffer} search={search} following={following} onFollow={onFollow} />;
}

function found(buffer: LogBuffer, search: string): number {
  return buffer.blocks.reduce((sum, block) => sum + matching(block, search).length, 0);
}

function Foot({ log, search }: { log: Log; search: string }) {
  const { t } = useI18n();
  const { count } = log.buffer;
  const lines = count === 1 ? t("log.lines_one") : t("log.lines", { count });
  return (
    <div className="flex justify-between gap-4 text-xs text-muted tabular-nums">
      <span>{search ? t("log.found", { found: found(log.buffer, search), count }) : lines}</span>
      <span role="status">
        {log.status === "live" && t("log.live")}
        {log.status === "reconnecting" && t("log.reconnecting")}
      </span>
    </div>
  );
}

const SAY_COPIED_MILLISECONDS = 2_000;

function CopyButton({ buffer, search }: { buffer: LogBuffer; search: string }) {
  const { t } = useI18n();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(false), SAY_COPIED_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    const lines = buffer.blocks.flatMap((block) => matching(block, search)).filter((line) => line.time !== null);
    setCopied(await copyText(lines.map((line) => `${line.time} ${line.plain}`).join("\n")));
  };
  const Icon = copied ? ClipboardCheck : ClipboardCopy;
  return (
    <Button variant="outline" disabled={!buffer.count} onClick={() => void copy()}>
      <Icon aria-hidden />
      <span aria-live="polite">{copied ? t("action.copied") : t("action.copy")}</span>
    </Button>
  );
}
