// SHA-9 on every node: what is taken back through one server is gone from another one's very next answer, however warm it was there.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { passedTo } from '../../support/clock.ts'
import { addressOf, startKitaab } from '../../support/command.ts'
import { itemIdOf } from '../../support/deeds.ts'
import { startRedis } from '../../support/redis.ts'
import { startService, type TestService } from '../../support/service.ts'
import { peopleOf } from '../identity/people.ts'

type Ids = Record<string, string>
interface Someone {
  accessToken: string
  id: string
  userId: string
}

let service: TestService
let redis: Awaited<ReturnType<typeof startRedis>>
let second: { url: string; stop(): Promise<void> }
let leila: Someone
let budi: Someone
let ids: Ids
let relationId: string
let count = 0

beforeAll(async () => {
  redis = await startRedis()
  service = await startService({ ownTokens: true, config: { redisUrl: redis?.url ?? null } })
  second = await startSecond()
}, 60_000)
afterAll(async () => {
  await second.stop()
  await service.stop()
  await redis?.stop()
})
beforeEach(async () => {
  count += 1
  leila = await newcomer('leila')
  budi = await newcomer('budi')
  ids = await newBook()
  relationId = await befriend()
})

/** `kitaab serve` in a process of its own, on the same database, Redis and keys. */
async function startSecond() {
  const { connections } = service.database
  const { child, stderr } = startKitaab(['serve'], {
    DATABASE_URL: addressOf(connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(connections, 'kitaab_auth'),
    DATABASE_WORKER_URL: addressOf(connections, 'kitaab_worker'),
    DATABASE_ADMIN_URL: addressOf(connections, 'kitaab_admin'),
    REDIS_URL: redis?.url.href ?? '',
    KITAAB_HOME: service.home,
    PORT: '0',
  })
  let url: string | undefined
  while (url === undefined) {
    if (child.exitCode !== null) throw new Error(`The second server ended: ${stderr()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
    url = /listens on (http:\S+)/.exec(stderr())?.[1]
  }
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  return { url, stop }
}

async function newcomer(name: string): Promise<Someone> {
  const people = peopleOf(service)
  const email = `${name}-${count}@kitaab.example`
  await people.register({ email, fullName: name })
  const { accessToken } = (await people.logIn(email)).data.answer
  const { data } = await people.as({ accessToken }, '{ me { user { id } } }')
  const { id } = data.me.user
  return { accessToken, id, userId: Buffer.from(id, 'base64url').toString().split(':')[1] ?? '' }
}

/** Through the first server. */
async function send(as: Someone, query: string, variables: Record<string, unknown>) {
  const { data, errors } = await peopleOf(service).as(as, query, variables)
  expect(errors).toBeUndefined()
  return data
}

/** Through the second one. */
async function ask(as: Someone, query: string, variables: Record<string, unknown>) {
  const response = await fetch(new URL('/graphql', second.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${as.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as {
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
    data: any
    errors?: { extensions: { code: string; reason?: string } }[]
  }
}

/** Quran > Juz > Page, and Hadith; a page was read. */
async function newBook(): Promise<Ids> {
  const items = [{ name: 'Quran', children: [{ name: 'Juz', children: [{ name: 'Page' }] }] }, { name: 'Hadith' }]
  const input = { category: 'HASANAAT', name: 'Reading', measure: 'COUNT', items }
  const create =
    'mutation ($input: CreateDeedInput!) { createDeed(input: $input) { deed { id itemTree { id name } } } }'
  const { deed } = (await send(leila, create, { input })).createDeed
  const names = Object.fromEntries(deed.itemTree.map(({ id, name }: { id: string; name: string }) => [name, id]))
  const record =
    'mutation ($input: RecordEntryInput!) { recordEntry(input: $input) { entry { id history { nodes { id } } } } }'
  const { entry } = (await send(leila, record, { input: { itemId: names.Page, count: '5', notes: 'n' } })).recordEntry
  return { ...names, Reading: deed.id, entry: entry.id, change: entry.history.nodes[0].id }
}

const sql = async (text: string, values: unknown[]) => (await service.database.admin.query(text, values)).rows

async function befriend(): Promise<string> {
  const [row] = await sql(
    "insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, 'leila') returning relation_id",
    [leila.userId, budi.userId],
  )
  await sql("update relations set status = 'accepted' where relation_id = $1", [row?.relation_id])
  return row?.relation_id
}

const grant = (item = '', expiresAt: string | null = null) =>
  sql(
    `insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type, shares_notes, expires_at)
     values ($1, $2, $3, $4, 'write', true, $5)`,
    [leila.userId, relationId, budi.userId, itemIdOf(item), expiresAt],
  )

const EVERYTHING = /* GraphQL */ `
  query Everything($user: ID!, $ids: [ID!]!, $item: ID!) {
    user(id: $user) {
      deeds { itemTree { id latestEntry { id } } statistics { entryCount } streak { current { length } } }
      entries { totalCount nodes { id notes } }
      dashboard { totals { entryCount } deeds { entryCount } items { item { id } } series(by: ITEM) { item { id } } }
    }
    nodes(ids: $ids) { id }
    node(id: $item) { id }
  }`
const RECORD = 'mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { status } }'

/** What Budi sees of the page, and whether he may record, on the second server. */
async function seen() {
  const wanted = [ids.Page, ids.entry, ids.change, ids.Reading]
  const { data, errors = [] } = await ask(budi, EVERYTHING, { user: leila.id, ids: wanted, item: ids.Page })
  const whole = JSON.stringify(data.user)
  // The same value: nothing is written.
  const input = { itemId: ids.Page, count: '5', expectedVersion: 1, idempotencyKey: 'again' }
  const recorded = await ask(budi, RECORD, { input })
  return {
    person: data.user === null ? 'NOT_FOUND' : 'there',
    mentioned: wanted.some((id) => whole.includes(id ?? '')),
    entries: data.user?.entries.totalCount ?? 0,
    counted: data.user?.dashboard.totals[0]?.entryCount ?? 0,
    nodes: data.nodes.map((node: object | null) => node !== null),
    errors: errors.map(({ extensions }) => extensions.code),
    recorded: recorded.errors?.[0]?.extensions.code ?? recorded.data.recordEntry.status,
  }
}

const all = {
  person: 'there',
  mentioned: true,
  entries: 1,
  counted: 1,
  nodes: [true, true, true, true],
  errors: [],
  recorded: 'UNCHANGED',
}
const nothing = {
  person: 'there',
  mentioned: false,
  entries: 0,
  counted: 0,
  nodes: [false, false, false, false],
  errors: ['NOT_FOUND'],
  recorded: 'NOT_FOUND',
}
const nobody = { ...nothing, person: 'NOT_FOUND', errors: ['NOT_FOUND', 'NOT_FOUND'] }
const withoutPage = { ...nothing, nodes: [false, false, false, true] }

/** The relation as one of the two lists it, with what is granted. */
async function relationOf(as: Someone): Promise<{ id: string; permissions: { id: string }[] }> {
  const { me } = await send(as, '{ me { relations { nodes { id permissions { id } } } } }', {})
  return me.relations.nodes[0]
}

async function revoke() {
  const permissionIds = (await relationOf(leila)).permissions.map(({ id }) => id)
  const document =
    'mutation ($input: RevokePermissionsInput!) { revokePermissions(input: $input) { permissions { id } } }'
  await send(leila, document, { input: { permissionIds } })
}

async function block() {
  const { id } = await relationOf(leila)
  const document = 'mutation ($input: RespondToRelationInput!) { respondToRelation(input: $input) { relation { id } } }'
  await send(leila, document, { input: { relationId: id, response: 'BLOCK' } })
}

async function remove(by: Someone) {
  const { id } = await relationOf(by)
  const document = 'mutation ($input: RemoveRelationInput!) { removeRelation(input: $input) { relationId } }'
  await send(by, document, { input: { relationId: id } })
}

const ways: Record<string, [() => Promise<unknown>, object]> = {
  'a grant that was revoked': [revoke, nothing],
  'a grant whose time is over': [() => passedTo(service.database, '2999-01-01', leila), nothing],
  'a relation that was blocked': [block, nobody],
  'a relation that the owner removed': [() => remove(leila), nobody],
  'a relation that the other left': [() => remove(budi), nobody],
  'an item that was moved out of the shared branch': [
    () =>
      send(leila, 'mutation ($input: MoveDeedItemInput!) { moveDeedItem(input: $input) { item { id } } }', {
        input: { itemId: ids.Juz, parentId: ids.Hadith },
      }),
    withoutPage,
  ],
  'an item that was made private': [
    () =>
      send(leila, 'mutation ($input: UpdateDeedItemInput!) { updateDeedItem(input: $input) { item { id } } }', {
        input: { itemId: ids.Juz, isPrivate: true },
      }),
    withoutPage,
  ],
  'an item that was deleted': [
    () =>
      send(leila, 'mutation ($input: DeleteDeedItemInput!) { deleteDeedItem(input: $input) { deletion { id } } }', {
        input: { itemId: ids.Juz },
      }),
    withoutPage,
  ],
}

test.each(Object.entries(ways))('SHA-9 %s shows nothing more on another server', async (_, [take, left]) => {
  await grant(ids.Quran, '2999-01-01')
  // Twice, so that whatever is kept there is kept.
  expect([await seen(), await seen()]).toEqual([all, all])
  await take()
  expect(await seen()).toEqual(left)
})
