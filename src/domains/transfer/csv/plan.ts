import { nameKey } from '../../deeds/rules/texts.ts'
import { type ImportPlan, type ImportProblem, type PlannedHabit, UnreadableExport } from '../import-plan.ts'
import { quoted } from '../quoted.ts'
import type { DecimalMark } from './amounts.ts'
import { type DateOrder, orderOf } from './dates.ts'
import { takeDays, type WrittenDay } from './days.ts'
import { type ColumnNames, type CsvField, csvFields } from './fields.ts'
import { openTable, type Table, type TableRow } from './table.ts'

export interface CsvOptions {
  readonly columns?: ColumnNames | undefined
  readonly dateOrder?: DateOrder | undefined
}

const needed: readonly CsvField[] = ['date', 'deed', 'value']
const noValue = 'no value'

/**
 * What a table comes to. Rows of one deed and item, in any case of letters, are one habit; without an item it is called as
 * the deed. A row without a value says nothing. Throws `UnreadableExport`; a row that can't be taken is a problem in the plan.
 */
export async function planOfTable(source: string, { columns = {}, dateOrder }: CsvOptions): Promise<ImportPlan> {
  const table = await openTable(source)
  const { file } = table
  const places = placesOf(table, columns)
  const habits = new Map<string, PlannedHabit>()
  const problems: ImportProblem[] = []
  const days: WrittenDay[] = []
  for await (const row of table.rows) {
    const cell = (field: CsvField) => row.cells[places[field] ?? -1]?.trim() ?? ''
    const reason = unusable(row, table.header.length, cell)
    if (reason) problems.push({ file, line: row.line, reason })
    else take(row, cell, habits, days)
  }
  if (habits.size === 0 && problems.length === 0)
    throw new UnreadableExport(`${file} has a header and no rows below it: a row for each day of an item was expected.`)
  const order = orderOf(days, file, dateOrder)
  takeDays(days, { file, order, mark: markOf(table, days) }, problems)
  return { habits: [...habits.values()], problems }
}

/** Where each field stands in a row, by the header's names in any case of letters. */
function placesOf({ file, header }: Table, columns: ColumnNames): Partial<Record<CsvField, number>> {
  const names = header.map((name) => nameKey(name))
  const places: Partial<Record<CsvField, number>> = {}
  for (const field of csvFields) {
    const name = columns[field] ?? field
    const place = names.indexOf(nameKey(name.trim()))
    if (place >= 0) places[field] = place
    else if (columns[field] !== undefined || needed.includes(field)) {
      const there = header.slice(0, 20).map(quoted).join(', ')
      throw new UnreadableExport(`${file} has no column ${quoted(name)} for the ${field}; it has ${there}.`, {
        option: 'columns',
        field,
      })
    }
  }
  return places
}

type Cell = (field: CsvField) => string

function unusable({ cells }: TableRow, width: number, cell: Cell): string | null {
  if (cells.slice(width).some((text) => text !== '')) return `It has ${cells.length} cells, the header ${width}.`
  if (cell('deed') === '') return 'The deed has no name.'
  return cell('value') === '' && cell('note') !== '' ? 'There is a note, but no value.' : null
}

function take({ line }: TableRow, cell: Cell, habits: Map<string, PlannedHabit>, days: WrittenDay[]): void {
  const habit = habitOf(cell('deed'), cell('item') || cell('deed'), habits)
  const [date, value, notes] = [cell('date'), cell('value'), cell('note')]
  if (value === '') habit.skipped[noValue] = (habit.skipped[noValue] ?? 0) + 1
  else days.push({ habit, date, value, notes, line })
}

/** The habit of the row, made when it is the first one of it. */
function habitOf(deed: string, item: string, habits: Map<string, PlannedHabit>): PlannedHabit {
  // No cell holds NUL, so names that hold slashes stay apart.
  const pair = `${nameKey(deed)}\u0000${nameKey(item)}`
  const habit = habits.get(pair) ?? {
    externalKey: `csv:${deed}/${item}`,
    name: item,
    deed: { externalKey: `csv:${deed}`, name: deed },
    description: null,
    unit: null,
    isHidden: false,
    entries: [],
    skipped: {},
    notTaken: [],
  }
  habits.set(pair, habit)
  return habit
}

/** A comma, where it does not separate cells and some value has one. */
function markOf({ delimiter }: Table, days: readonly WrittenDay[]): DecimalMark {
  return delimiter !== ',' && days.some(({ value }) => /^\d+,\d+$/.test(value)) ? ',' : '.'
}
