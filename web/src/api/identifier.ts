/** A new random UUID. `crypto.randomUUID` exists only on pages from HTTPS, and an appliance at home is plain HTTP. */
export function newIdentifier(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => versioned(byte, index).toString(16).padStart(2, "0"));
  return [hex.slice(0, 4), hex.slice(4, 6), hex.slice(6, 8), hex.slice(8, 10), hex.slice(10)].map((part) => part.join("")).join("-");
}

/** Version 4 in the seventh byte, the variant in the ninth (RFC 9562). */
function versioned(byte: number, index: number): number {
  if (index === 6) {
    return (byte & 0x0f) | 0x40;
  }
  return index === 8 ? (byte & 0x3f) | 0x80 : byte;
}
