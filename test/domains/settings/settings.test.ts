import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'

let service: TestService
let leila: TestPerson
let admin: TestPerson
beforeAll(async () => {
  service = await startService()
  const person = await newUser(service.database, 'Admin')
  await service.database.admin.query("update users set role = 'admin' where user_id = $1", [person.userId])
  admin = { ...person, role: 'admin' }
})
afterAll(() => service.stop())
beforeEach(async () => {
  leila = await newUser(service.database, 'Leila')
})

const fields = 'key value isOwn defaultValue own { value version } description jsonSchema isPublic version'
const ask = (as: TestPerson, query: string, variables = {}) => service.execute(query, variables, { as })
const send = (as: TestPerson, name: string, input: object, answer: string) => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
  return ask(as, `mutation ($input: ${type}!) { answer: ${name}(input: $input) { ${answer} } }`, { input })
}
const setGlobal = (input: object, as = admin) => send(as, 'setSetting', input, `setting { ${fields} }`)
const setOwn = (input: object, as = leila) => send(as, 'setUserSetting', input, `setting { ${fields} }`)
const remove = (input: object, as = leila) => send(as, 'deleteUserSetting', input, `key setting { ${fields} }`)
const read = (key: string, as = leila) => ask(as, `query ($key: String!) { setting(key: $key) { ${fields} } }`, { key })
const settingOf = async (key: string, as = leila) => (await read(key, as)).data?.setting?.value

