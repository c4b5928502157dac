import { memo } from "react";
import { classes } from "@/components/ui/classes";
import { useI18n } from "@/i18n/i18n";
import { spansOf } from "./ansi";
import { type Block, type Line, matching } from "./buffer";

/** Blocks out of sight are laid out only when they come into sight. */
export const LogBlock = memo(({ block, search }: { block: Block; search: string }) => {
  const lines = matching(block, search);
  return lines.length ? (
    <div style={{ contentVisibility: "auto", containIntrinsicSize: `auto ${lines.length * 1.25}rem` }}>
      {lines.map((line) => (
        <LogLine key={line.key} line={line} />
      ))}
    </div>
  ) : null;
});

function LogLine({ line }: { line: Line }) {
  const { t, locale } = useI18n();
  if (line.time === null) {
    return <p className="my-1 border-y border-dashed border-terminal-muted py-0.5 text-center text-terminal-muted">{t("log.gap")}</p>;
  }
  const moment = new Date(line.time);
  return (
    <p className={classes("flex gap-3 px-4 hover:bg-white/5 max-sm:flex-col max-sm:gap-0 max-sm:py-1", line.error && "bg-[#ff8f83]/10")}>
      <time dateTime={line.time} title={moment.toLocaleString(locale)} className="shrink-0 text-terminal-muted select-none">
        {moment.toLocaleTimeString(locale, { hour12: false })}
      </time>
      <span dir="ltr" className="min-w-0 flex-1 break-words whitespace-pre-wrap">
        {spansOf(line.text).map(({ text, color, bold, dim, italic, underline }, index) => (
          <span
            // oxlint-disable-next-line react/no-array-index-key -- the pieces of a line never change
            key={index}
            style={color ? { color } : undefined}
            className={classes(bold && "font-bold", dim && "opacity-70", italic && "italic", underline && "underline") || undefined}
          >
            {text}
          </span>
        ))}
      </span>
    </p>
  );
}
