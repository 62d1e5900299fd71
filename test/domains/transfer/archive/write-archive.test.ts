import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import { sql } from 'kysely'
import { zipParts } from '../../../../src/domains/transfer/archive/zip-parts.ts'
import { entriesTable } from '../../../../src/domains/transfer/queries/archive/entries-table.ts'
import { archiveFiles, notExported } from '../../../../src/domains/transfer/queries/archive/files.ts'
import { rowsInBatches } from '../../../../src/platform/database/rows-in-batches.ts'
import { archiveOf, madeAt, manifestIn, rowsIn, sha256, type Unpacked, unpack } from './archives.ts'
import { type RichWorld, richWorld } from './rich-world.ts'

let world: RichWorld
let files: Unpacked
beforeAll(async () => {
  world = await richWorld()
  files = await unpack(await archiveOf(world.databases, world.people.leila))
})
afterAll(() => world.stop())

test('the manifest has rows, bytes and SHA-256 of each file', async () => {
  const manifest = manifestIn(files)
  expect(manifest).toMatchObject({ format: 'kitaab-archive', formatVersion: 1, madeAt: '2026-11-21T12:00:00.000Z' })
  expect(manifest.files.map(({ name }) => name)).toEqual([...files.keys()].filter((name) => name !== 'manifest.json'))
  for (const { name, bytes, rows, sha256: told } of manifest.files) {
    const content = files.get(name) ?? Buffer.alloc(0)
    expect([name, bytes, told]).toEqual([name, content.byteLength, sha256(content)])
    if (name.endsWith('.jsonl')) expect([name, rows]).toEqual([name, rowsIn(files, name.replace('.jsonl', '')).length])
  }
})

test('every table with rows of a person is exported, or listed as not exported with the reason', async () => {
  const tables = await world.sql(`
    select distinct relname as name from pg_class
    join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    left join pg_constraint on conrelid = pg_class.oid and contype = 'f' and confrelid = 'users'::regclass
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') and not relispartition and relname <> 'own_account'
      and (attname = 'user_id' or pg_constraint.oid is not null)`)
  const exported = [...archiveFiles.map(({ table }) => table), 'audit_log']
  const listed = Object.keys(notExported)
  expect(tables.map(({ name }) => name).sort()).toEqual([...exported, ...listed].sort())
  expect(exported.filter((table) => listed.includes(table))).toEqual([])
})

test('every column of an exported table is told by a field, or left out with the reason', async () => {
  const columns = await world.sql(`
    select table_name, array_agg(column_name::text) as names from information_schema.columns where table_schema = 'public' group by 1`)
  for (const { table, fields, leftOut = {} } of archiveFiles) {
    const there = columns.find((row) => row.table_name === table)?.names as unknown as string[]
    const told = fields.flatMap((field) => field.columns)
    const missing = there.filter((name) => name !== 'user_id' && !told.includes(name) && !(name in leftOut))
    expect([table, missing]).toEqual([table, []])
    const unknown = [...told, ...Object.keys(leftOut)].filter((name) => !there.includes(name))
    expect([table, unknown]).toEqual([table, []])
  }
})

test('every label of every enum can be told', async () => {
  const enums = await world.sql(`
    select typname as name, array_agg(upper(enumlabel) order by enumsortorder) as labels
    from pg_enum join pg_type on pg_type.oid = enumtypid group by 1`)
  for (const { name, fields } of archiveFiles) {
    for (const { kind } of fields) {
      if (kind.is !== 'label' && kind.is !== 'labels') continue
      expect([name, kind.labels]).toEqual([name, enums.find((row) => row.name === kind.enum)?.labels])
    }
  }
})

test('an archive has everything of its owner, and rows name each other by its own numbers', () => {
  expect(rowsIn(files, 'account')).toEqual([
    expect.objectContaining({ email: 'leila@kitaab.example', timeZone: 'Africa/Cairo', metadata: { theme: 'dark' } }),
  ])
  const item = rowsIn(files, 'items').find(({ name }) => name === 'Older')
  const deed = rowsIn(files, 'deeds').find(({ number }) => number === item?.deed)
  expect(deed?.name).toBe('صلاة الليل 🌙 "quoted", \\ and\nlines')
  const entries = rowsIn(files, 'entries').filter((row) => row.item === item?.number)
  expect(entries).toMatchObject([
    { date: '1999-12-31', count: '0', clearedAt: expect.any(String), origin: 'IMPORTED' },
    { date: '2014-12-31', count: '2.125', clearedAt: null, notes: 'Line one\n=1+1, "two"', version: 3 },
    { date: '2025-01-02', count: '7', createdBy: 'OWNER', updatedBy: '@budi' },
  ])
  const changes = rowsIn(files, 'entry_history').filter((row) => row.item === item?.number)
  expect(changes.map(({ date, action, changedBy }) => [date, action, changedBy])).toEqual([
    ['1999-12-31', 'CREATED', 'OWNER'],
    ['2014-12-31', 'CREATED', 'OWNER'],
    ['2025-01-02', 'CREATED', 'OWNER'],
    ['1999-12-31', 'CLEARED', 'OWNER'],
    ['2014-12-31', 'CLEARED', 'OWNER'],
    ['2014-12-31', 'RESTORED', 'OWNER'],
    ['2025-01-02', 'UPDATED', '@budi'],
  ])
  expect(changes.at(-1)).toMatchObject({ oldCount: '999999999.999', newCount: '7', oldNotes: 'ملاحظة' })
})

