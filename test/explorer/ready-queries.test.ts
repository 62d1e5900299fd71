import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { demoWorld } from '../../db/demo/world.ts'
import { loadDemoWorld } from '../../src/domains/transfer/demo/load.ts'
import { readyQueriesFolder } from '../../src/explorer.ts'
import type { DB } from '../../src/generated/database.ts'
import { withKysely } from '../../src/platform/database/migrator.ts'
import { loadReadyQueries, readReadyQuery } from '../../src/platform/http/explorer/ready-queries.ts'
import { startService, type TestService, type TestUser } from '../support/service.ts'

// Plain JavaScript for the browser.
const { valueAt, variablesFor } = await import('../../src/platform/http/explorer/page/paths.js' as string)
const { tabs, page } = loadReadyQueries(readyQueriesFolder)
let service: TestService

beforeAll(async () => {
  service = await startService()
  await withKysely<void, DB>(service.database.connections.forRole('kitaab_admin'), (db) =>
    loadDemoWorld(db, demoWorld, { hashPassword: async () => 'a hash' }),
  )
})
afterAll(() => service.stop())

const people = demoWorld.people.map(({ fullName, username }) => [fullName, username])
const offeredTo = (role: string | null) => tabs.filter((tab) => tab.role === null || tab.role === role)

test.each(people)('all of them answer %s with data of theirs', async (fullName, username = '') => {
  const as = await signedIn(username)
  const found = await service.execute(page.signedIn.document, {}, { as })
  expect(found.errors).toBeUndefined()
  expect(valueAt(found.data, page.signedIn.variables.name)).toBe(fullName)
  for (const tab of offeredTo('MEMBER')) {
    const { values, missing } = variablesFor(tab, found.data)
    expect(missing).toEqual([])
    const { data, errors } = await service.execute(tab.document, values, { as })
    expect({ title: tab.title, errors }).toEqual({ title: tab.title, errors: undefined })
    expect(JSON.stringify(data).length).toBeGreaterThan(150)
  }
})

test.each(demoWorld.staff)('those for $role answer them, and nobody else', async ({ role, username }) => {
  const as = { ...(await signedIn(username)), role }
  const found = await service.execute(page.signedIn.document, {}, { as })
  expect(valueAt(found.data, page.signedIn.variables.role)).toBe(role.toUpperCase())
  const own = tabs.filter((tab) => tab.role === role.toUpperCase())
  expect(own.length).toBeGreaterThan(0)
  for (const tab of own) {
    const { data, errors } = await service.execute(tab.document, {}, { as })
    expect(errors).toBeUndefined()
    expect(JSON.stringify(data).length).toBeGreaterThan(500)
    const other = await service.execute(tab.document, {}, { as: await signedIn('leila') })
    expect(other.errors?.[0]?.extensions.reason).toBe('MISSING_ROLE')
  }
})

test('somebody new gets an answer too, or is told what is missing', async () => {
  await service.database.admin.query(`
    insert into users (email, username, full_name, password_hash) values ('new@kitaab.example', 'newcomer', 'Somebody New', 'a hash')`)
  const as = await signedIn('newcomer')
  const found = await service.execute(page.signedIn.document, {}, { as })
  for (const tab of offeredTo('MEMBER')) {
    const { values, missing } = variablesFor(tab, found.data)
    if (missing.length === 0) expect((await service.execute(tab.document, values, { as })).errors).toBeUndefined()
    else expect(tab.title).toMatch(/friend|prayer|History/)
  }
})

test('each takes so many statements, in so many groups', async () => {
  const as = await signedIn('leila')
  const found = await service.execute(page.signedIn.document, {}, { as })
  const taken: Record<string, { statements: number; groups: number }> = {}
  for (const tab of offeredTo('MEMBER').filter(({ kind }) => kind === 'query')) {
    const { flights } = await service.execute(tab.document, variablesFor(tab, found.data).values, { as })
    taken[tab.name] = {
      statements: flights.reduce((sum, flight) => sum + flight.statements, 0),
      groups: flights.length,
    }
  }
  expect(taken).toEqual({
    MyDashboard: { statements: 4, groups: 3 },
    MyDeedsAsATree: { statements: 5, groups: 4 },
    HowFarMyMeritIs: { statements: 8, groups: 6 },
    AFriendsSharedBranch: { statements: 7, groups: 6 },
    HistoryOfAnEntry: { statements: 5, groups: 4 },
    SearchMyBook: { statements: 9, groups: 5 },
    MyJournal: { statements: 4, groups: 3 },
  })
})

test('a file says title, description, what its variables are, and what to tell without them', () => {
  const read = readReadyQuery(
    '# My title\n#\n# What it is for.\n# $item = me.items.0.id\n# without $item: You have no item.\nquery Mine($item: ID!) {\n  node(id: $item) {\n    id\n  }\n}\n',
    'mine.graphql',
  )
  expect(read).toEqual({
    title: 'My title',
    description: 'What it is for.',
    name: 'Mine',
    kind: 'query',
    role: null,
    document: '# My title\n#\n# What it is for.\nquery Mine($item: ID!) {\n  node(id: $item) {\n    id\n  }\n}',
    variables: { item: 'me.items.0.id' },
    without: { item: 'You have no item.' },
  })
})

test.each([
  'query { me { id } }',
  'query A { me { id } } query B { me { id } }',
  'fragment F on User { id }',
  'subscription S { me { id } }',
])('a file that holds no single operation with a name is refused: %s', (text) => {
  expect(() => readReadyQuery(text, 'bad.graphql')).toThrow('bad.graphql must hold one query or mutation, with a name.')
})

test.each([
  ['a.b', 'deep'],
  ['list.0.id', 'first'],
  ['list.-1.id', 'last'],
  ['list[kind=SCALE].id', 'last'],
  ['list[isOpen=false].id', 'first'],
  ['list.7.id', null],
  ['list[kind=NONE].id', null],
  ['a.b.c.d', null],
  ['nothing.b', null],
])('the path %s leads to %j', (path, value) => {
  const answer = {
    a: { b: 'deep' },
    nothing: null,
    list: [
      { id: 'first', kind: 'COUNT', isOpen: false },
      { id: 'last', kind: 'SCALE', isOpen: true },
    ],
  }
  expect(valueAt(answer, path)).toBe(value)
})

async function signedIn(username: string): Promise<TestUser> {
  const { rows } = await service.database.admin.query(
    `insert into sessions (user_id, expires_at) select user_id, now() + interval '1 day' from users where username = $1
      returning user_id as "userId", session_id as "sessionId"`,
    [username],
  )
  return rows[0]
}
