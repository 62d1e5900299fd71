import { parse } from 'csv-parse/sync'
import { addDays } from '../../../platform/civil-dates.ts'
import {
  type ImportPlan,
  type ImportProblem,
  type PlannedEntry,
  type PlannedHabit,
  UnreadableExport,
} from '../import-plan.ts'
import type { ExportFiles } from './archive.ts'

// The format of Loop Habit Tracker's "Export as CSV": Habits.csv, a folder `001 Name` per habit with Checkmarks.csv, and one
// Checkmarks.csv with a column per habit at the root. Only the folders have the notes.

interface Row {
  cells: string[]
  line: number
}

interface Habit extends PlannedHabit {
  position: number
  isNumerical: boolean
}

/** IMP-1, IMP-2 What the files of an export come to. Throws `UnreadableExport`; a row that can't be taken is a problem in the plan. */
export function planOfLoopExport(files: ExportFiles): ImportPlan {
  const problems: ImportProblem[] = []
  const habits = readHabits(rowsOf(files, 'Habits.csv'), problems)
  const folders = foldersByPosition(files)
  for (const [index, habit] of habits.entries()) {
    const file = folders.get(habit.position)
    if (file === undefined) takeColumn(habit, index, habits.length, files, problems)
    else takeFolder(habit, file, files, problems)
  }
  return { habits: habits.map(({ position: _position, isNumerical: _isNumerical, ...habit }) => habit), problems }
}

