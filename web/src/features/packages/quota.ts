/** A quota as people write it: `64mb` as `64 MB`. Null if it still waits for an answer. */
export function readableQuota(quota: string | undefined): string | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)i?b?$/i.exec(quota ?? "");
  return match ? `${match[1]} ${(match[2] ?? "").toUpperCase()}B` : null;
}
