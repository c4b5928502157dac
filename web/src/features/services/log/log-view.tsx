import { ArrowDown } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
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
  useStayAtEnd(frame, following, buffer);
  const noticeScroll = () => {
    if (frame.current) {
      const { scrollHeight, scrollTop, clientHeight } = frame.current;
      const atEnd = scrollHeight - scrollTop - clientHeight < END_PIXELS;
      if (atEnd !== following) {
        onFollow(atEnd && !search);
      }
    }
  };
  return (
    <div className="relative min-h-0 flex-1">
      {/* oxlint-disable jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <div
        ref={frame}
        role="log"
        aria-live="off"
        aria-label={t("log.region")}
        tabIndex={0}
        onWheel={noticeScroll}
        onTouchMove={noticeScroll}
        onKeyUp={noticeScroll}
        onPointerUp={noticeScroll}
        onScrollEnd={noticeScroll}
        className="h-full overflow-auto overscroll-contain rounded-xl bg-terminal py-3 font-mono text-[0.8125rem] leading-5 text-terminal-ink"
      >
        {buffer.dropped && <p className="px-4 pb-2 text-terminal-muted">{t("log.dropped")}</p>}
        {buffer.blocks.map((block) => (
          <LogBlock key={block.key} block={block} search={search} />
        ))}
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

function useStayAtEnd(frame: RefObject<HTMLDivElement | null>, following: boolean, buffer: LogBuffer): void {
  const toEnd = () => {
    if (frame.current) {
      frame.current.scrollTop = frame.current.scrollHeight;
    }
  };
  useLayoutEffect(() => {
    if (following) {
      toEnd();
    }
  });
  // Blocks that come into sight may turn out higher than they were taken for.
  useEffect(() => {
    if (!following) {
      return undefined;
    }
    const request = requestAnimationFrame(toEnd);
    return () => cancelAnimationFrame(request);
  }, [following, buffer]);
}
