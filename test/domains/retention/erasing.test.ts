import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eraseClosedAccounts } from '../../../src/domains/retention/erasing.ts'
import { ownedTables } from '../../../src/domains/retention/queries/owned-tables.ts'
import type { JobTools } from '../../../src/job-tools.ts'
import { withKysely } from '../../../src/platform/database/migrator.ts'
import type { Database } from '../../../src/platform/database/types.ts'
import { makeLog } from '../../../src/platform/log.ts'
import { makeLocalObjects } from '../../../src/platform/objects/local-objects.ts'
import { type DeedsWorld, deedsWorld, itemIdOf } from '../../support/deeds.ts'
import { runTask } from '../../support/jobs.ts'
import { newUser, type TestPerson } from '../../support/people.ts'

let world: DeedsWorld
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())

const inDays = (count: number) => new Date(Date.now() + count * 24 * 60 * 60 * 1000)
const sql = (text: string, ...values: unknown[]) => world.sql(text, values)

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) {
    createDeed(input: $input) { deed { id itemTree { id } scale { values { id } } owner { today } } }
  }`
const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { entry { id } } }`
const CREATE_MERIT = /* GraphQL */ `
  mutation CreateMerit($input: CreateMeritInput!) { createMerit(input: $input) { merit { id } } }`
const DELETE_DEED = /* GraphQL */ `
  mutation DeleteDeed($input: DeleteDeedInput!) { deleteDeed(input: $input) { deletion { id } } }`