test('SET-1 theirs, else that of the service, which holds again when theirs is deleted', async () => {
  const { errors } = await read('home.tab')
  expect(errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND', field: 'key' })
  const set = await setGlobal({ key: 'home.tab', value: 'today', isPublic: true, description: ' Where to begin ' })
  expect(set.data.answer.setting).toEqual({
    key: 'home.tab',
    value: 'today',
    isOwn: false,
    defaultValue: 'today',
    own: null,
    description: 'Where to begin',
    jsonSchema: null,
    isPublic: true,
    version: 1,
  })
  expect((await read('home.tab')).data.setting).toEqual(set.data.answer.setting)
  const own = await setOwn({ key: 'home.tab', value: { tabs: ['journal', null, 1.5, true] } })
  expect(own.data.answer.setting).toMatchObject({
    value: { tabs: ['journal', null, 1.5, true] },
    isOwn: true,
    defaultValue: 'today',
    own: { version: 1 },
  })
  expect(await settingOf('home.tab', admin)).toBe('today')
  expect((await remove({ key: 'home.tab' })).data.answer.setting).toEqual(set.data.answer.setting)
  expect(outcome(await remove({ key: 'home.tab' }))).toBe('NOT_FOUND')
  const again = await setOwn({ key: 'home.tab', value: false })
  expect(again.data.answer.setting).toMatchObject({ value: false, own: { value: false, version: 3 } })
})

test('SET-1 what administrators keep to themselves is nothing to others, who may use its key', async () => {
  await setGlobal({ key: 'quota', value: 5, jsonSchema: { type: 'number' } })
  expect(outcome(await read('quota'))).toBe('NOT_FOUND')
  expect(await settingOf('quota', admin)).toBe(5)
  const own = await setOwn({ key: 'quota', value: 'no number' })
  expect(own.data.answer.setting).toMatchObject({
    value: 'no number',
    defaultValue: null,
    jsonSchema: null,
    isPublic: null,
    version: null,
  })
  expect((await remove({ key: 'quota' })).data.answer).toEqual({ key: 'quota', setting: null })
  for (const refused of [
    await setGlobal({ key: 'quota', value: 6 }, leila),
    await setGlobal({ key: 'x', value: 1 }, leila),
  ])
    expect(outcome(refused)).toBe('FORBIDDEN MISSING_ROLE')
})

test('SET-1 many keys of a document are one statement', async () => {
  await setGlobal({ key: 'one', value: 1, isPublic: true })
  await setOwn({ key: 'two', value: 2 })
  const { data, flights } = await ask(
    leila,
    '{ one: setting(key: "one") { value } two: setting(key: "two") { value } again: setting(key: "one") { isOwn } }',
  )
  expect(data).toEqual({ one: { value: 1 }, two: { value: 2 }, again: { isOwn: false } })
  expect(flights.map(({ statements }) => statements)).toEqual([1])
})

test('one’s own are listed by their keys, and are nobody else’s', async () => {
  for (const key of ['b', 'a.b', 'a']) await setOwn({ key, value: key })
  await setOwn({ key: 'gone', value: 1 })
  await remove({ key: 'gone' })
  const list = '{ me { settings { key value version createdAt updatedAt } } }'
  const { data } = await ask(leila, list)
  expect(data.me.settings).toMatchObject(['a', 'a.b', 'b'].map((key) => ({ key, value: key, version: 1 })))
  expect((await ask(admin, list)).data.me.settings).toEqual([])
})

test('a value fits the schema of the service: when it is set, when the schema changes, and one’s own as well', async () => {
  const jsonSchema = { enum: ['light', 'dark'] }
  expect(outcome(await setGlobal({ key: 'theme', value: 'blue', jsonSchema, isPublic: true }))).toBe(
    'BAD_USER_INPUT SCHEMA_MISMATCH',
  )
  await setGlobal({ key: 'theme', value: 'light', jsonSchema, isPublic: true })
  const refused = await setOwn({ key: 'theme', value: 'blue' })
  expect(outcome(refused)).toBe('BAD_USER_INPUT SCHEMA_MISMATCH')
  expect(refused.errors?.[0]?.extensions.field).toBe('input.value')
  expect(outcome(await setOwn({ key: 'theme', value: 'dark' }))).toBe('ok')
  // Left out the schema stays, null removes it; what was set before stays as it is.
  expect(outcome(await setGlobal({ key: 'theme', value: 'blue' }))).toBe('BAD_USER_INPUT SCHEMA_MISMATCH')
  expect(outcome(await setGlobal({ key: 'theme', value: 1, jsonSchema: { type: 'number' } }))).toBe('ok')
  expect(await settingOf('theme')).toBe('dark')
  expect(outcome(await setGlobal({ key: 'theme', value: 'blue', jsonSchema: null }))).toBe('ok')
  expect(outcome(await setGlobal({ key: 'theme', value: 1, jsonSchema: { type: 'colour' } }))).toBe(
    'BAD_USER_INPUT INVALID_SCHEMA',
  )
})

test('ENT-8 a stale version is refused with the current one; 0 expects that there is none', async () => {
  const told = ({ errors }: Awaited<ReturnType<typeof setOwn>>) => errors?.[0]?.extensions
  expect(told(await setOwn({ key: 'v', value: 1, expectedVersion: 1 }))).toMatchObject({
    reason: 'STALE_VERSION',
    currentVersion: 0,
  })
  expect(outcome(await setOwn({ key: 'v', value: 1, expectedVersion: 0 }))).toBe('ok')
  expect(outcome(await setOwn({ key: 'v', value: 2, expectedVersion: 0 }))).toBe('CONFLICT STALE_VERSION')
  expect(outcome(await remove({ key: 'v', expectedVersion: 2 }))).toBe('CONFLICT STALE_VERSION')
  const both = [1, 2].map((value) => setGlobal({ key: 'v', value, expectedVersion: 0 }))
  expect((await Promise.all(both)).map(outcome).sort()).toEqual(['CONFLICT STALE_VERSION', 'ok'])
  expect(outcome(await setGlobal({ key: 'v', value: 3, expectedVersion: 1 }))).toBe('ok')
})

test('administrators are told every version, who made it, and nothing of a change that was none', async () => {
  const key = 'banner'
  await setGlobal({ key, value: 'one', isPublic: true })
  await setGlobal({ key, value: 'one' })
  await setGlobal({ key, value: 'two', description: 'Above the page', isPublic: false })
  const query = `query ($first: Int, $after: String) { setting(key: "banner") { history(first: $first, after: $after) {
    nodes { version value isPublic description jsonSchema changedBy { email } changedAt } totalCount pageInfo { endCursor hasNextPage }
  } } }`
  const by = expect.objectContaining({ email: expect.stringContaining('Admin') })
  const { history } = (await ask(admin, query, { first: 1 })).data.setting
  expect(history).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } })
  expect(history.nodes).toMatchObject([
    { version: 2, value: 'two', isPublic: false, description: 'Above the page', changedBy: by },
  ])
  const next = (await ask(admin, query, { after: history.pageInfo.endCursor })).data.setting.history
  expect(next.nodes).toMatchObject([{ version: 1, value: 'one', isPublic: true, changedBy: by }])
  await setGlobal({ key, value: 'two', isPublic: true })
  expect(outcome(await ask(leila, query))).toBe('FORBIDDEN MISSING_ROLE')
})

