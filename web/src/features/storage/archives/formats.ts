/** The archives that can be uploaded and downloaded, and the names of their files. */

export const UPLOAD_EXTENSIONS = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz"] as const;

export const DOWNLOAD_FORMATS = ["tar.gz", "tar.bz2", "tar.xz"] as const;
export type DownloadFormat = (typeof DOWNLOAD_FORMATS)[number];

export function isArchiveName(fileName: string): boolean {
  return UPLOAD_EXTENSIONS.some((extension) => fileName.toLowerCase().endsWith(extension));
}

/** What people would call the file; the appliance makes the same of it, but for characters that no file name has. */
export function downloadName(base: string, format: DownloadFormat): string {
  const written = base.trim().replace(/[\\/\p{Cc}]/gu, "_");
  const known = [...UPLOAD_EXTENSIONS].toSorted((one, other) => other.length - one.length).find((extension) => written.toLowerCase().endsWith(extension));
  const stem = known ? written.slice(0, -known.length) : written;
  return `${stem || "download"}.${format}`;
}

/** The paths in a list that is separated by commas. */
export function pathsOf(list: string): string[] {
  return list
    .split(",")
    .map((path) => path.trim().replace(/^\/+/, ""))
    .filter(Boolean);
}
