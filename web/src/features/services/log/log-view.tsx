import { ArrowDown } from "lucide-react";
import { useEffect, useRef } from "react";
import { useI18n } from "@/i18n/i18n";
import type { LogBuffer } from "./buffer";
import { LogBlock } from "./log-lines";

/** So close to the end counts as the end. */
const END_PIXELS = 24;

interface LogViewProps {
  buffer: LogBuffer;
  search: string;
  following: boolean;
  onFollow: (following: boolean) => void;
}

/** The lines. While following, the newest is in sight; scrolling up stops that, and scrolling to the end begins it again. */
export function LogView({ buffer, search, following, onFollow }: LogViewProps) {
  const { t } = useI18n();
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);

  useEffect(() => (following && frame.current && content.current ? stayAtEnd(frame.current, content.current) : undefined), [following]);
  useEffect(() => (frame.current && !search ? noticeScrolling(frame.current, onFollow) : undefined), [onFollow, search]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={frame}
        role="log"
        aria-live="off"
        aria-label={t("log.region")}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        className="h-full overflow-auto overscroll-contain rounded-xl bg-terminal py-3 font-mono text-[0.8125rem] leading-5 text-terminal-ink"
      >
        <div ref={content}>
          {buffer.dropped && <p className="px-4 pb-2 text-terminal-muted">{t("log.dropped")}</p>}
          {buffer.blocks.map((block) => (
            <LogBlock key={block.key} block={block} search={search} />
          ))}
        </div>
      </div>
      {!following && !search && (
        <button
          type="button"
          className="absolute end-4 bottom-4 inline-flex min-h-10 items-center gap-2 rounded-full bg-primary px-4 text-sm font-medium text-on-primary shadow-lg hover:bg-primary-hover"
          onClick={() => onFollow(true)}
        >
          <ArrowDown aria-hidden className="size-4" />
          {t("log.newest")}
        </button>
      )}
    </div>
  );
}

/** Keep the end in sight while the content grows: with new lines, and when lines turn out higher than they were taken for. */
function stayAtEnd(frame: HTMLElement, content: HTMLElement): () => void {
  const toEnd = () => {
    frame.scrollTop = frame.scrollHeight;
  };
  toEnd();
  const observer = new ResizeObserver(toEnd);
  observer.observe(content);
  return () => observer.disconnect();
}

/** Only people scroll up. */
function noticeScrolling(frame: HTMLElement, onFollow: (following: boolean) => void): () => void {
  let before = frame.scrollTop;
  const notice = () => {
    if (frame.scrollHeight - frame.scrollTop - frame.clientHeight < END_PIXELS) {
      onFollow(true);
    } else if (frame.scrollTop < before) {
      onFollow(false);
    }
    before = frame.scrollTop;
  };
  frame.addEventListener("scroll", notice, { passive: true });
  return () => frame.removeEventListener("scroll", notice);
}
