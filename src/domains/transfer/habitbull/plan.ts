import type { DateOrder } from '../csv/dates.ts'
import { orderOf } from '../csv/dates.ts'
import { takeDays, type WrittenDay } from '../csv/days.ts'
import { openTable, type TableRow } from '../csv/table.ts'
import { type ImportPlan, type ImportProblem, type PlannedHabit, UnreadableExport } from '../import-plan.ts'
import { quoted } from '../quoted.ts'

// HabitBull's export is one file, a row for each day of each habit. The date is written as the phone writes dates.
const columns = ['HabitName', 'HabitDescription', 'HabitCategory', 'CalendarDate', 'Value', 'CommentText'] as const
type Column = (typeof columns)[number]
const needed: readonly Column[] = ['HabitName', 'HabitCategory', 'CalendarDate', 'Value']

/** IMP-1, IMP-3 What HabitBull's CSV comes to. Throws `UnreadableExport`; a row that can't be taken is a problem in the plan. */
export async function planOfHabitBull(source: string, dateOrder: DateOrder | undefined): Promise<ImportPlan> {
  const { file, header, rows } = await openTable(source)
  const missing = needed.filter((column) => !header.includes(column))
  if (missing.length > 0) {
    throw new UnreadableExport(
      `${file} has no column ${missing.map((name) => `"${name}"`).join(', ')}: give what HabitBull's export wrote.`,
    )
  }
  const habits = new Map<string, PlannedHabit>()
  const problems: ImportProblem[] = []
  const days: WrittenDay[] = []
  for await (const row of rows) {
    const cell = (column: Column) => row.cells[header.indexOf(column)]?.trim() ?? ''
    const reason = unusable(row, header.length, cell('HabitName'))
    if (reason) problems.push({ file, line: row.line, reason })
    else days.push(dayOf(row, cell, habitOf(cell, habits)))
  }
  if (habits.size === 0 && problems.length === 0)
    throw new UnreadableExport(`${file} has a header and no rows below it: a row for each day of a habit was expected.`)
  const order = orderOf(days, file, dateOrder)
  takeDays(days, { file, order, mark: '.' }, problems)
  return { habits: [...habits.values()], problems }
}

type Cell = (column: Column) => string

function unusable({ cells }: TableRow, width: number, name: string): string | null {
  if (cells.slice(width).some((cell) => cell !== '')) return `It has ${cells.length} cells, the header ${width}.`
  return name === '' ? 'The habit has no name.' : null
}

/** The habit of the row, made when it is the first one of it. */
function habitOf(cell: Cell, habits: Map<string, PlannedHabit>): PlannedHabit {
  const [category, name] = [cell('HabitCategory'), cell('HabitName')]
  // No cell holds NUL, so two categories whose names hold slashes stay two.
  const pair = `${category}\u0000${name}`.normalize('NFC')
  const habit = habits.get(pair) ?? {
    externalKey: `habitbull:${category}/${name}`,
    name,
    description: null,
    unit: null,
    isHidden: false,
    entries: [],
    skipped: {},
    notTaken: category === '' ? [] : [`category ${quoted(category)}`],
  }
  habit.description ??= cell('HabitDescription') || null
  habits.set(pair, habit)
  return habit
}

function dayOf({ line }: TableRow, cell: Cell, habit: PlannedHabit): WrittenDay {
  return { habit, date: cell('CalendarDate'), value: cell('Value'), notes: cell('CommentText'), line }
}
