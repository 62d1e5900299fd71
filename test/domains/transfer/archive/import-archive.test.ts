import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { archiveFiles } from '../../../../src/domains/transfer/queries/archive/files.ts'
import { makeSeals } from '../../../../src/platform/sealed-values.ts'
import {
  type ArchivedRow,
  archiveOf,
  archiveSeals,
  importZip,
  packed,
  rowsIn,
  type Unpacked,
  unpack,
  withRows,
} from './archives.ts'
import { type RichWorld, richWorld } from './rich-world.ts'

let world: RichWorld
let folder: string
let original: Unpacked
/** The same with fewer days, for what takes no more. */
let small: Unpacked
beforeAll(async () => {
  world = await richWorld()
  folder = await mkdtemp(path.join(tmpdir(), 'kitaab-archives-'))
  original = await unpack(await archiveOf(world.databases, world.people.leila))
  small = withRows(original, 'entries', (rows) => rows.slice(-40))
  small = await unpack(packed(withRows(small, 'entry_history', (rows) => rows.slice(-40))))
})
afterAll(async () => {
  await world.stop()
  await rm(folder, { recursive: true })
})

/** Imports a zip into an account of this world. */
const bring = (ownerId: string, zip: Buffer, seals = archiveSeals) =>
  importZip({ database: world.database, folder }, ownerId, zip, seals)

/** Rows without times and actors, which are those of the import. */
function timeless(rows: ArchivedRow[]): ArchivedRow[] {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !/(At|By|purgeAfter|nextFireOn)$/.test(name))),
  )
}

test('what is imported into an empty account is exported again as it was, but for ids, times and actors', async () => {
  const ownerId = await world.newAccount('round@kitaab.example')
  await bring(ownerId, packed(original))
  const again = await unpack(await archiveOf(world.databases, ownerId))
  for (const { name, isImported } of archiveFiles) {
    if (!isImported || name === 'entry_history' || name === 'account') continue
    expect([name, timeless(rowsIn(again, name))]).toEqual([name, timeless(rowsIn(original, name))])
  }
})

test('RES-1 what is sensitive is exported as its owner wrote it, and sealed for its new place before it is stored', async () => {
  const told = rowsIn(original, 'resources').filter(({ isSensitive }) => isSensitive)
  expect(told).toMatchObject([
    { name: 'Safe', description: 'zanzibar', metadata: { code: ['zanzibar', 7] }, deletedAt: null },
    { name: 'Old safe', description: null, metadata: {}, deletedAt: expect.any(String) },
  ])
  const ownerId = await world.newAccount('sealed@kitaab.example')
  await bring(ownerId, packed(original))
  const rows = await world.sql(
    `select resource_id, ciphertext, key_id, description, metadata::text, version from resources
     where user_id = $1 and is_sensitive order by resource_id`,
    [ownerId],
  )
  expect(rows).toMatchObject(
    told.map(({ version }) => ({ key_id: 'of-archives', description: null, metadata: '{}', version })),
  )
  const [, before] = await world.sql('select ciphertext from resources where user_id = $1 order by resource_id', [
    world.people.leila,
  ])
  expect(rows[0]?.ciphertext).not.toBe(before?.ciphertext)
  expect(
    JSON.stringify(await world.sql('select r::text as row from resources as r where user_id = $1', [ownerId])),
  ).not.toContain('zanzibar')
  expect(
    JSON.stringify(await world.sql('select l::text as row from audit_log as l where user_id = $1', [ownerId])),
  ).not.toContain('zanzibar')
  const found = await world.sql('select s::text as row from search_documents as s where user_id = $1', [ownerId])
  expect(JSON.stringify(found)).not.toContain('zanzibar')
})

test('what no key opens any more is exported without description and metadata, which says so, and comes back empty', async () => {
  const lost = withRows(original, 'resources', (rows) =>
    rows.map((row) => ({ ...row, metadata: null, description: null })),
  )
  const ownerId = await world.newAccount('lost@kitaab.example')
  await bring(
    ownerId,
    packed(lost),
    makeSeals(() => [{ id: 'another', key: Buffer.alloc(32, 8) }]),
  )
  const told = rowsIn(await unpack(await archiveOf(world.databases, ownerId)), 'resources')
  const sensitive = told.filter(({ isSensitive }) => isSensitive)
  expect(sensitive.map(({ description, metadata }) => [description, metadata])).toEqual(Array(2).fill([null, null]))
  expect(told.filter(({ isSensitive }) => !isSensitive).every(({ metadata }) => metadata !== null)).toBe(true)
})

