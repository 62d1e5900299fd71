// People into whose diaries exports are imported, as the command does it.

import { makeDomainDatabases } from '../../../src/databases.ts'
import { importAs } from '../../../src/domains/transfer/import-as.ts'
import type { ImportPlan } from '../../../src/domains/transfer/import-plan.ts'
import type { ImportReport } from '../../../src/domains/transfer/import-report.ts'
import { planOfLoopExport } from '../../../src/domains/transfer/loop/plan.ts'
import { newWorld, only, type Person } from '../../db/world.ts'
import { quietLog } from '../../support/diaries.ts'

export type ImportWorld = Awaited<ReturnType<typeof importWorld>>

export interface Importer extends Person {
  readonly email: string
  /** Imports these files; habits without a folder are read from the root. */
  import(files: Record<string, string>, options?: { dryRun?: boolean }): Promise<ImportReport>
  /** Imports what was read from another app's export. */
  importPlan(plan: ImportPlan, source: string, options?: { dryRun?: boolean }): Promise<ImportReport>
}

export async function importWorld() {
  const world = await newWorld()
  const log = quietLog()
  const databases = makeDomainDatabases({ connections: world.database.connections, log })
  const importFiles = (email: string, files: Record<string, string>, { dryRun = false } = {}) =>
    importAs(databases, planOfLoopExport(new Map(Object.entries(files))), { email, dryRun, source: 'Loop', log })
  const importPlan = (email: string, plan: ImportPlan, source: string, { dryRun = false } = {}) =>
    importAs(databases, plan, { email, dryRun, source, log })
  let people = 0

  async function newImporter(): Promise<Importer> {
    people += 1
    const person = await world.newPerson(`leila${people}`)
    const email = `leila${people}@kitaab.example`
    return {
      ...person,
      email,
      import: (files, options) => importFiles(email, files, options),
      importPlan: (plan, source, options) => importPlan(email, plan, source, options),
    }
  }

  const stop = async () => {
    await databases.stop()
    await world.stop()
  }
  return { ...world, databases, log, importFiles, newImporter, stop }
}

export interface ExportedHabit {
  readonly name: string
  readonly type?: 'YES_NO' | 'NUMERICAL'
  readonly question?: string
  readonly unit?: string
  readonly isArchived?: boolean
  /** `date,value,notes`, as Loop writes them. */
  readonly days?: readonly string[]
}

/** The files of a Loop export. */
export function exportOf(...habits: readonly ExportedHabit[]): Record<string, string> {
  const header =
    'Position,Name,Type,Question,Description,FrequencyNumerator,FrequencyDenominator,Color,Unit,Target Type,Target Value,Archived?'
  const rows = habits.map(
    ({ name, type = 'YES_NO', question = '', unit = '', isArchived = false }, index) =>
      `${position(index)},"${name}",${type},${question},,1,1,#FF8F00,${unit},,,${isArchived}`,
  )
  const folders = habits.map(({ days = [] }, index) => [
    `${position(index)} habit/Checkmarks.csv`,
    ['Date,Value,Notes', ...days, ''].join('\n'),
  ])
  return { 'Habits.csv': [header, ...rows, ''].join('\n'), ...Object.fromEntries(folders) }
}

function position(index: number): string {
  return String(index + 1).padStart(3, '0')
}

/** Three entries: one before the first of the yearly partitions, two with notes. One silent day. */
export const fast = {
  name: 'Fast',
  question: 'Did you fast?',
  days: ['2014-12-31,YES_MANUAL,', '2026-01-02,NO,Ill', '2026-01-03,YES_AUTO,', '2026-01-04,SKIP,On the way'],
}
/** Two entries. One silent day. */
export const read = {
  name: 'Read',
  type: 'NUMERICAL' as const,
  unit: 'pages',
  isArchived: true,
  days: ['2026-01-01,15500,', '2026-01-02,YES_AUTO,', '2026-01-03,UNKNOWN,'],
}

/** All that an import may change of somebody: rows with their versions, histories, and what the change log says but for sessions. */
export async function traceOf({ admin }: ImportWorld, { id }: Person) {
  const [trace] = await admin(
    `select
       (select json_agg(e order by deed_item_id, entry_date) from entries as e where user_id = $1) as entries,
       (select json_agg(d order by deed_id) from deeds as d where user_id = $1) as deeds,
       (select json_agg(i order by deed_item_id) from deed_items as i where user_id = $1) as items,
       (select json_agg(g order by goal_id) from goals as g where user_id = $1) as goals,
       (select count(*) from entry_history where user_id = $1) as histories,
       (select max(seq) from change_log where user_id = $1 and entity <> 'Session') as last_change`,
    [id],
  )
  return trace
}

/** What somebody sees of their own entries: `deed | item | date | count | notes`, by deed and date. */
export async function diaryOf(person: Person): Promise<string[]> {
  const rows = await person.query(
    `select d.name as deed, i.name as item, e.entry_date, trim_scale(e.count_value) as count, e.notes
     from entries as e
     join deed_items as i using (user_id, deed_item_id)
     join deeds as d using (user_id, deed_id)
     where e.deleted_at is null
     order by d.name, e.entry_date`,
  )
  return rows.map(({ deed, item, entry_date, count, notes }) =>
    [deed, item, entry_date, count, notes ?? ''].join(' | '),
  )
}

/** The deeds of somebody in their order: name, key and whether it is hidden. */
export function deedsOf(person: Person) {
  return person.query(
    `select name, external_key, unit, description, measure_type, category_type, is_active, display_order, deed_id
     from deeds where deleted_at is null order by category_type, display_order`,
  )
}

/** Somebody's civil date. */
export async function todayOf(person: Person): Promise<string> {
  return only(await person.query('select owner_today($1)', [person.id]))
}
