const HUES = [
  "bg-[#14595a]",
  "bg-[#8a4a20]",
  "bg-[#5a4a86]",
  "bg-[#2f6140]",
  "bg-[#8c3550]",
  "bg-[#35598c]",
] as const;

/** A tile with the first letter of a package, always of the same color for the same name. */
export function PackageIcon({ name }: { name: string }) {
  const sum = Array.from(name).reduce((total, character) => (total * 31 + (character.codePointAt(0) ?? 0)) % 65_521, 7);
  return (
    <span aria-hidden className={`grid size-12 shrink-0 place-items-center rounded-xl text-xl font-semibold text-white ${HUES[sum % HUES.length]}`}>
      {Array.from(name)[0]?.toUpperCase()}
    </span>
  );
}