test('letters, sessions and the audit log are there to read, without a secret', () => {
  expect(rowsIn(files, 'messages').slice(-2)).toMatchObject([
    { author: 'USER', content: 'How do I leave?' },
    { author: 'SUPPORT', content: 'By exporting.' },
  ])
  expect(rowsIn(files, 'sessions')).toMatchObject([{ ipAddress: '192.0.2.7', userAgent: 'Test' }])
  expect(rowsIn(files, 'devices')).toMatchObject([{ endpoint: 'https://push.example/1' }])
  const actions = rowsIn(files, 'audit_log').map(({ action }) => action)
  expect(new Set(actions)).toEqual(new Set(actions.filter((action) => !action.startsWith('entries.'))))
  expect(actions).toEqual(
    expect.arrayContaining(['users.created', 'deeds.created', 'deletions.created', 'goals.updated']),
  )
  const whole = Buffer.concat([...files.values()]).toString()
  for (const secret of ['hash', 'sealed-sealed']) expect(whole).not.toContain(`"${secret}`)
})

test('SHA-1 a request that was declined looks pending in the archive of who sent it, and names nobody', async () => {
  const stranger = await world.newAccount('stranger@kitaab.example')
  const [relation] = await world.sql(
    `insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, 'stranger') returning relation_id`,
    [stranger, world.people.maryam],
  )
  await world.sql("update relations set status = 'declined' where relation_id = $1", [relation?.relation_id])
  const told = async (userId: string, file: string) =>
    rowsIn(await unpack(await archiveOf(world.databases, userId)), file)
  expect(await told(world.people.maryam, 'relation_requests')).toContainEqual(
    expect.objectContaining({ sentTo: 'stranger', requestee: null, acceptedAt: null, endedAt: null }),
  )
  expect(await told(world.people.maryam, 'relations')).toEqual([
    expect.objectContaining({ requester: '@leila', status: 'ACCEPTED' }),
  ])
  expect(await told(stranger, 'relations')).toMatchObject([
    { requester: 'SOMEBODY', status: 'DECLINED', respondedAt: expect.any(String) },
  ])
})

test('SHA-8 nothing of anybody else is in an archive, of support neither', async () => {
  await world.sql("update users set role = 'support' where user_id = $1", [world.people.maryam])
  const mine = await unpack(await archiveOf(world.databases, world.people.maryam))
  expect(rowsIn(mine, 'messages')).toEqual([])
  const others = await world.sql(
    'select name from deed_items where user_id <> $1 and name not in (select name from deed_items where user_id = $1)',
    [world.people.maryam],
  )
  const whole = Buffer.concat([...mine.values()]).toString()
  expect(others.length).toBeGreaterThan(10)
  expect(others.filter(({ name }) => whole.includes(JSON.stringify(name)))).toEqual([])
})

test('entries.csv has the days that are recorded with the names of things', () => {
  const rows = parse(files.get('entries.csv') ?? '', { columns: true }) as Record<string, string>[]
  expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(entriesTable))
  expect(rows.filter(({ deed }) => deed?.startsWith('صلاة'))).toMatchObject([
    {
      date: '2014-12-31',
      category: 'HASANAAT',
      item: 'Younger / Older',
      count: '2.125',
      unit: 'ركعة',
      notes: 'Line one\n=1+1, "two"',
    },
    { date: '2025-01-02', item: 'Younger / Older', count: '7' },
  ])
  expect(rows.filter(({ deed }) => deed === 'Temper')).toMatchObject([
    { date: '2019-05-05', item: 'At home', value: 'Calm', score: '1', count: '' },
    { date: '2022-05-05', item: 'At home', value: 'Lost', score: '0.25', count: '' },
  ])
  expect(rows.filter(({ deed }) => deed === 'Given up')).toEqual([])
})

test('the README documents each file and each field, and docs/export-format.md is the same text', () => {
  const readme = files.get('README.md')?.toString() ?? ''
  for (const name of files.keys()) if (name !== 'README.md') expect(readme).toContain(name)
  for (const { name, fields } of archiveFiles) {
    const section = readme.split(`### ${name}.jsonl`)[1]?.split('###')[0] ?? ''
    for (const field of fields) expect([name, section]).toEqual([name, expect.stringContaining(`| ${field.name} |`)])
  }
  expect(fs.readFileSync(path.join(import.meta.dirname, '../../../../docs/export-format.md'), 'utf8')).toBe(readme)
})

test('rows are fetched as they are asked for: a diary of any length takes the same memory', async () => {
  const { db } = world.databases.forViewer({ userId: world.people.leila, sessionId: '', role: 'member' })
  await db.long.connection().execute(async (snapshot) => {
    const fetched: number[] = []
    const rows = rowsInBatches<{ n: number }>(snapshot, sql`select n from generate_series(1, 200000) as n`, {
      size: 500,
    })
    const part = async function* () {
      for await (const batch of rows) {
        fetched.push(batch.length)
        yield { text: batch.map(({ n }) => `${n} ${'x'.repeat(100)}\n`).join(''), rows: batch.length }
      }
    }
    const zip = zipParts([{ name: 'rows.txt', content: part }], { madeAt, version: '0' })
    // Deflated until the buffers of the streams are full, and no further while nobody reads.
    await new Promise((resolve) => zip.stream.once('readable', resolve))
    await settled(() => fetched.length)
    expect(fetched.length).toBeLessThan(100)
    zip.stream.destroy()
    await zip.idle()
    const before = fetched.length
    // The cursor is closed: the connection takes the next query.
    expect(await sql`select 1 as one`.execute(snapshot)).toMatchObject({ rows: [{ one: 1 }] })
    expect(fetched.length).toBe(before)
  })
})

/** Until a number does not change over some rounds of the event loop and the database's answers. */
async function settled(read: () => number): Promise<void> {
  for (let last = -1, calm = 0; calm < 200; ) {
    const now = read()
    calm = now === last ? calm + 1 : 0
    last = now
    await new Promise((resolve) => setImmediate(resolve))
  }
}
