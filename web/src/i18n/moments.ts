/** A date and time in the local time zone, for people. */
export function momentText(written: string, locale: string): string {
  const moment = new Date(written);
  return Number.isNaN(moment.getTime()) ? written : new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(moment);
}
