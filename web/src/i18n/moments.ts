/** A moment for people: its day and its time of day, here and now. */
export function momentText(written: string, locale: string): string {
  const moment = new Date(written);
  return Number.isNaN(moment.getTime()) ? written : new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(moment);
}
