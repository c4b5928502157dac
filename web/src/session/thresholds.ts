import type { SpaceThresholds } from "@/api/types";
import { usePing } from "./ping";

/** From which percent on the appliance counts a volume, or the disk, as nearly full and as full; undefined until it has said so. */
export function useThresholds(): SpaceThresholds | undefined {
  return usePing().ping?.space_thresholds;
}
