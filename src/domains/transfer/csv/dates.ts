import { addDays } from '../../../platform/civil-dates.ts'
import { UnreadableExport } from '../import-plan.ts'
import { quoted } from '../quoted.ts'

/** Which number comes first in dates such as 03/04/2026. */
export type DateOrder = 'DMY' | 'MDY'

export const dateOrders: readonly DateOrder[] = ['DMY', 'MDY']

/**
 * The civil date of `YYYY-MM-DD`, or of day, month and year (in this order of the first two) with `/`, `.` or `-` between.
 * Undefined when there is no such day.
 */
export function dateOf(text: string, order: DateOrder): string | undefined {
  const yearFirst = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(text)
  if (yearFirst) return dayOf(yearFirst[1], yearFirst[3], yearFirst[4])
  const yearLast = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/.exec(text)
  if (!yearLast) return undefined
  const [first, second, year] = [yearLast[1], yearLast[3], yearLast[4]]
  return order === 'DMY' ? dayOf(year, second, first) : dayOf(year, first, second)
}

function dayOf(year = '', month = '', day = ''): string | undefined {
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return !Number.isNaN(Date.parse(`${date}T00:00:00Z`)) && addDays(date, 0) === date ? date : undefined
}

/** What `orderOf` needs to know of a row. */
interface DatedRow {
  readonly date: string
  readonly line: number
}

/**
 * IMP-3 The order of a file's dates: the one that was asked for, else that of the rows that allow only one. Throws
 * `UnreadableExport` when rows are left that allow both, or when they contradict each other.
 */
export function orderOf(rows: Iterable<DatedRow>, file: string, asked: DateOrder | undefined): DateOrder {
  if (asked !== undefined) return asked
  const only: Partial<Record<DateOrder, DatedRow>> = {}
  let either: DatedRow | undefined
  for (const row of rows) {
    const [dayFirst, monthFirst] = [dateOf(row.date, 'DMY'), dateOf(row.date, 'MDY')]
    if (dayFirst === monthFirst) continue
    if (monthFirst === undefined) only.DMY ??= row
    else if (dayFirst === undefined) only.MDY ??= row
    else either ??= row
  }
  const { DMY, MDY } = only
  if (DMY && MDY) {
    throw new UnreadableExport(
      `${place(file, DMY)} can only be day/month/year, ${place(file, MDY)} only month/day/year.`,
      { option: 'dateOrder' },
    )
  }
  if (either && !DMY && !MDY) {
    throw new UnreadableExport(
      `${place(file, either)} can be day/month/year or month/day/year, as all dates of the file.`,
      { option: 'dateOrder' },
    )
  }
  return MDY ? 'MDY' : 'DMY'
}

function place(file: string, { date, line }: DatedRow): string {
  return `${quoted(date)} (${file}:${line})`
}
