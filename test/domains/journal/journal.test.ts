import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome } from '../identity/people.ts'

let service: TestService
let leila: TestPerson
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())
beforeEach(async () => {
  leila = await newUser(service.database, 'Leila', { timeZone: 'Pacific/Kiritimati' })
})

const fields = 'id date type message version createdAt updatedAt'
const ask = (as: TestPerson, query: string, variables = {}) => service.execute(query, variables, { as })
const send = (as: TestPerson, name: string, type: string, input: object, answer: string) =>
  ask(as, `mutation ($input: ${type}!) { answer: ${name}(input: $input) { ${answer} } }`, { input })
const write = (as: TestPerson, input: object) =>
  send(as, 'writeReflection', 'WriteReflectionInput', input, `status reflection { ${fields} }`)
const remove = (as: TestPerson, input: object) =>
  send(as, 'deleteReflection', 'DeleteReflectionInput', input, 'date type message')

async function written(as: TestPerson, input: object) {
  const answer = await write(as, input)
  expect(answer.errors ?? []).toEqual([])
  return answer.data.answer
}

async function journal(as: TestPerson, variables: object = {}) {
  const { data, errors } = await ask(
    as,
    `query ($range: DateRange, $first: Int, $after: String) { me { reflections(range: $range, first: $first, after: $after) {
      nodes { ${fields} } pageInfo { hasNextPage endCursor } totalCount
    } } }`,
    variables,
  )
  return data?.me?.reflections ?? { errors }
}

const today = async (person: TestPerson) => (await ask(person, '{ me { user { today } } }')).data.me.user.today

test('DAY-5 a day is the owner’s today where none is given, and none after their tomorrow or before 1900', async () => {
  const now = await today(leila)
  const tomorrow = new Date(`${now}T00:00:00Z`)
  tomorrow.setUTCDate(tomorrow.getUTCDate() + 1)
  const day = (offset: number) => new Date(tomorrow.getTime() + offset * 86_400_000).toISOString().slice(0, 10)
  expect((await written(leila, { type: 'GENERAL', message: 'Today' })).reflection.date).toBe(now)
  const on = async (date: string) => outcome(await write(leila, { type: 'GENERAL', date, message: 'x' }))
  expect(await on(day(0))).toBe('ok')
  expect(await on(day(1))).toBe('BAD_USER_INPUT DATE_OUT_OF_RANGE')
  expect(await on('1900-01-01')).toBe('ok')
  expect(await on('1899-12-31')).toBe('BAD_USER_INPUT DATE_OUT_OF_RANGE')
})

test('ENT-2 one of each type and day: written again it changes, with the same words it does not', async () => {
  const page = { type: 'GENERAL', date: '2026-03-01' }
  const first = await written(leila, { ...page, message: '  A calm day\r\n' })
  expect(first).toMatchObject({ status: 'CREATED', reflection: { ...page, message: 'A calm day', version: 1 } })
  const { version, id } = first.reflection
  expect(await written(leila, { ...page, message: 'A calm day' })).toEqual({
    status: 'UNCHANGED',
    reflection: first.reflection,
  })
  expect(await written(leila, { ...page, message: 'A long day' })).toMatchObject({
    status: 'UPDATED',
    reflection: { id, version: version + 1, message: 'A long day' },
  })
  expect(await written(leila, { ...page, type: 'HASANAAT', message: 'A calm day' })).toMatchObject({
    status: 'CREATED',
  })
  expect((await journal(leila)).totalCount).toBe(2)
})

test('ENT-8 a stale version is refused with the current one; 0 expects that nothing is there', async () => {
  const page = { type: 'GENERAL', date: '2026-03-01' }
  const refused = async (input: object) => (await write(leila, { ...page, ...input })).errors?.[0]?.extensions
  expect(await refused({ message: 'One', expectedVersion: 1 })).toMatchObject({
    reason: 'STALE_VERSION',
    currentVersion: 0,
  })
  await written(leila, { ...page, message: 'One', expectedVersion: 0 })
  expect(await refused({ message: 'Two', expectedVersion: 0 })).toMatchObject({
    code: 'CONFLICT',
    reason: 'STALE_VERSION',
    currentVersion: 1,
  })
  const { reflection } = await written(leila, { ...page, message: 'Two', expectedVersion: 1 })
  expect(outcome(await remove(leila, { reflectionId: reflection.id, expectedVersion: 1 }))).toBe(
    'CONFLICT STALE_VERSION',
  )
  expect(outcome(await remove(leila, { reflectionId: reflection.id, expectedVersion: 2 }))).toBe('ok')
})

test('writers at once leave one row, and every word of one of them', async () => {
  const page = { type: 'GENERAL', date: '2026-03-01' }
  const messages = ['one', 'two', 'three', 'four', 'five']
  const answers = await Promise.all(messages.map((message) => written(leila, { ...page, message })))
  expect(answers.filter(({ status }) => status === 'CREATED')).toHaveLength(1)
  const { nodes } = await journal(leila)
  expect(nodes).toMatchObject([{ version: 5, message: expect.stringMatching(/^(one|two|three|four|five)$/) }])
  const guarded = await Promise.all(
    messages.map((message) => write(leila, { ...page, message: `${message} again`, expectedVersion: 5 })),
  )
  expect(guarded.map(outcome).filter((one) => one !== 'CONFLICT STALE_VERSION')).toHaveLength(1)
})

