import { type ReactNode, useId } from "react";

interface SectionProps {
  title: string;
  lead: string;
  /** Buttons for the whole section. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A section of a page. */
export function Section({ title, lead, actions, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-10">
      <div className="mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <h2 id={id} className="text-lg font-semibold tracking-tight">
            {title}
          </h2>
          <p className="mt-0.5 text-sm text-muted">{lead}</p>
        </div>
        <div className="flex flex-wrap items-center gap-2 empty:hidden">{actions}</div>
      </div>
      {children}
    </section>
  );
}
