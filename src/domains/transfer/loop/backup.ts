import { stat } from 'node:fs/promises'
import path from 'node:path'
import { constants, DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { type ImportPlan, type ImportProblem, UnreadableExport } from '../import-plan.ts'
import { quoted } from '../quoted.ts'
import { type LoopDay, type LoopHabit, takeDays } from './days.ts'

// Loop's "Export full backup" is its SQLite database: Habits, and Repetitions with a value for each day. Earlier releases had
// fewer columns: no types (all yes-or-no), no questions, no notes.

const mostBytes = 64 * 1024 * 1024
const mostTextBytes = 64 * 1024
const mostHabits = 1_000
const mostDays = 1_000_000
const dayMs = 86_400_000

type SqliteRow = Readonly<Record<string, SQLOutputValue>>

/** IMP-1, IMP-2 What a backup of Loop comes to, the same as its CSV export. Throws `UnreadableExport`. */
export async function planOfLoopBackup(source: string): Promise<ImportPlan> {
  const file = path.basename(source)
  const found = await stat(source).catch(() => null)
  if (!found?.isFile()) throw new UnreadableExport(`There is no file ${source}.`)
  if (found.size > mostBytes) {
    throw new UnreadableExport(`${source} has ${found.size} bytes; at most ${mostBytes} are read.`)
  }
  try {
    return planOf(source, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') throw error
    throw new UnreadableExport(
      `${file} can't be read as Loop's backup: ${(error as Error).message}. Give what "Export full backup" wrote.`,
    )
  }
}

function planOf(source: string, file: string): ImportPlan {
  const database = openUntrusted(source, file)
  try {
    const problems: ImportProblem[] = []
    const habits = habitsOf(database, file, problems)
    if (habits.size === 0 && problems.length === 0)
      throw new UnreadableExport(`${file} holds no habits: there is nothing to import.`)
    const days = daysOf(database, file, habits, problems)
    for (const [id, habit] of habits) {
      const ofHabit: ImportProblem[] = []
      takeDays(habit, days.get(id) ?? [], file, ofHabit)
      problems.push(...ofHabit.map((problem) => ({ ...problem, reason: `${quoted(habit.name)}: ${problem.reason}` })))
    }
    return { habits: [...habits.values()].map(({ isNumerical: _isNumerical, ...habit }) => habit), problems }
  } finally {
    database.close()
  }
}

/**
 * Somebody else's database may hold anything: nothing is written, not even beside it (`immutable`), its schema runs no
 * functions, and a statement may do nothing but select columns of tables.
 */
function openUntrusted(source: string, file: string): DatabaseSync {
  const address = pathToFileURL(source)
  address.search = 'immutable=1'
  const database = new DatabaseSync(address, {
    readOnly: true,
    defensive: true,
    readBigInts: true,
    limits: { length: mostTextBytes, attach: 0 },
  })
  try {
    database.exec('pragma trusted_schema = off')
    refuseOtherTables(database, file)
    const allowed = [constants.SQLITE_SELECT, constants.SQLITE_READ]
    database.setAuthorizer((action) => (allowed.includes(action) ? constants.SQLITE_OK : constants.SQLITE_DENY))
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

/** A view, or a column that is computed, could go on for ever: they must be tables whose columns are stored. */
function refuseOtherTables(database: DatabaseSync, file: string): void {
  const tables = database
    .prepare("select name, type, rootpage from sqlite_schema where type in ('table', 'view')")
    .all()
  const hiddenColumns = database.prepare('select name from pragma_table_xinfo(?) where hidden <> 0')
  for (const wanted of ['Habits', 'Repetitions']) {
    const [table, ...others] = tables.filter(({ name }) => String(name).toLowerCase() === wanted.toLowerCase())
    const isStored = table?.type === 'table' && Number(table.rootpage) > 0
    if (!isStored || others.length > 0 || hiddenColumns.all(wanted).length > 0) {
      throw new UnreadableExport(`${file} has no table ${wanted}: give what Loop's "Export full backup" wrote.`)
    }
  }
}

/** The habits by their ids, in their order. */
function habitsOf(database: DatabaseSync, file: string, problems: ImportProblem[]): Map<bigint, LoopHabit> {
  const habits = new Map<bigint, LoopHabit>()
  const names = new Set<string>()
  const rows = database.prepare('select * from Habits order by position, id').iterate()
  for (const row of rows as Iterable<SqliteRow>) {
    if (habits.size >= mostHabits) throw new UnreadableExport(`${file} has more than ${mostHabits} habits.`)
    const column = readerOf(row)
    const [id, name] = [row.Id ?? row.id, column('name')]
    if (typeof id !== 'bigint' || name === '') {
      problems.push({ file, line: null, reason: 'A habit has no id, or no name.' })
    } else if (names.has(name)) {
      const reason = `There are two habits ${quoted(name)}: rename one in Loop and export once more.`
      problems.push({ file, line: null, reason })
    } else habits.set(id, habitOf(name, column))
    names.add(name)
  }
  return habits
}

type Column = (name: string) => string

/** A column as text; empty for null, bytes, and one that is not there. */
function readerOf(row: SqliteRow): Column {
  return (name) => {
    const value = row[name]
    return value === null || value === undefined || value instanceof Uint8Array ? '' : String(value).trim()
  }
}

function habitOf(name: string, column: Column): LoopHabit {
  const isNumerical = column('type') === '1'
  const [times, days] = [column('freq_num'), column('freq_den')]
  const target = isNumerical && Number(column('target_value')) > 0
  const kind = column('target_type') === '1' ? 'AT_MOST' : 'AT_LEAST'
  return {
    externalKey: `loop:${name}`,
    name,
    description: [column('question'), column('description')].filter((text) => text !== '').join('\n') || null,
    unit: isNumerical ? column('unit') || null : null,
    isHidden: !['', '0'].includes(column('archived')),
    isNumerical,
    entries: [],
    skipped: {},
    notTaken: [
      ...(times && days ? [`frequency ${times} in ${days} days`] : []),
      ...(target ? [`target ${kind} ${column('target_value')} ${column('unit')}`.trim()] : []),
      ...(column('color') ? [`colour ${column('color')}`] : []),
    ],
  }
}

/** The days by their habits' ids. Those of a habit that is not there any more are no problem: Loop leaves them behind. */
function daysOf(
  database: DatabaseSync,
  file: string,
  habits: ReadonlyMap<bigint, LoopHabit>,
  problems: ImportProblem[],
) {
  const days = new Map<bigint, LoopDay[]>()
  let count = 0
  // Rows of a broken file may share the pages of their texts, so that they come to much more than the file.
  let textLength = 0
  for (const row of database.prepare('select * from Repetitions').iterate() as Iterable<SqliteRow>) {
    count += 1
    if (count > mostDays) throw new UnreadableExport(`${file} has more than ${mostDays} days.`)
    const { habit, timestamp, value } = row
    if (typeof habit !== 'bigint' || !habits.has(habit)) continue
    const date = dateOf(timestamp)
    if (date === undefined || typeof value !== 'bigint') {
      const reason = `${quoted(habits.get(habit)?.name ?? '')}: a day has no date, or no value.`
      problems.push({ file, line: null, reason })
      continue
    }
    const ofHabit = days.get(habit) ?? []
    days.set(habit, ofHabit)
    const notes = readerOf(row)('notes')
    textLength += notes.length
    if (textLength > mostBytes) throw new UnreadableExport(`${file} holds more than ${mostBytes} characters of notes.`)
    ofHabit.push({ date, value: states.get(value) ?? String(value), notes, line: null })
  }
  return days
}

// What the CSV export prints for them.
const states = new Map([
  [-1n, 'UNKNOWN'],
  [0n, 'NO'],
  [1n, 'YES_AUTO'],
  [2n, 'YES_MANUAL'],
  [3n, 'SKIP'],
])

/** A timestamp is the midnight, in UTC, at which its day begins there. */
function dateOf(timestamp: SQLOutputValue | undefined): string | undefined {
  const milliseconds = Number(timestamp)
  if (typeof timestamp !== 'bigint' || milliseconds % dayMs !== 0) return undefined
  const day = new Date(milliseconds)
  const year = day.getUTCFullYear()
  return year >= 0 && year <= 9999 ? day.toISOString().slice(0, 10) : undefined
}