function rowsOf(files: ExportFiles, name: string): Row[] {
  try {
    const records = parse(files.get(name) ?? '', {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: { lines: number } }[]
    return records.map(({ record, info }) => ({ cells: record, line: info.lines }))
  } catch (error) {
    throw new UnreadableExport(`${name} is not CSV: ${(error as Error).message}`)
  }
}

const neededColumns = ['Position', 'Name', 'Type', 'Archived?']

function readHabits([header, ...rows]: Row[], problems: ImportProblem[]): Habit[] {
  const missing = neededColumns.filter((name) => !header?.cells.includes(name))
  if (header === undefined || missing.length > 0) {
    throw new UnreadableExport(
      `Habits.csv has no column ${missing.map((name) => `"${name}"`).join(', ')}: export once more with a recent version of Loop.`,
    )
  }
  const columns = new Map(header.cells.map((name, index) => [name, index]))
  const names = new Set<string>()
  return rows.flatMap((row) => {
    const cell = (name: string) => row.cells[columns.get(name) ?? -1]?.trim() ?? ''
    const reason = unusable(cell, names)
    if (reason) {
      problems.push({ file: 'Habits.csv', line: row.line, reason })
      return []
    }
    names.add(cell('Name'))
    return [habitOf(cell)]
  })
}

type Cell = (column: string) => string

function unusable(cell: Cell, names: ReadonlySet<string>): string | null {
  if (!/^\d+$/.test(cell('Position'))) return `"${cell('Position')}" is not a position.`
  if (cell('Name') === '') return 'The habit has no name.'
  if (names.has(cell('Name'))) return `There are two habits "${cell('Name')}": rename one in Loop and export once more.`
  if (!['YES_NO', 'NUMERICAL'].includes(cell('Type')))
    return `"${cell('Type')}" is not a type of habit that is known here.`
  return null
}

function habitOf(cell: Cell): Habit {
  const isNumerical = cell('Type') === 'NUMERICAL'
  return {
    position: Number(cell('Position')),
    isNumerical,
    externalKey: `loop:${cell('Name')}`,
    name: cell('Name'),
    description: [cell('Question'), cell('Description')].filter((text) => text !== '').join('\n') || null,
    unit: isNumerical ? cell('Unit') || null : null,
    isHidden: cell('Archived?') === 'true',
    entries: [],
    skipped: {},
    notTaken: settingsNotTaken(cell),
  }
}

function settingsNotTaken(cell: Cell): string[] {
  const [times, days] = [cell('FrequencyNumerator'), cell('FrequencyDenominator')]
  const target = [cell('Target Type'), cell('Target Value'), cell('Unit')].filter((text) => text !== '').join(' ')
  return [
    ...(times && days ? [`frequency ${times} in ${days} days`] : []),
    ...(cell('Target Value') ? [`target ${target}`] : []),
    ...(cell('Color') ? [`colour ${cell('Color')}`] : []),
  ]
}

/** Folders begin with the habit's position; its name follows, shorn of what file systems refuse. */
function foldersByPosition(files: ExportFiles): Map<number, string> {
  const inFolders = [...files.keys()].filter(
    (name) => /^\d+ .*\/Checkmarks\.csv$/.test(name) || /^\d+\/Checkmarks\.csv$/.test(name),
  )
  return new Map(inFolders.map((name) => [Number.parseInt(name, 10), name]))
}

function takeFolder(habit: Habit, file: string, files: ExportFiles, problems: ImportProblem[]): void {
  const [header, ...rows] = rowsOf(files, file)
  if (header?.cells[0] !== 'Date' || header.cells[1] !== 'Value') {
    problems.push({
      file,
      line: 1,
      reason: 'It does not begin with the columns Date and Value: nothing was read from it.',
    })
    return
  }
  takeDays(
    habit,
    rows.map(({ cells, line }) => ({ date: cells[0], value: cells[1], notes: cells[2], line })),
    file,
    problems,
  )
}

/** The root file's header is not quoted, so a name with a comma moves the columns: they are told by their place. */
function takeColumn(habit: Habit, index: number, count: number, files: ExportFiles, problems: ImportProblem[]): void {
  const file = 'Checkmarks.csv'
  const [, ...rows] = rowsOf(files, file)
  const fits = rows.every(
    ({ cells }) => cells.length === count + 1 || (cells.length === count + 2 && cells.at(-1) === ''),
  )
  if (rows.length === 0 || !fits) {
    const reason = rows.length === 0 ? 'there is no' : 'the columns do not fit the habits in the'
    problems.push({
      file,
      line: null,
      reason: `"${habit.name}" has no folder, and ${reason} Checkmarks.csv at the root.`,
    })
    return
  }
  takeDays(
    habit,
    rows.map(({ cells, line }) => ({ date: cells[0], value: cells[index + 1], notes: undefined, line })),
    file,
    problems,
  )
}

interface Day {
  date: string | undefined
  value: string | undefined
  notes: string | undefined
  line: number
}

function takeDays(habit: Habit, days: readonly Day[], file: string, problems: ImportProblem[]): void {
  const taken = new Map<string, PlannedEntry>()
  for (const { date = '', value = '', notes = '', line } of days) {
    const entry = entryOf(habit, date.trim(), value.trim(), notes)
    if (typeof entry === 'string') problems.push({ file, line, reason: entry })
    else if (entry === null) habit.skipped[value.trim()] = (habit.skipped[value.trim()] ?? 0) + 1
    else if (taken.has(entry.date))
      problems.push({ file, line, reason: `${entry.date} stands there twice: the first one was taken.` })
    else taken.set(entry.date, entry)
  }
  habit.entries = [...taken.values()].sort((a, b) => (a.date < b.date ? -1 : 1))
}

const silent = ['SKIP', 'UNKNOWN']
// How a numerical habit prints the smallest of its amounts, in thousandths.
const asThousandths: Record<string, string> = { NO: '0', YES_AUTO: '1', YES_MANUAL: '2' }
const largestThousandths = 999_999_999_999n

/** IMP-2 One day: an entry, null when it says nothing that can be recorded, or why it can't be taken. */
function entryOf(habit: Habit, date: string, value: string, notes: string): PlannedEntry | string | null {
  if (!isDate(date)) return `"${date}" is not a date (YYYY-MM-DD).`
  const count = silent.includes(value) ? null : habit.isNumerical ? amountOf(value) : checkmarkOf(value)
  if (count === undefined)
    return `"${value}" is not a value of a ${habit.isNumerical ? 'numerical' : 'yes-or-no'} habit.`
  if (count === null && notes.trim() === '') return null
  return { date, count: count ?? '0', notes: notes.trim() === '' ? null : notes }
}

function checkmarkOf(value: string): string | null | undefined {
  return { YES_MANUAL: '1', NO: '0', YES_AUTO: null }[value]
}

function amountOf(value: string): string | undefined {
  const thousandths = asThousandths[value] ?? value
  if (!/^\d{1,15}$/.test(thousandths) || BigInt(thousandths) > largestThousandths) return undefined
  const padded = thousandths.padStart(4, '0')
  return `${padded.slice(0, -3)}.${padded.slice(-3)}`.replace(/^0+(?=\d)/, '').replace(/\.?0+$/, '')
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text
}
