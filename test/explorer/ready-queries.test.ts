import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { demoWorld } from '../../db/demo/world.ts'
import { makePasswords } from '../../src/domains/identity/services/passwords.ts'
import { loadDemoWorld } from '../../src/domains/transfer/demo/load.ts'
import { readyQueriesFolder } from '../../src/explorer.ts'
import type { DB } from '../../src/generated/database.ts'
import { withKysely } from '../../src/platform/database/migrator.ts'
import { loadReadyQueries, readReadyQuery } from '../../src/platform/http/explorer/ready-queries.ts'
import { runTask } from '../support/jobs.ts'
import type { TestService, TestUser } from '../support/service.ts'
import { startWholeService, surveysAreTried } from '../support/whole-service.ts'

// Plain JavaScript for the browser.
const { valueAt, variablesFor } = await import('../../src/platform/http/explorer/page/paths.js' as string)
const { all, page } = loadReadyQueries(readyQueriesFolder)
let service: TestService

beforeAll(async () => {
  service = await startWholeService()
  await withKysely<void, DB>(service.database.connections.forRole('kitaab_admin'), (db) =>
    loadDemoWorld(db, demoWorld, { hashPassword: makePasswords().hash }),
  )
  await runTask(service, 'keep_statistics')
}, 60_000)
afterAll(() => service.stop())

const people = demoWorld.people.map(({ fullName, username }) => [fullName, username])
const forEverybody = all.filter(({ role }) => role === null)
/** What the page adds in the demo world. */
const demo = { password: demoWorld.password }
/** What a mutation may say that is sent again: what it was asked for is done, or being done. */
const saidTheSecondTime = ['IN_PROGRESS', 'NOT_FOUND', 'DUPLICATE_NAME']

test('each takes so many statements, in so many groups', async () => {
  const as = await signedIn('leila')
  const found = await foundBy(as)
  const taken: Record<string, { statements: number; groups: number }> = {}
  for (const tab of forEverybody.filter(({ kind, needs }) => kind === 'query' && (surveysAreTried || !needs))) {
    const { flights } = await service.execute(tab.document, variablesFor(tab, found).values, { as })
    taken[tab.name] = {
      statements: flights.reduce((sum, flight) => sum + flight.statements, 0),
      groups: flights.length,
    }
  }
  expect(taken).toEqual({
    MyDashboard: { statements: 4, groups: 3 },
    MyDeedsAsATree: { statements: 4, groups: 3 },
    HistoryOfAnEntry: { statements: 6, groups: 3 },
    HowFarMyMeritIs: { statements: 7, groups: 5 },
    SearchMyBook: { statements: 11, groups: 5 },
    StreaksAndStatistics: { statements: 6, groups: 5 },
    VersionsOfMyScales: { statements: 3, groups: 3 },
    AllMyEntries: { statements: 4, groups: 1 },
    WhatIImported: { statements: 3, groups: 3 },
    AFriendsSharedBranch: { statements: 6, groups: 3 },
    WhoSharesWithWhom: { statements: 8, groups: 3 },
    WhoSeesADeedOfMine: { statements: 6, groups: 4 },
    AsAFriendSeesMe: { statements: 5, groups: 3 },
    MyJournal: { statements: 1, groups: 1 },
    MyLettersWithSupport: { statements: 3, groups: 2 },
    MyReminders: { statements: 4, groups: 2 },
    MyResources: { statements: 3, groups: 3 },
    FindByMetadata: { statements: 3, groups: 3 },
    MySettings: { statements: 3, groups: 2 },
    ...(surveysAreTried && {
      MyProjects: { statements: 8, groups: 5 },
      ScansNearAPlace: { statements: 5, groups: 4 },
    }),
    SettingsOfTheService: { statements: 2, groups: 2 },
    WhatWasDone: { statements: 3, groups: 3 },
    WhatIDeleted: { statements: 2, groups: 2 },
    MyExports: { statements: 3, groups: 3 },
    MyAccountAndItsBounds: { statements: 3, groups: 2 },
  })
})

test.each(people)('all of them answer %s with data of theirs, or say what to do', async (fullName, username = '') => {
  const as = await signedIn(username)
  const found = await foundBy(as)
  expect(valueAt(found, page.signedIn.variables.name)).toBe(fullName)
  const told: string[] = []
  for (const { title, document, ...readyQuery } of forEverybody) {
    const { values, missing } = variablesFor(readyQuery, { ...found, demo })
    if (missing.length > 0) {
      told.push(title)
      continue
    }
    const { data, errors } = await service.execute(document, values, { as })
    expect({ title, errors }).toEqual({ title, errors: undefined })
    expect(JSON.stringify(data).length).toBeGreaterThan(username === 'leila' ? 40 : 20)
  }
  // The first of them, as whom the printed link signs in, lacks nothing.
  const withoutSurveys = all.filter(({ needs }) => needs && !surveysAreTried).map(({ title }) => title)
  const lacking = told.filter((title) => !withoutSurveys.includes(title))
  // A request of hers, a block.
  if (username === 'leila') expect(lacking).toEqual(['Take a request back', 'Lift a block'])
  else
    expect(
      lacking.every((title) => /request|deletion|sees me|Share|permission|block|scan|Record for/.test(title)),
    ).toBe(true)
})

