import { parse } from 'csv-parse/sync'
import { type ImportPlan, type ImportProblem, UnreadableExport } from '../import-plan.ts'
import { quoted } from '../quoted.ts'
import type { ExportFiles } from './archive.ts'
import { type LoopHabit, takeDays } from './days.ts'

// The format of Loop Habit Tracker's "Export as CSV": Habits.csv, a folder `001 Name` per habit with Checkmarks.csv, and one
// Checkmarks.csv with a column per habit at the root. Only the folders have the notes.

// Fifty habits of fifty years have fewer, each day counted in its folder and at the root.
const mostCells = 4_000_000
// A row of the root file has a few letters for each habit.
const mostRowBytes = 1024 * 1024
const rootFile = 'Checkmarks.csv'

interface Row {
  cells: string[]
  line: number
}

interface Habit extends LoopHabit {
  readonly position: number
}

/** IMP-1, IMP-2 What the files of an export come to. Throws `UnreadableExport`; a row that can't be taken is a problem in the plan. */
export function planOfLoopExport(files: ExportFiles): ImportPlan {
  const problems: ImportProblem[] = []
  const rowsOf = readerOf(files)
  const habits = readHabits(rowsOf('Habits.csv'), problems)
  if (habits.length === 0 && problems.length === 0)
    throw new UnreadableExport('Habits.csv has a header and no habits below it: there is nothing to import.')
  const folders = foldersByPosition(files)
  let root: Row[] | undefined
  for (const [index, habit] of habits.entries()) {
    const file = folders.get(habit.position)
    if (file !== undefined) takeFolder(habit, file, rowsOf(file), problems)
    else {
      root ??= rootOf(rowsOf(rootFile), habits.length)
      takeColumn(habit, index, root, problems)
    }
  }
  return { habits: habits.map(({ position: _position, isNumerical: _isNumerical, ...habit }) => habit), problems }
}

/** Reads the rows of a file; all that are read from an export count together. */
function readerOf(files: ExportFiles) {
  let cellsLeft = mostCells
  const take = (cells: string[], { lines }: { lines: number }): Row => {
    cellsLeft -= cells.length
    if (cellsLeft < 0) throw new UnreadableExport(`The export has more than ${mostCells} cells: it is no diary.`)
    return { cells, line: lines }
  }
  return (name: string): Row[] => {
    try {
      return parse(files.get(name) ?? '', {
        bom: true,
        max_record_size: mostRowBytes,
        on_record: take as never,
        relax_column_count: true,
        skip_empty_lines: true,
      }) as unknown as Row[]
    } catch (error) {
      if (error instanceof UnreadableExport) throw error
      throw new UnreadableExport(`${name} is not CSV: ${(error as Error).message}`)
    }
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
  const [names, positions] = [new Set<string>(), new Set<number>()]
  return rows.flatMap((row) => {
    const cell = (name: string) => row.cells[columns.get(name) ?? -1]?.trim() ?? ''
    const reason = unusable(cell, names, positions)
    if (reason) {
      problems.push({ file: 'Habits.csv', line: row.line, reason })
      return []
    }
    names.add(cell('Name'))
    positions.add(Number(cell('Position')))
    return [habitOf(cell)]
  })
}

type Cell = (column: string) => string

function unusable(cell: Cell, names: ReadonlySet<string>, positions: ReadonlySet<number>): string | null {
  if (!/^\d+$/.test(cell('Position'))) return `${quoted(cell('Position'))} is not a position.`
  if (positions.has(Number(cell('Position'))))
    return `There are two habits at the position ${quoted(cell('Position'))}.`
  if (cell('Name') === '') return 'The habit has no name.'
  if (names.has(cell('Name')))
    return `There are two habits ${quoted(cell('Name'))}: rename one in Loop and export once more.`
  if (!['YES_NO', 'NUMERICAL'].includes(cell('Type')))
    return `${quoted(cell('Type'))} is not a type of habit that is known here.`
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

function takeFolder(habit: Habit, file: string, [header, ...rows]: Row[], problems: ImportProblem[]): void {
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

/**
 * The rows of the file at the root; none where they do not fit the habits. Its header is not quoted, so a name with a comma
 * moves the columns: they are told by their place.
 */
function rootOf([, ...rows]: Row[], habitCount: number): Row[] {
  const fits = ({ cells }: Row) =>
    cells.length === habitCount + 1 || (cells.length === habitCount + 2 && cells.at(-1) === '')
  return rows.every(fits) ? rows : []
}

function takeColumn(habit: Habit, index: number, root: readonly Row[], problems: ImportProblem[]): void {
  if (root.length > 0) {
    const days = root.map(({ cells, line }) => ({ date: cells[0], value: cells[index + 1], notes: undefined, line }))
    takeDays(habit, days, rootFile, problems)
    return
  }
  const reason = `${quoted(habit.name)} has no folder, and there is no ${rootFile} at the root whose columns fit the habits.`
  problems.push({ file: rootFile, line: null, reason })
}