/** Sends a document, which must succeed. */
async function done(as: TestPerson, query: string, input: object) {
  const { data, errors } = await world.service.execute(query, { input }, { as, headers: { 'user-agent': 'agentwort' } })
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

async function newDeed(as: TestPerson, name: string) {
  const input = {
    category: 'HASANAAT',
    name,
    measure: 'SCALE',
    scale: [{ name: `no ${name}` }, { name: `yes ${name}` }],
    items: [{ name: `item ${name}` }],
  }
  const { deed } = (await done(as, CREATE_DEED, input)).createDeed
  return { id: deed.id, itemId: deed.itemTree[0].id, values: deed.scale.values, today: deed.owner.today }
}

let number = 0

/** Somebody with a row, and a word, in every table that a person has rows in; friends with Budi, each writing in the other's diary. */
async function fullLife() {
  number += 1
  const word = `zubaydah${number}`
  const [leaver, budi] = [await newUser(world.service.database, word), await newUser(world.service.database, 'budi')]
  const email = `${word}@wort.example`
  await sql(
    'update users set email = $2, username = $3, metadata = \'{"key": "metawort"}\', time_zone = \'Africa/Cairo\' where user_id = $1',
    leaver.userId,
    email,
    word,
  )
  const own = await newDeed(leaver, `deedwort ${word}`)
  const gone = await newDeed(leaver, `deletedwort ${word}`)
  const others = await newDeed(budi, 'Reading')
  await world.befriend(leaver, budi)
  await world.befriend(budi, leaver)
  await world.grant(leaver, budi, itemIdOf(own.itemId), { write: true, notes: true })
  await world.grant(budi, leaver, itemIdOf(others.itemId), { write: true, notes: true })
  const value = (of: { values: { id: string }[] }) => ({ scaleValueId: of.values[1]?.id })
  await done(leaver, RECORD, {
    itemId: own.itemId,
    ...value(own),
    notes: `notewort ${word}`,
    idempotencyKey: `keywort-${word}`,
  })
  await done(budi, RECORD, {
    itemId: own.itemId,
    ...value(own),
    notes: `delegatewort ${word}`,
    date: own.today,
    expectedVersion: 1,
  })
  await done(leaver, RECORD, { itemId: others.itemId, ...value(others), notes: 'a guest was here' })
  const goal = { itemId: own.itemId, metric: 'DAYS_RECORDED', target: '3' }
  await done(leaver, CREATE_MERIT, {
    deedId: own.id,
    title: `goalwort ${word}`,
    startDate: own.today,
    durationDays: 3,
    items: [goal],
  })
  await done(leaver, DELETE_DEED, { deedId: gone.id })
  await fillTheRest(leaver, word)
  return { leaver, budi, word, email, others }
}

/** By hand, what is no concern of this test how it comes about. */
async function fillTheRest({ userId }: TestPerson, word: string): Promise<void> {
  const insert = (table: string, columns: string, values: string) =>
    sql(
      `insert into ${table} (user_id, ${columns}) select $1, ${values} from (select $2::text as word) as words`,
      userId,
      word,
    )
  await insert(
    'one_time_tokens',
    'purpose, token_hash, email, expires_at',
    "'change_email', word::bytea, (word || '@newwort.example')::citext, now()",
  )
  await insert('push_subscriptions', 'endpoint, sealed_keys', "'https://push.example/' || word, repeat(word, 5)")
  await insert('notifications', 'local_time, title', "'05:00', 'remindwort ' || word")
  await sql(
    `insert into notification_deliveries (user_id, notification_id, channel, local_date, due_at, status, next_attempt_at)
     select user_id, notification_id, 'email', current_date, now(), 'waiting', now() from notifications where user_id = $1`,
    userId,
  )
  await sql('insert into notification_preferences (user_id) values ($1)', userId)
  await insert(
    'reflection_messages',
    'reflection_date, type, message',
    "current_date, 'general', 'reflectwort ' || word",
  )
  await insert('user_settings', 'key, value', "'theme', to_jsonb('settingwort ' || word)")
  await insert('resources', 'type, name, metadata', "'book', 'resourcewort ' || word, jsonb_build_object(word, word)")
  await insert('messages', 'author, author_id, content', "'user', $1, 'messagewort ' || word")
  await insert('uploads', 'file_name', "'filewort ' || word")
  await insert('jobs', 'kind, input', "'export', jsonb_build_object('inputwort', word)")
  await sql("insert into login_failures (account, ip) values ($1, '203.0.113.77')", `${word}@wort.example`)
  await sql("update sessions set ip = '203.0.113.77', user_agent = 'agentwort' where user_id = $1", userId)
  await sql(
    "insert into sessions (user_id, expires_at, ip, user_agent) values ($1, now() + interval '1 day', '203.0.113.77', 'agentwort')",
    userId,
  )
  const maryam = await newUser(world.service.database, 'maryam')
  const request = 'insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, $3)'
  await sql(request, userId, maryam.userId, `${word}@wort.example`)
  await sql("select set_config('app.user_id', $1, false)", userId)
  await sql(request, maryam.userId, userId, `${word} asked`)
  await sql("select set_config('app.user_id', '', false)")
}

/** The tables of the whole database, partitions and the queue too, where a row holds one of these words. */
async function tablesWith(...words: string[]): Promise<string[]> {
  const { superuser } = world.service.database
  const { rows: tables } = await superuser.query(
    `select oid::regclass::text as name from pg_class where relkind in ('r', 'm') and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema') order by 1`,
  )
  expect(tables.length).toBeGreaterThan(60)
  const found: string[] = []
  for (const { name } of tables) {
    const { rowCount } = await superuser.query(`select from ${name} as t where t::text ilike any ($1) limit 1`, [
      words.map((word) => `%${word}%`),
    ])
    if (rowCount) found.push(name)
  }
  return found
}

async function closeNow({ userId }: TestPerson): Promise<void> {
  await sql("update users set closes_at = now() + interval '30 days' where user_id = $1", userId)
}

const erase = (now: Date) => runTask(world.service, 'erase_accounts', { now })

test('an account that was closed is erased after 30 days, and no word of it is left in the whole database', async () => {
  const { leaver, budi, word, email, others } = await fullLife()
  await runTask(world.service, 'keep_statistics')
  for (const { table, owner } of ownedTables)
    expect([table, (await sql(`select from ${table} where ${owner} = $1`, leaver.userId)).length]).not.toEqual([
      table,
      0,
    ])
  const words = [word, 'metawort', 'agentwort', '203.0.113.77']
  const objects = makeLocalObjects(path.join(world.service.home, 'objects'))
  await objects.put(`exports/${leaver.userId}/a.zip`, Readable.from([Buffer.from('all')]))
  await objects.put(`exports/${leaver.userId}0/b.zip`, Readable.from([Buffer.from('another’s')]))
  const cold = makeLocalObjects(path.join(world.service.home, 'cold'))
  await cold.put(`scans/${leaver.userId}/c.laz`, Readable.from([Buffer.from('all')]))
  expect((await tablesWith(...words)).length).toBeGreaterThan(15)

  await closeNow(leaver)
  await erase(inDays(29))
  expect((await world.service.execute('{ me { email } }', {}, { as: leaver })).data.me.email).toBe(email)
  await erase(inDays(31))
  expect(await tablesWith(...words)).toEqual([])
  for (const { table, owner } of ownedTables)
    expect([table, (await sql(`select from ${table} where ${owner} = $1`, leaver.userId)).length]).toEqual([table, 0])
  expect([
    await objects.find(`exports/${leaver.userId}/a.zip`),
    await cold.find(`scans/${leaver.userId}/c.laz`),
    (await objects.find(`exports/${leaver.userId}0/b.zip`))?.bytes,
  ]).toEqual([null, null, 11])

  const [blank] = await sql('select * from users where user_id = $1', leaver.userId)
  expect(blank).toMatchObject({
    status: 'erased',
    email: null,
    full_name: null,
    metadata: {},
    closes_at: null,
    time_zone: 'UTC',
  })
  const seen = await world.service.execute(
    'query Seen($id: ID!) { node(id: $id) { ... on DeedItem { latestEntry { notes recordedBy { id } history(first: 1) { nodes { changedBy { id } } } } } } me { relations { totalCount } } }',
    { id: others.itemId },
    { as: budi },
  )
  expect(seen.errors).toBeUndefined()
  expect(seen.data).toMatchObject({
    node: { latestEntry: { notes: 'a guest was here', recordedBy: null, history: { nodes: [{ changedBy: null }] } } },
    me: { relations: { totalCount: 0 } },
  })
  expect(
    await sql(
      "select actor_id, old_values, new_values from audit_log where user_id = $1 and action_type = 'users.erased'",
      leaver.userId,
    ),
  ).toEqual([{ actor_id: null, old_values: null, new_values: null }])
  await expectMail(email, 'Your account is erased')
  await newUser(world.service.database, 'next').then(({ userId }) =>
    sql('update users set email = $2 where user_id = $1', userId, email),
  )
})

async function expectMail(to: string, subject: string): Promise<void> {
  const outbox = path.join(world.service.home, 'outbox')
  const mails = await Promise.all((await readdir(outbox)).map((name) => readFile(path.join(outbox, name), 'utf8')))
  expect(mails.filter((mail) => mail.includes(`To: ${to}`) && mail.includes(`Subject: ${subject}`))).toHaveLength(1)
}

test('an erasure that is killed between any two steps is gone on with, and ends the same', async () => {
  const { leaver, word } = await fullLife()
  await closeNow(leaver)
  const mails: string[] = []
  const log = makeLog({ level: 'silent' })
  let steps = 0
  await withKysely(world.service.database.connections.forRole('kitaab_worker'), async (worker) => {
    for (let unfinished = true; unfinished; steps += 1) {
      let left = steps
      const signal = {
        throwIfAborted() {
          if (left-- <= 0) throw new Error('killed')
        },
      } as AbortSignal
      const tools = {
        worker: worker as Database,
        log,
        now: () => inDays(31),
        signal,
        services: {
          publicUrl: '',
          backupDays: 0,
          objects: makeLocalObjects(world.service.home),
          coldObjects: makeLocalObjects(path.join(world.service.home, 'cold')),
          identity: { mailer: { send: async ({ to }: { to: string }) => void mails.push(to) } },
        },
      } as unknown as JobTools
      await eraseClosedAccounts(tools).catch((error) => expect(error.message).toBe('killed'))
      unfinished =
        (await sql('select from users where user_id = $1 and closes_at is not null', leaver.userId)).length > 0
    }
  })
  expect(steps).toBeGreaterThan(30)
  expect(mails).toEqual([`${word}@wort.example`])
  expect(await tablesWith(word)).toEqual([])
})

test('an account that is kept after all is not erased', async () => {
  const leaver = await newUser(world.service.database, 'wavers')
  await closeNow(leaver)
  await sql('update users set closes_at = null where user_id = $1', leaver.userId)
  await erase(inDays(31))
  expect(await sql('select status from users where user_id = $1', leaver.userId)).toEqual([{ status: 'active' }])
})