test.each([
  ['a key that is none', { key: 'No', value: 1 }, 'BAD_USER_INPUT INVALID_TEXT'],
  ['null', { key: 'k', value: null }, 'BAD_USER_INPUT INVALID_VARIABLE'],
  ['too deep a value', { key: 'k', value: [[[[[[[[[1]]]]]]]]] }, 'BAD_USER_INPUT INVALID_VARIABLE'],
  ['too long a value', { key: 'k', value: 'x'.repeat(65_536) }, 'BAD_USER_INPUT INVALID_TEXT'],
  ['NUL', { key: 'k', value: ['a\u0000'] }, 'BAD_USER_INPUT INVALID_TEXT'],
  ['half a character', { key: 'k', value: { '\ud800': 1 } }, 'BAD_USER_INPUT INVALID_TEXT'],
  ['digits without end', { key: 'k', value: Array(2_000).fill(1e300) }, 'BAD_USER_INPUT OUT_OF_RANGE'],
])('%s is refused', async (_what, input, expected) => {
  expect(outcome(await setOwn(input))).toBe(expected)
})

test('values written in the document are as those of variables; a number beyond all bounds is refused', async () => {
  const set = (value: string) =>
    ask(leila, `mutation { setUserSetting(input: { key: "literal", value: ${value} }) { setting { value } } }`)
  const kept = async (value: string) => (await set(value)).data.setUserSetting.setting.value
  expect(await kept('{ a: [1, "ب", null, true, -2.5], __proto__: { b: {} } }')).toEqual(
    JSON.parse('{ "a": [1, "ب", null, true, -2.5], "__proto__": { "b": {} } }'),
  )
  expect(await kept('"text"')).toBe('text')
  expect(await kept('0')).toBe(0)
  expect(await kept('[]')).toEqual([])
  expect(outcome(await set('1e999'))).toMatch(/^BAD_USER_INPUT/)
})

test('SET-1 the settings of the service, page by page: of administrators all, of others the public ones', async () => {
  const keys = ['zz.a', 'zz.B', 'zz.c', 'zz.d']
  for (const [index, key] of keys.entries()) await setGlobal({ key, value: index, isPublic: key !== 'zz.c' })
  await setOwn({ key: 'zz.a', value: 'mine' })
  await setOwn({ key: 'zz.only-mine', value: 1 })
  const query = `query ($first: Int, $after: String) { settings(first: $first, after: $after) {
    nodes { ${fields} } edges { cursor } totalCount pageInfo { hasNextPage endCursor } } }`
  async function listed(as: TestPerson) {
    const found: { key: string; value: unknown; defaultValue: unknown }[] = []
    for (let after: string | null = null; ; ) {
      const answer: Awaited<ReturnType<typeof ask>> = await ask(as, query, { first: 2, after })
      const { settings } = answer.data
      found.push(...settings.nodes)
      expect(settings.nodes.length).toBe(settings.edges.length)
      after = settings.pageInfo.endCursor
      if (!settings.pageInfo.hasNextPage) {
        expect(settings.totalCount).toBe(found.length)
        return found
          .filter(({ key }) => key.startsWith('zz.'))
          .map(({ key, value, defaultValue }) => [key, value, defaultValue])
      }
    }
  }
  expect(await listed(leila)).toEqual([
    ['zz.B', 1, 1],
    ['zz.a', 'mine', 0],
    ['zz.d', 3, 3],
  ])
  expect(await listed(admin)).toEqual([
    ['zz.B', 1, 1],
    ['zz.a', 0, 0],
    ['zz.c', 2, 2],
    ['zz.d', 3, 3],
  ])
  const [{ cursor }] = (await ask(leila, query, { first: 1 })).data.settings.edges
  expect(outcome(await ask(admin, query, { after: cursor }))).toBe('BAD_USER_INPUT INVALID_CURSOR')
  expect(outcome(await ask(leila, query, { first: 101 }))).toBe('BAD_USER_INPUT INVALID_PAGE_SIZE')
})