test('what writes may be sent twice', async () => {
  const as = await signedIn('leila')
  const found = await foundBy(as)
  for (const { title, document, ...mutation } of forEverybody.filter(({ kind }) => kind === 'mutation')) {
    const { values, missing } = variablesFor(mutation, { ...found, demo })
    if (missing.length > 0) continue
    await service.execute(document, values, { as })
    const { errors = [] } = await service.execute(document, values, { as })
    const reasons = errors.map(({ extensions }) => String(extensions.reason ?? extensions.code))
    expect({ title, unexpected: reasons.filter((reason) => !saidTheSecondTime.includes(reason)) }).toEqual({
      title,
      unexpected: [],
    })
  }
})

test.each(demoWorld.staff)('those for $role answer them, and nobody else', async ({ role, username }) => {
  const as = { ...(await signedIn(username)), role }
  const found = await foundBy(as)
  expect(valueAt(found, page.signedIn.variables.role)).toBe(role.toUpperCase())
  const own = all.filter((readyQuery) => readyQuery.role === role.toUpperCase())
  expect(own.length).toBeGreaterThan(1)
  let ids: Record<string, string> = {}
  for (const readyQuery of own) {
    const { values, missing } = variablesFor(readyQuery, { ...found, demo })
    for (const told of missing) expect(told).toMatch(/^Copy the id of an? \w+ from/)
    const { data, errors } = await service.execute(readyQuery.document, { ...values, ...ids }, { as })
    expect(errors).toBeUndefined()
    expect(JSON.stringify(data).length).toBeGreaterThan(80)
    const other = await service.execute(readyQuery.document, { ...values, ...ids }, { as: await signedIn('leila') })
    expect(other.errors?.[0]?.extensions.reason).toBe('MISSING_ROLE')
    ids = { thread: valueAt(data, 'inbox.nodes.0.id'), user: valueAt(data, 'users.nodes.-1.id'), ...ids }
  }
})

test('somebody new gets an answer too, or is told what is missing', async () => {
  await service.database.admin.query(`
    insert into users (email, username, full_name, password_hash, email_verified) values ('new@kitaab.example', 'newcomer', 'Somebody New', 'a hash', true)`)
  const as = await signedIn('newcomer')
  const found = await foundBy(as)
  for (const { title, document, ...readyQuery } of forEverybody) {
    const { values, missing } = variablesFor(readyQuery, found)
    if (missing.length > 0)
      expect(title).toMatch(
        /friend|prayer|several|deed of mine|History|request|deletion|Share|Close|permission|block|scan|project/i,
      )
    else expect((await service.execute(document, values, { as })).errors).toBeUndefined()
  }
})

test('few are open from the start, and no topic is long', () => {
  expect(forEverybody.filter(({ isTab }) => isTab)).toHaveLength(6)
  for (const topic of new Set(all.map((readyQuery) => readyQuery.topic))) {
    expect(topic).toMatch(/^[A-Z][a-z ]+$/)
    expect(all.filter((readyQuery) => readyQuery.topic === topic).length).toBeLessThanOrEqual(8)
  }
})

test('a file says title, description, what its variables are, and what to tell without them', () => {
  const read = readReadyQuery(
    '# My title\n#\n# What it is for.\n# opens as a tab\n# needs POSTGIS\n# $item = me.items.0.id\n# without $item: You have no item.\nquery Mine($item: ID!) {\n  node(id: $item) {\n    id\n  }\n}\n',
    '2-my-days/1-mine.graphql',
  )
  expect(read).toEqual({
    title: 'My title',
    description: 'What it is for.',
    topic: 'My days',
    isTab: true,
    name: 'Mine',
    kind: 'query',
    role: null,
    needs: 'POSTGIS',
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

/** What the page asks for whoever is signed in, before it fills in the variables. */
async function foundBy(as: TestUser) {
  const ask = async ({ document }: { document: string }) => {
    const { data, errors } = await service.execute(document, {}, { as })
    expect(errors).toBeUndefined()
    return data
  }
  return { ...(await ask(page.signedIn)), surveys: surveysAreTried ? await ask(page.surveys) : null }
}

async function signedIn(username: string): Promise<TestUser> {
  const { rows } = await service.database.admin.query(
    `insert into sessions (user_id, expires_at) select user_id, now() + interval '1 day' from users where username = $1
      returning user_id as "userId", session_id as "sessionId"`,
    [username],
  )
  return rows[0]
}
