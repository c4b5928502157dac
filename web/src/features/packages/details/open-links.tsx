import { ExternalLink } from "lucide-react";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import type { PortLink } from "./links";

/** Buttons that open what is installed. Only with several is the port told, for then it tells them apart. */
export function OpenLinks({ name, links, short = false }: { name: string; links: readonly PortLink[]; short?: boolean }) {
  const { t } = useI18n();
  return links.map(({ port, href }, index) => {
    const full = links.length > 1 ? t("installed.open_port", { name, port }) : t("installed.open", { name });
    return (
      <Button key={href} asChild variant={index === 0 ? "primary" : "outline"}>
        <a href={href} target="_blank" rel="noreferrer" aria-label={short ? full : undefined}>
          {short ? t("package.open") : full}
          <ExternalLink aria-hidden />
        </a>
      </Button>
    );
  });
}
