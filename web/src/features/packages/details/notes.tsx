import { ExternalLink } from "lucide-react";
import type { InstalledInfo, NoteType } from "@/api/types";
import { useI18n } from "@/i18n/i18n";
import { webAddress } from "./links";

type NotesProps = Pick<InstalledInfo, "notes" | "note_types">;

/** What the package wants people to know: web addresses, mail addresses and phone numbers can be followed. */
export function Notes({ notes, note_types: types }: NotesProps) {
  return (
    <dl className="flex flex-col gap-3 text-sm">
      {Object.entries(notes).map(([name, text]) => (
        <div key={name}>
          <dt className="font-medium">{name}</dt>
          <dd className="mt-0.5 break-words">
            <Note text={text} type={types?.[name]} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const LINK = "inline-flex items-baseline gap-1 font-medium text-primary underline underline-offset-4 break-all hover:text-primary-hover";

function Note({ text, type }: { text: string; type: NoteType | undefined }) {
  const { t } = useI18n();
  const url = type === "url" ? webAddress(text) : null;
  if (url) {
    return (
      <a className={LINK} href={url.href} target="_blank" rel="noreferrer">
        {text}
        <ExternalLink aria-hidden className="size-3.5 shrink-0 self-center" />
        <span className="sr-only">({t("details.opens_new_tab")})</span>
      </a>
    );
  }
  if (type === "email" || type === "phone") {
    return (
      <a className={LINK} href={`${type === "email" ? "mailto" : "tel"}:${text}`}>
        {text}
      </a>
    );
  }
  return <code className="block rounded-lg bg-subtle px-3 py-2 font-mono text-[0.8125rem] whitespace-pre-wrap">{text}</code>;
}
