// Arithmetic on civil dates, `YYYY-MM-DD`. No time zone is in it: which date an instant has, PostgreSQL alone says (DAY-2).

const dayMs = 86_400_000
const dayNumber = (date: string) => Date.parse(`${date}T00:00:00Z`) / dayMs

/** The date so many days later, or earlier when negative. */
export function addDays(date: string, days: number): string {
  return new Date((dayNumber(date) + days) * dayMs).toISOString().slice(0, 10)
}

/** From the one date to the other: 0 for the same, negative backwards. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from)
}

/** ISO day of the week: 1 is Monday, 7 is Sunday. 1970-01-01 was a Thursday. */
export function isoDayOfWeek(date: string): number {
  return ((((dayNumber(date) + 3) % 7) + 7) % 7) + 1
}
