// Lengths and points of time, for display.

/** `1:05`, or `1:02:05` from an hour on. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

const DAY_MS = 86_400_000;

/** The time of today, "yesterday", the day of this week, or the date. `at` and `now` are milliseconds since 1970. */
export function whenOf(at: number, now: number, locale: string): string {
  const days = Math.round((midnight(now) - midnight(at)) / DAY_MS);
  if (days <= 0) return format(locale, { hour: "numeric", minute: "2-digit" }, at);
  if (days === 1) return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-1, "day");
  if (days < 7) return format(locale, { weekday: "long" }, at);
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(locale, { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) }, at);
}

/** Date and time in full, for a tooltip. */
export function fullTime(at: number, locale: string): string {
  return format(locale, { dateStyle: "full", timeStyle: "short" }, at);
}

function format(locale: string, options: Intl.DateTimeFormatOptions, at: number): string {
  // A server's time may be nonsense; a wrong date is no reason to lose the list.
  return Number.isFinite(at) && Math.abs(at) < 8.64e15 ? new Intl.DateTimeFormat(locale, options).format(at) : "";
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