test('history comes in as IMPORTED with who made it as text, and stays that when it goes on', async () => {
  const ownerId = await world.newAccount('history@kitaab.example')
  await bring(ownerId, packed(original))
  const once = await unpack(await archiveOf(world.databases, ownerId))
  const told = rowsIn(original, 'entry_history').map((row) => ({
    ...row,
    originBefore: row.origin,
    origin: 'IMPORTED',
  }))
  expect(rowsIn(once, 'entry_history')).toEqual(told)
  expect(told).toContainEqual(expect.objectContaining({ changedBy: '@budi', originBefore: 'MANUAL' }))
  const next = await world.newAccount('history.again@kitaab.example')
  await bring(next, packed(once))
  expect(rowsIn(await unpack(await archiveOf(world.databases, next)), 'entry_history')).toEqual(told)
  const actors = await world.sql('select distinct changed_by_user_id as id from entry_history where user_id = $1', [
    ownerId,
  ])
  expect(actors).toEqual([{ id: ownerId }])
})

test('preferences come with it, who one is does not; what others are part of never does', async () => {
  const ownerId = await world.newAccount('self@kitaab.example')
  await bring(ownerId, packed(original))
  const files = await unpack(await archiveOf(world.databases, ownerId))
  expect(rowsIn(files, 'account')).toMatchObject([
    {
      email: 'self@kitaab.example',
      fullName: 'New',
      username: null,
      role: 'MEMBER',
      metadata: {},
      timeZone: 'Africa/Cairo',
      dayStartMinutes: 120,
      weekStart: 6,
      locale: 'ar-EG',
    },
  ])
  for (const name of ['relations', 'relation_requests', 'permissions', 'messages', 'sessions', 'devices', 'deliveries'])
    expect([name, rowsIn(files, name)]).toEqual([name, []])
  expect(rowsIn(files, 'audit_log').filter(({ action }) => action === 'archives.imported')).toHaveLength(1)
})

test('what was deleted can be restored where it was imported', async () => {
  const ownerId = await world.newAccount('restore@kitaab.example')
  await bring(ownerId, packed(original))
  const [deletion] = await world.sql(
    "select deletion_id, root_id, purge_after > now() + interval '89 days' as is_kept from deletions where user_id = $1 and label = 'Given up'",
    [ownerId],
  )
  expect(deletion?.is_kept).toBe(true)
  const [deed] = await world.sql('select name, deletion_id from deeds where user_id = $1 and deed_id = $2', [
    ownerId,
    deletion?.root_id,
  ])
  expect(deed).toEqual({ name: 'Given up', deletion_id: deletion?.deletion_id })
  const stamped = await world.sql('select name from deed_items where user_id = $1 and deletion_id = $2', [
    ownerId,
    deletion?.deletion_id,
  ])
  expect(stamped).toEqual([{ name: 'Given up' }])
})

test('an archive without rows, and one without the files that are never imported, come in', async () => {
  const empty = await unpack(await archiveOf(world.databases, await world.newAccount('empty@kitaab.example')))
  await bring(await world.newAccount('from.empty@kitaab.example'), packed(empty))
  const kept = new Map(
    [...original].filter(([name]) => !/^(messages|relation|permissions|sessions|audit_log|entries\.csv)/.test(name)),
  )
  await bring(await world.newAccount('from.less@kitaab.example'), packed(kept))
})

test('an account that is not empty is refused, with what is in the way', async () => {
  const ownerId = await world.newAccount('full@kitaab.example')
  await world.sql(
    "insert into deeds (user_id, category_type, name, measure_type) values ($1, 'hasanaat', 'Mine', 'count')",
    [ownerId],
  )
  await expect(bring(ownerId, packed(original))).rejects.toThrow(
    /^The account is not empty, and an archive goes into an empty one only\. It has deeds: 1, what was deleted included\./,
  )
  await expect(bring(world.people.leila, packed(original))).rejects.toThrow(/deletions: 4, deeds: 10, items: 40/)
})

test('GOAL-5 what an archive says of open goals is judged by its entries, what it says of sealed ones stays', async () => {
  const lying = withRows(original, 'goals', (rows) =>
    rows.map((row) =>
      row.sealedAt === null && row.completedAt === null && row.deletion === null
        ? { ...row, completedAt: '2026-01-01T00:00:00.000000Z', completedOn: row.startDate }
        : row,
    ),
  )
  const ownerId = await world.newAccount('goals@kitaab.example')
  await bring(ownerId, packed(lying))
  const states = (files: Unpacked) =>
    rowsIn(files, 'goals').map(({ title, completedOn, sealedAt }) => ({ title, completedOn, sealedAt }))
  const open = (rows: ReturnType<typeof states>) => rows.filter(({ sealedAt }) => sealedAt === null)
  const over = await world.sql('select title from goals where user_id = $1 and end_date < current_date - 1', [
    world.people.leila,
  ])
  const isOver = over.map(({ title }) => title)
  const judged = (files: Unpacked) => open(states(files)).filter(({ title }) => !isOver.includes(title))
  expect(judged(lying)).not.toEqual(judged(original))
  expect(judged(await unpack(await archiveOf(world.databases, ownerId)))).toEqual(judged(original))
})
