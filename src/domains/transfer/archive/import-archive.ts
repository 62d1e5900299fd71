import type { Database, UserId } from '../../../platform/database/types.ts'
import type { Seals } from '../../../platform/sealed-values.ts'
import { storeJudgements } from '../../progress/evaluator.ts'
import { goalsByKeys } from '../../progress/queries/goals.ts'
import { UnreadableExport } from '../import-plan.ts'
import type { Numbered } from '../queries/archive/fields.ts'
import { archiveFiles, fileNamed } from '../queries/archive/files.ts'
import * as steps from '../queries/archive/import-steps.ts'
import { lockScales, takeIds } from '../queries/archive/insert.ts'
import { type Here, idOf, newHere } from './archived-rows.ts'
import type { OpenArchive } from './open-archive.ts'
import { type Reading, type ReadRow, readAll, storeChanges, storeFile, storeRows } from './store-rows.ts'
import { itemsByLevel } from './tree-order.ts'

export interface ImportArchiveOptions {
  readonly ownerId: UserId
  /** Seal what is sensitive for its place here. */
  readonly seals: Seals
  /** What the archive tells of has not happened later than now. */
  readonly now: Date
  /** Told of the share that is done, from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined
}

export interface ArchiveReport {
  /** Of each file that is imported, how many rows went in. */
  readonly files: readonly { readonly name: string; readonly rows: number }[]
}

/**
 * Brings an archive into an empty account, in this transaction of `kitaab_worker`: all of it, or it throws an `UnreadableExport` that says
 * what is in the way, or file, line and reason. Everything in the archive may be a lie; the rules of the database hold for it.
 */
export async function importArchive(
  tx: Database,
  archive: OpenArchive,
  { ownerId, seals, now, onProgress }: ImportArchiveOptions,
): Promise<ArchiveReport> {
  if (!(await steps.beginImport(tx, ownerId))) throw new UnreadableExport('There is no such account.')
  await refuseUnlessEmpty(tx, ownerId)
  const imported = archiveFiles.filter(({ isImported }) => isImported)
  const counts = countsOf(archive)
  const total = imported.reduce((sum, { name }) => sum + rowsOf(archive, name), 0)
  const reading: Reading = {
    archive,
    by: { counts, latest: new Date(now.getTime() + clocksDiffer) },
    onRows: progress(total, onProgress),
  }
  const resourceIds = await takeIds(tx, 'resources', boundedRows(archive, 'resources'))
  const here = newHere({ ownerId, seals, ids: await idsOf(tx, counts), resourceIds })

  await storeAccount(tx, ownerId, reading)
  await storeFile(tx, fileNamed('deletions'), reading, here)
  await storeFile(tx, fileNamed('deeds'), reading, here)
  await storeItems(tx, reading, here)
  await storeScales(tx, reading, here)
  await storeFile(tx, fileNamed('entries'), reading, here)
  await storeChanges(tx, reading, here)
  for (const name of [
    'goals',
    'goal_items',
    'reflections',
    'reminders',
    'notification_preferences',
    'settings',
    'resources',
  ])
    await storeFile(tx, fileNamed(name), reading, here)
  await steps.checkWhatWaits(tx).catch((error: unknown) => {
    throw new UnreadableExport(`The archive breaks a rule: ${(error as Error).message}`)
  })
  await steps.keepDeletions(tx, ownerId)
  await judgeGoals(tx, here)
  await steps.auditImport(tx, ownerId, total)
  return { files: imported.map(({ name }) => ({ name, rows: rowsOf(archive, name) })) }
}

/** The clock of the machine that exported may be ahead. */
const clocksDiffer = 24 * 3_600_000
/** Of files that are held in memory while they go in. Rows of days are not. */
const mostRows = 200_000

