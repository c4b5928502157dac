import type { ReactNode } from "react";

/** A framed list, one row below the other. */
export function Rows({ children }: { children: ReactNode }) {
  return <ul className="divide-y divide-line rounded-2xl border border-line bg-card shadow-xs">{children}</ul>;
}

interface RowProps {
  icon?: ReactNode;
  title: ReactNode;
  text: ReactNode;
  /** Buttons and the current state. */
  children?: ReactNode;
  /** Shown below the row. */
  more?: ReactNode;
}

export function Row({ icon, title, text, children, more }: RowProps) {
  return (
    <li className="p-4 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        {icon}
        <div className="min-w-0 flex-1 basis-52">
          <h2 className="leading-tight font-semibold break-words">{title}</h2>
          <div className="mt-1 text-sm break-words text-muted">{text}</div>
        </div>
        <div className="flex flex-wrap items-center gap-2 max-sm:ms-auto">{children}</div>
      </div>
      {more && <div className="mt-3 empty:hidden">{more}</div>}
    </li>
  );
}
