import { useI18n } from "@/i18n/i18n";

/** The heading of a page. It sets the title of the window too. */
export function PageHeader({ title, lead }: { title: string; lead: string }) {
  const { t } = useI18n();
  return (
    <div className="mb-6">
      <title>{`${title} · ${t("app.name")}`}</title>
      <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-1 text-muted">{lead}</p>
    </div>
  );
}