test('what is deleted is gone, and is there again when its day is written about', async () => {
  const page = { type: 'SAIYYIAAT', date: '2026-03-01', message: 'I was loud' }
  const { reflection } = await written(leila, page)
  const deleted = await remove(leila, { reflectionId: reflection.id })
  expect(deleted.data.answer).toEqual(page)
  expect((await journal(leila)).nodes).toEqual([])
  expect(outcome(await ask(leila, 'query ($id: ID!) { node(id: $id) { id } }', { id: reflection.id }))).toBe(
    'NOT_FOUND',
  )
  expect(outcome(await remove(leila, { reflectionId: reflection.id }))).toBe('NOT_FOUND')
  expect(await written(leila, deleted.data.answer)).toMatchObject({
    status: 'CREATED',
    reflection: { id: reflection.id, message: 'I was loud', version: 3 },
  })
})

test('a text is 1 to 20,000 characters, counted after NFC', async () => {
  const of = async (message: string) => outcome(await write(leila, { type: 'GENERAL', message }))
  expect(await of(' \n ')).toBe('BAD_USER_INPUT INVALID_TEXT')
  expect(await of('e\u0301'.repeat(20_000))).toBe('ok')
  expect(await of('x'.repeat(20_001))).toBe('BAD_USER_INPUT INVALID_TEXT')
  expect(await of('a\u0000b')).toMatch(/^BAD_USER_INPUT/)
})

test('the journal comes by date, page by page, and within a range', async () => {
  for (const date of ['2026-03-01', '2026-03-03', '2026-03-02']) {
    for (const type of ['GENERAL', 'HASANAAT']) await written(leila, { type, date, message: `${date} ${type}` })
  }
  const places = (page: { nodes: { date: string; type: string }[] }) =>
    page.nodes.map(({ date, type }) => `${date.slice(-2)} ${type}`)
  const all = ['03 HASANAAT', '03 GENERAL', '02 HASANAAT', '02 GENERAL', '01 HASANAAT', '01 GENERAL']
  const found: string[] = []
  for (let after: string | null = null; ; ) {
    const page = await journal(leila, { first: 1, after })
    found.push(...places(page))
    if (!page.pageInfo.hasNextPage) break
    after = page.pageInfo.endCursor
  }
  expect(found).toEqual(all)
  const range = { from: '2026-03-02', to: '2026-03-02' }
  const one = await journal(leila, { range, first: 1 })
  expect([places(one), one.totalCount]).toEqual([['02 HASANAAT'], 2])
  const reason = async (variables: object) => (await journal(leila, variables)).errors?.[0]?.extensions.reason
  expect(await reason({ after: one.pageInfo.endCursor })).toBe('INVALID_CURSOR')
  expect(await reason({ first: 101 })).toBe('INVALID_PAGE_SIZE')
  expect(await reason({ range: { from: '2000-01-01', to: '2026-01-01' } })).toBe('RANGE_TOO_WIDE')
})

test('SHA-8 nobody else finds a reflection, changes it or deletes it: a friend, staff or a stranger', async () => {
  const { reflection } = await written(leila, { type: 'GENERAL', date: '2026-03-01', message: 'A secret' })
  const friend = await newUser(service.database, 'Budi')
  const { admin } = service.database
  await admin.query("insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, 'leila')", [
    leila.userId,
    friend.userId,
  ])
  await admin.query("update relations set status = 'accepted' where requester_id = $1", [friend.userId])
  const others: TestPerson[] = [friend, await newUser(service.database, 'Stranger')]
  for (const role of ['support', 'admin', 'analyst'] as const) {
    const staff = { ...(await newUser(service.database, role)), role }
    await admin.query('update users set role = $2 where user_id = $1', [staff.userId, role])
    others.push(staff)
  }
  for (const other of others) {
    const node = await ask(other, 'query ($id: ID!) { node(id: $id) { ... on Reflection { message } } }', {
      id: reflection.id,
    })
    expect([node.data, outcome(node)]).toEqual([{ node: null }, 'NOT_FOUND'])
    expect(outcome(await remove(other, { reflectionId: reflection.id }))).toBe('NOT_FOUND')
    expect((await journal(other)).nodes).toEqual([])
  }
  const anonymous = await service.execute('{ me { reflections { nodes { message } } } }')
  expect(outcome(anonymous)).toBe('UNAUTHENTICATED LOGIN_NEEDED')
  const narrow = { ...leila, scopes: leila.scopes.filter((scope) => !scope.startsWith('JOURNAL')) }
  expect((await journal(narrow)).errors?.[0]?.extensions).toMatchObject({ scopes: ['JOURNAL_READ'] })
  expect(outcome(await write(narrow, { type: 'GENERAL', message: 'x' }))).toBe('FORBIDDEN MISSING_SCOPE')
})

test('its owner’s audit log says that it was written, and never what', async () => {
  const page = { type: 'GENERAL', date: '2026-03-01' }
  const { reflection } = await written(leila, { ...page, message: 'The first secret' })
  await written(leila, { ...page, message: 'The second secret' })
  const { data } = await ask(leila, '{ me { auditLog { nodes { action objectId oldValues newValues } } } }')
  const events = data.me.auditLog.nodes.filter(({ action }: { action: string }) => action.startsWith('reflection'))
  expect(events).toMatchObject([
    { action: 'reflection_messages.updated', oldValues: { message: 'before' }, newValues: { message: 'after' } },
    { objectId: reflection.id, newValues: { date: '2026-03-01', type: 'GENERAL', message: 'after' } },
  ])
  expect(JSON.stringify(data)).not.toContain('secret')
})
