import { Disc3, Plus } from "lucide-react";
import type { VmImage } from "@/api/types";
import { Loaded } from "@/components/loaded";
import { Section } from "@/components/section";
import { State } from "@/components/state";
import { Button } from "@/components/ui/button";
import { useI18n } from "@/i18n/i18n";
import { sizeText } from "@/i18n/sizes";
import { useSession } from "@/session/session";
import { useStorageDialogs } from "../dialogs";
import { useVmImages } from "./queries";

/** The VM images on the disk. */
export function VmImages() {
  const { t } = useI18n();
  const { session } = useSession();
  const open = useStorageDialogs();
  return (
    <Section
      title={t("images.title")}
      lead={t("images.lead")}
      actions={
        session?.admin && (
          <Button variant="outline" onClick={() => open({ what: "add-image" })}>
            <Plus aria-hidden />
            {t("images.add")}
          </Button>
        )
      }
    >
      <Loaded query={useVmImages()} loading={t("images.loading")} error={t("images.error")}>
        {(images) =>
          images.length ? (
            <ul className="divide-y divide-line rounded-2xl border border-line bg-card shadow-xs">
              {images.map((image) => (
                <ImageRow key={image.name} image={image} />
              ))}
            </ul>
          ) : (
            <State icon={Disc3} title={t("images.none_title")}>
              {t("images.none_text")}
            </State>
          )
        }
      </Loaded>
    </Section>
  );
}

function ImageRow({ image: { name, size } }: { image: VmImage }) {
  const { t, locale } = useI18n();
  const { session } = useSession();
  const open = useStorageDialogs();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 p-4 sm:px-5">
      <Disc3 aria-hidden className="size-5 shrink-0 text-muted" />
      <span className="min-w-0 flex-1 basis-40">
        <span className="block font-semibold break-all">{name}</span>
        <span className="block text-sm text-muted tabular-nums">{sizeText(size, locale)}</span>
      </span>
      {session?.admin && (
        <Button variant="outline" className="text-bad hover:bg-bad-soft max-sm:ms-auto" aria-label={t("storage.delete_name", { name })} onClick={() => open({ what: "delete-image", image: name })}>
          {t("storage.delete")}
        </Button>
      )}
    </li>
  );
}
