import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { importArchive } from '../../../../src/domains/transfer/archive/import-archive.ts'
import { openArchive } from '../../../../src/domains/transfer/archive/open-archive.ts'
import { archiveFiles } from '../../../../src/domains/transfer/queries/archive/files.ts'
import { withKysely } from '../../../../src/platform/database/migrator.ts'
import type { Tables } from '../../../../src/platform/database/types.ts'
import { makeSeals } from '../../../../src/platform/sealed-values.ts'
import { zipOf } from '../../../support/zip.ts'
import {
  type ArchivedRow,
  archiveOf,
  archiveSeals,
  manifestIn,
  packed,
  rowsIn,
  type Unpacked,
  unpack,
  withRows,
  zipFile,
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

const untouched = async (ownerId: string) => {
  const [row] = await world.sql(
    `select (select count(*) from deeds where user_id = $1) + (select count(*) from entries where user_id = $1)
      + (select count(*) from entry_history where user_id = $1) + (select count(*) from deletions where user_id = $1) as rows,
      (select time_zone from users where user_id = $1) as zone`,
    [ownerId],
  )
  return row?.rows === '0' && row.zone === 'Asia/Jakarta'
}

/** Imports a zip into an account. */
async function bring(ownerId: string, zip: Buffer, seals = archiveSeals) {
  const archive = await openArchive(await zipFile(folder, zip))
  try {
    return await withKysely<Awaited<ReturnType<typeof importArchive>>, Tables>(
      world.database.connections.forRole('kitaab_worker'),
      (db) => db.transaction().execute((tx) => importArchive(tx, archive, { ownerId, seals, now: new Date() })),
    )
  } finally {
    archive.close()
  }
}

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

const change = (name: string, at: number, fields: ArchivedRow) => (files: Unpacked) =>
  withRows(files, name, (rows) => rows.map((row, index) => (index === at - 1 ? { ...row, ...fields } : row)))
const long = 'x'.repeat(5_000)

test.each<[string, (files: Unpacked) => Unpacked, RegExp]>([
  ['an unknown field', change('deeds', 2, { rank: 1 }), /^deeds\.jsonl, line 2: has a field "rank"/],
  ['no name', change('deeds', 3, { name: null }), /^deeds\.jsonl, line 3: has no name/],
  [
    'metadata that are a list',
    change('resources', 1, { metadata: [] }),
    /^resources\.jsonl, line 1: has a metadata that/,
  ],
  [
    'sensitive metadata that are too deep',
    change('resources', 1, { isSensitive: true, metadata: { a: [[[[[[[[1]]]]]]]] } }),
    /^resources\.jsonl, line 1: has a metadata that/,
  ],
  ['a number out of order', change('items', 2, { number: 3 }), /^items\.jsonl, line 2: has a number that is not 2/],
  ['an item of no deed', change('items', 4, { deed: 999 }), /^items\.jsonl, line 4: has a deed that names no row/],
  [
    'an entry of an item that is none',
    change('entries', 9, { item: 0 }),
    /^entries\.jsonl, line 9: has a item that names no row/,
  ],
  ['an item below itself', change('items', 1, { parent: 1 }), /^items\.jsonl, line 1: is below itself/],
  [
    'a parent of another deed',
    change('items', 38, { parent: 1 }),
    /^items\.jsonl, line 38: breaks the rule deed_items_parent_fkey/,
  ],
  [
    'a note that is too long',
    change('entries', 5, { notes: long }),
    /^entries\.jsonl, line 5: has a notes that is no text/,
  ],
  [
    'half a surrogate pair',
    change('deeds', 1, { name: 'a\ud800' }),
    /^deeds\.jsonl, line 1: has a name that is no text/,
  ],
  ['NUL', change('reflections', 1, { message: 'a\0' }), /^reflections\.jsonl, line 1: has a message/],
  [
    'a word that the format has not',
    change('deeds', 1, { category: 'good' }),
    /^deeds\.jsonl, line 1: has a category that is none/,
  ],
  [
    'four places',
    change('goal_items', 1, { target: '1.0001' }),
    /^goal_items\.jsonl, line 1: has a target that is no decimal/,
  ],
  [
    'a day that is none',
    change('entries', 1, { date: '2025-02-29' }),
    /^entries\.jsonl, line 1: has a date that is no day/,
  ],
  [
    'a day that is still to come',
    change('entries', 1, { date: '2100-01-01' }),
    /^entries\.jsonl, line 1: is of a day that is still to come/,
  ],
  [
    'a change that is still to come',
    change('entry_history', 1, { changedAt: '2099-01-01T00:00:00.000000Z' }),
    /^entry_history\.jsonl, line 1: has a changedAt that is still to come/,
  ],
  [
    'a value and a count',
    change('entries', 1, { scaleValue: 1, count: '1' }),
    /^entries\.jsonl, line 1: .*(measure|entries_value_check)/,
  ],
  ['neither', change('entries', 1, { scaleValue: null, count: null }), /^entries\.jsonl, line 1: /],
  [
    'two entries of a day',
    (files) => withRows(files, 'entries', (rows) => [...rows, rows[0] ?? {}]),
    /^entries\.jsonl, line \d+: breaks the rule entries/,
  ],
  [
    'two deeds of a name',
    change('deeds', 2, { name: 'Temper', category: 'SAIYYIAAT' }),
    /^deeds\.jsonl, line 8: breaks the rule deeds_name_key/,
  ],
  [
    'a scale of a deed that is counted',
    change('scales', 1, { deed: 7 }),
    /^scales\.jsonl, line 1: Only a deed measured by a scale has one/,
  ],
  [
    'days without a version',
    change('scales', 5, { effectiveFrom: '2020-01-02' }),
    /breaks a rule: Every day needs one version/,
  ],
  [
    'a goal of 0',
    change('goal_items', 1, { target: '0' }),
    /^goal_items\.jsonl, line 1: breaks the rule goal_items_target_check/,
  ],
  [
    'a window that is none',
    change('goals', 1, { durationDays: 1 }),
    /^goals\.jsonl, line 1: breaks the rule goals_window_check/,
  ],
  [
    'a change without what it became',
    change('entry_history', 1, { newCount: null, newScaleValue: null }),
    /^entry_history\.jsonl, line 1: has not one value after/,
  ],
  [
    'a zone that is none',
    change('account', 1, { timeZone: 'Nowhere/City' }),
    /^account\.jsonl, line 1: There is no such time zone/,
  ],
  [
    'a live item of a deleted deed',
    change('items', 40, { deletion: null, deletedAt: null, deletedBy: null }),
    /^items\.jsonl, line 40: What this belongs to is deleted/,
  ],
  [
    'two daily reminders',
    (files) =>
      withRows(files, 'reminders', (rows) =>
        rows.map((row, at) => (at === 1 ? { ...row, weekdays: [1, 2, 3, 4, 5, 6, 7], isActive: true } : row)),
      ),
    /^reminders\.jsonl, line 2: breaks the rule notifications_daily_key/,
  ],
  [
    'no JSON',
    (files) => new Map([...files, ['reflections.jsonl', Buffer.from('{"date": 1,\n')]]),
    /^reflections\.jsonl, line 1: is no JSON object/,
  ],
  [
    'no line end',
    (files) => new Map([...files, ['reflections.jsonl', Buffer.from('{}')]]),
    /^reflections\.jsonl ends in the middle/,
  ],
  [
    'no UTF-8',
    (files) => new Map([...files, ['reflections.jsonl', Buffer.from([0xff, 0x0a])]]),
    /^reflections\.jsonl can't be read/,
  ],
])('an archive with %s is refused with file, line and reason, and nothing of it goes in', async (_, lie, reason) => {
  const ownerId = await world.newAccount(`${crypto.randomUUID()}@kitaab.example`)
  await expect(bring(ownerId, packed(lie(small)))).rejects.toThrow(reason)
  expect(await untouched(ownerId)).toBe(true)
})

const entries = 'entries.jsonl'
test.each<[string, () => Buffer, RegExp]>([
  [
    'a file that was edited',
    () => packed(change('entries', 1, { notes: 'Better' })(small), { honest: false }),
    /^entries\.jsonl has another SHA-256/,
  ],
  [
    'rows that were taken out',
    () =>
      packed(
        withRows(small, 'reflections', (rows) => rows.slice(1)),
        { honest: false },
      ),
    /^reflections\.jsonl has \d+ rows, and the manifest says \d+/,
  ],
  [
    'rows that were added',
    () =>
      packed(
        withRows(small, 'reflections', (rows) => [...rows, ...rows]),
        { honest: false },
      ),
    /^reflections\.jsonl has more than the \d+ rows/,
  ],
  [
    'a file that is missing',
    () => packed(new Map([...small].filter(([name]) => name !== entries)), { honest: false }),
    /^The archive has no entries\.jsonl/,
  ],
])('an archive with %s is refused, and nothing of it goes in', async (_, zip, reason) => {
  const ownerId = await world.newAccount(`${crypto.randomUUID()}@kitaab.example`)
  await expect(bring(ownerId, zip())).rejects.toThrow(reason)
  expect(await untouched(ownerId)).toBe(true)
})

const withManifest = (manifest: string) => zipOf({ ...Object.fromEntries(small), 'manifest.json': manifest })
test.each<[string, () => Buffer, RegExp]>([
  ['no zip', () => Buffer.from('Dear diary'), /is no zip/],
  ['half a zip', () => packed(small).subarray(0, 5_000), /can't be read as a zip/],
  ['a zip without a manifest', () => zipOf({ 'deeds.jsonl': '' }), /The archive has no manifest\.json/],
  ['a manifest that is no JSON', () => withManifest('{'), /manifest\.json is no JSON/],
  [
    'one of something else',
    () => withManifest('{"format": "other"}'),
    /manifest\.json is none of an archive of Kitaab/,
  ],
  [
    'one of a later version',
    () => withManifest(JSON.stringify({ ...manifestIn(small), formatVersion: 2 })),
    /version 2 of the format/,
  ],
  [
    'one that names nonsense',
    () => withManifest(JSON.stringify({ ...manifestIn(small), files: [{}] })),
    /not as an export writes it/,
  ],
  ['a huge manifest', () => withManifest(' '.repeat(300_000)), /manifest\.json is too large/],
  [
    'a line without an end',
    () => packed(new Map([...small, ['reflections.jsonl', Buffer.alloc(3_000_000, 'x')]])),
    /^reflections\.jsonl has a line of more than/,
  ],
])('%s is refused', async (_, zip, reason) => {
  const ownerId = await world.newAccount(`${crypto.randomUUID()}@kitaab.example`)
  await expect(bring(ownerId, zip())).rejects.toThrow(reason)
  expect(await untouched(ownerId)).toBe(true)
})

test('DAY-5 an entry of the day after tomorrow is refused', async () => {
  const ownerId = await world.newAccount('future@kitaab.example')
  const [row] = await world.sql('select (current_date + 4)::text as day')
  const early = change('entries', 1, { date: row?.day })(small)
  await expect(bring(ownerId, packed(early))).rejects.toThrow(
    /^entries\.jsonl, line 1: A day is recorded until tomorrow/,
  )
})
