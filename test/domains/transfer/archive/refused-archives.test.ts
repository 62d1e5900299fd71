import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { zipOf } from '../../../support/zip.ts'
import {
  type ArchivedRow,
  archiveOf,
  archiveSeals,
  importZip,
  manifestIn,
  packed,
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

const untouched = async (ownerId: string) => {
  const [row] = await world.sql(
    `select (select count(*) from deeds where user_id = $1) + (select count(*) from entries where user_id = $1)
      + (select count(*) from entry_history where user_id = $1) + (select count(*) from deletions where user_id = $1) as rows,
      (select time_zone from users where user_id = $1) as zone`,
    [ownerId],
  )
  return row?.rows === '0' && row.zone === 'Asia/Jakarta'
}

/** Imports a zip into an account of this world. */
const bring = (ownerId: string, zip: Buffer, seals = archiveSeals) =>
  importZip({ database: world.database, folder }, ownerId, zip, seals)

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