async function refuseUnlessEmpty(tx: Database, ownerId: UserId): Promise<void> {
  const files = archiveFiles.filter(({ isImported, table }) => isImported && table !== 'users')
  const counts = await steps.countRows(
    tx,
    ownerId,
    files.map(({ table }) => table),
  )
  const there = files.flatMap(({ name, table }) => {
    const rows = counts.get(table) ?? 0
    return rows === 0 ? [] : [`${name.replaceAll('_', ' ')}: ${rows}`]
  })
  if (there.length === 0) return
  throw new UnreadableExport(
    `The account is not empty, and an archive goes into an empty one only. It has ${there.join(', ')}, what was deleted included. ` +
      'Register another account for it.',
  )
}

function rowsOf({ manifest }: OpenArchive, name: string): number {
  return manifest.files.find((file) => file.name === `${name}.jsonl`)?.rows ?? 0
}

const numbered = ['deletions', 'deeds', 'deed_items', 'scales', 'scale_values', 'goals'] as const

function countsOf(archive: OpenArchive): Record<Numbered, number> {
  const counts = { notifications: 0 } as Record<Numbered, number>
  for (const table of numbered) {
    const name = archiveFiles.find((file) => file.table === table)?.name ?? ''
    counts[table] = boundedRows(archive, name)
  }
  return counts
}

/** The manifest may say anything. */
function boundedRows(archive: OpenArchive, name: string): number {
  const rows = rowsOf(archive, name)
  if (rows > mostRows) throw new UnreadableExport(`${name}.jsonl has more than ${mostRows} rows.`)
  return rows
}

async function idsOf(tx: Database, counts: Record<Numbered, number>): Promise<Here['ids']> {
  const ids: Partial<Record<Numbered, readonly string[]>> = {}
  for (const table of numbered) ids[table] = await takeIds(tx, table, counts[table])
  return ids
}

function progress(total: number, onProgress: (share: number) => void = () => {}) {
  let done = 0
  return (rows: number) => {
    done += rows
    onProgress(total === 0 ? 1 : Math.min(1, done / total))
  }
}

async function storeAccount(tx: Database, ownerId: UserId, reading: Reading): Promise<void> {
  const [account] = await readAll(fileNamed('account'), reading)
  if (account === undefined) return
  await steps
    .trying(tx, () => steps.storePreferences(tx, ownerId, account.row as unknown as steps.Preferences))
    .catch((error: unknown) => {
      throw new UnreadableExport(`account.jsonl, line 1: ${(error as Error).message}`)
    })
}

async function storeItems(tx: Database, reading: Reading, here: Here): Promise<void> {
  const file = fileNamed('items')
  for (const level of itemsByLevel(await readAll(file, reading))) await storeRows(tx, file, level, here)
}

async function storeScales(tx: Database, reading: Reading, here: Here): Promise<void> {
  const scales = await readAll(fileNamed('scales'), reading)
  here.deedOfScale.push(...scales.map(({ row }) => idOf(here, 'deeds', row.deed) ?? ''))
  await storeRows(tx, fileNamed('scales'), scales, here)
  const values = await readAll(fileNamed('scale_values'), reading)
  here.scaleOfValue.push(...values.map(({ row }) => idOf(here, 'scales', row.scale) ?? ''))
  await storeRows(tx, fileNamed('scale_values'), values, here)
  await lockScales(tx, here.ownerId, lockedAmong(scales, here))
}

function lockedAmong(scales: readonly ReadRow[], here: Here) {
  return scales.flatMap(({ row }) => {
    const id = idOf(here, 'scales', row.number)
    return row.lockedAt === null || id === null ? [] : [{ id, lockedAt: String(row.lockedAt) }]
  })
}

const goalsAtOnce = 200

/** GOAL-5 What an archive says of open goals is judged by its entries. */
async function judgeGoals(tx: Database, { ownerId, ids }: Here): Promise<void> {
  const goalIds = ids.goals ?? []
  for (let start = 0; start < goalIds.length; start += goalsAtOnce) {
    const keys = goalIds.slice(start, start + goalsAtOnce).map((goalId) => ({ ownerId, goalId }))
    const goals = await goalsByKeys(tx, keys)
    await storeJudgements(
      tx,
      goals.filter(({ isSealed }) => !isSealed),
    )
  }
}
