import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import type { Viewer } from '../../../src/platform/viewer.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { type Executed, startService, type TestService } from '../../support/service.ts'
import { outcome, password, peopleOf, type Tokens } from '../identity/people.ts'

let service: TestService
let admin: TestPerson
let leila: TestPerson
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())
beforeEach(async () => {
  await service.database.admin.query("update users set role = 'member' where role = 'admin'")
  admin = await newStaff('admin')
  leila = await newUser(service.database, 'Leila')
})

async function newStaff(role: Viewer['role']): Promise<TestPerson> {
  const person = await newUser(service.database, role)
  await service.database.admin.query('update users set role = $2 where user_id = $1', [person.userId, role])
  return { ...person, role }
}

const account = 'id email emailVerified username role status createdAt lastLoginAt closesAt'
const ask = (as: TestPerson, query: string, variables = {}) => service.execute(query, variables, { as })
function act(as: TestPerson, name: string, person: TestPerson, more: object = {}) {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
  return ask(as, `mutation ($input: ${type}!) { answer: ${name}(input: $input) { user { ${account} } } }`, {
    input: { userId: person.globalId, ...more },
  })
}
const users = (as: TestPerson, variables: object = {}): Promise<Executed> =>
  ask(
    as,
    `query ($filter: UserFilter, $first: Int, $after: String) { users(filter: $filter, first: $first, after: $after) {
      nodes { ${account} } pageInfo { hasNextPage endCursor } totalCount
    } }`,
    variables,
  )
const mutations = [
  ['setRole', { role: 'ADMIN' }],
  ['suspendUser', {}],
  ['reinstateUser', {}],
  ['unlockLogin', {}],
] as const

test.each(mutations)('%s is an administrator’s alone, whatever the token says', async (name, more) => {
  for (const role of ['member', 'support', 'analyst'] as const) {
    expect(outcome(await act(await newStaff(role), name, leila, more))).toBe('FORBIDDEN MISSING_ROLE')
  }
  const pretender = { ...(await newUser(service.database, 'Pretender')), role: 'admin' as const }
  expect(outcome(await act(pretender, name, leila, more))).toBe('UNAUTHENTICATED TOKEN_EXPIRED')
  const narrow = { ...admin, scopes: admin.scopes.filter((scope) => scope !== 'ADMIN_WRITE') }
  expect(outcome(await act(narrow, name, leila, more))).toBe('FORBIDDEN MISSING_SCOPE')
  const nobody = { ...leila, globalId: toGlobalId('User', { userId: '999999' }) }
  expect(outcome(await act(admin, name, nobody, more))).toBe('NOT_FOUND')
})

test('a role is set, and its account’s access tokens change nothing until they are refreshed', async () => {
  const answer = await act(admin, 'setRole', leila, { role: 'SUPPORT' })
  expect(answer.data.answer.user).toMatchObject({ id: leila.globalId, role: 'SUPPORT', status: 'ACTIVE' })
  const update = 'mutation { updateAccount(input: { fullName: "L" }) { account { id } } }'
  expect(outcome(await ask(leila, update))).toBe('UNAUTHENTICATED TOKEN_EXPIRED')
  const refreshed = { ...leila, role: 'support' as const }
  expect(outcome(await ask(refreshed, '{ inbox { totalCount } }'))).toBe('ok')
  expect(outcome(await users(refreshed))).toBe('FORBIDDEN MISSING_ROLE')
})

test('SES-4 a suspension ends all sessions and lets nobody in until the account is reinstated', async () => {
  const own = await startService({ database: service.database, ownTokens: true })
  try {
    const people = peopleOf(own)
    const email = 'suspended@kitaab.example'
    await people.register({ email })
    const tokens: Tokens = (await people.logIn(email)).data.answer
    const [person] = (await users(admin, { filter: { search: email } })).data.users.nodes
    const suspended = await act(admin, 'suspendUser', { ...leila, globalId: person.id })
    expect(suspended.data.answer.user).toMatchObject({ email, status: 'SUSPENDED' })
    expect(outcome(await people.refresh(tokens.refreshToken))).toBe('UNAUTHENTICATED SESSION_ENDED')
    expect(outcome(await people.logIn(email))).toBe('UNAUTHENTICATED ACCOUNT_INACTIVE')
    const update = 'mutation { updateAccount(input: { fullName: "L" }) { account { id } } }'
    expect(outcome(await people.as(tokens, update))).toBe('UNAUTHENTICATED ACCOUNT_INACTIVE')
    const again = await act(admin, 'reinstateUser', { ...leila, globalId: person.id })
    expect(again.data.answer.user.status).toBe('ACTIVE')
    expect(outcome(await people.refresh(tokens.refreshToken))).toBe('UNAUTHENTICATED SESSION_ENDED')
    expect(outcome(await people.logIn(email))).toBe('ok')
  } finally {
    await own.stop()
  }
})

test('SES-1 an unlocked log-in may be tried again at once', async () => {
  const own = await startService({ database: service.database, ownTokens: true })
  try {
    const people = peopleOf(own)
    const email = 'Locked@kitaab.example'
    await people.register({ email })
    for (let failure = 0; failure < 5; failure += 1) await people.logIn(email, { password: 'wrong' })
    expect(outcome(await people.logIn(email))).toBe('RATE_LIMITED')
    const [person] = (await users(admin, { filter: { search: 'locked@' } })).data.users.nodes
    expect(outcome(await act(admin, 'unlockLogin', { ...leila, globalId: person.id }))).toBe('ok')
    expect(outcome(await people.logIn(email, { password }))).toBe('ok')
    const { data } = await ask(
      admin,
      'query ($id: ID) { auditLog(filter: { userId: $id, action: "login.unlocked" }) { nodes { actor { id } user { email } } } }',
      { id: person.id },
    )
    expect(data.auditLog.nodes).toMatchObject([{ actor: { id: admin.globalId } }])
  } finally {
    await own.stop()
  }
})

test('there is always an active administrator, also when two act on each other at once', async () => {
  expect(outcome(await act(admin, 'setRole', admin, { role: 'MEMBER' }))).toBe('CONFLICT LAST_ADMIN')
  expect(outcome(await act(admin, 'suspendUser', admin))).toBe('CONFLICT LAST_ADMIN')
  expect(outcome(await act(admin, 'setRole', admin, { role: 'ADMIN' }))).toBe('ok')
  const other = await newStaff('admin')
  const both = await Promise.all([
    act(admin, 'setRole', other, { role: 'MEMBER' }),
    act(other, 'suspendUser', admin),
    act(admin, 'suspendUser', other),
    act(other, 'setRole', admin, { role: 'SUPPORT' }),
  ])
  expect(both.map(outcome)).toContain('ok')
  const { rows } = await service.database.admin.query(
    "select count(*)::int as left from users where role = 'admin' and status = 'active'",
  )
  expect(rows).toEqual([{ left: 1 }])
})

test('an administrator may step back when there is another', async () => {
  await newStaff('admin')
  const answer = await act(admin, 'setRole', admin, { role: 'MEMBER' })
  expect(answer.data.answer.user.role).toBe('MEMBER')
  expect(outcome(await users({ ...admin, role: 'member' }))).toBe('FORBIDDEN MISSING_ROLE')
})

test('accounts are found by the beginning of address or username, by role and status, and page by page', async () => {
  const { admin: database } = service.database
  const names = ['zaynab_a', 'zaynab_b', 'zaynab_c', 'x_zaynab']
  for (const name of names) {
    const { userId } = await newUser(service.database, name)
    await database.query("update users set username = $2, email = 'Z.' || $2 || '@kitaab.example' where user_id = $1", [
      userId,
      name,
    ])
  }
  await database.query("update users set status = 'suspended' where username = 'zaynab_b'")
  const found = async (filter: object) =>
    (await users(admin, { filter })).data.users.nodes.map(({ username }: { username: string }) => username)
  expect(await found({ search: 'Zaynab' })).toEqual(['zaynab_c', 'zaynab_b', 'zaynab_a'])
  expect(await found({ search: 'z.ZAYNAB_A@' })).toEqual(['zaynab_a'])
  expect(await found({ search: 'z%' })).toEqual([])
  expect(await found({ search: 'zaynab', status: 'SUSPENDED' })).toEqual(['zaynab_b'])
  expect(await found({ search: 'zaynab', role: 'ADMIN' })).toEqual([])
  const seen: string[] = []
  for (let after: string | null = null; ; ) {
    const answer: Executed = await users(admin, { filter: { search: 'z' }, first: 1, after })
    const { nodes, pageInfo, totalCount } = answer.data.users
    expect(totalCount).toBe(4)
    seen.push(nodes[0].username)
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  expect(seen).toEqual(['x_zaynab', 'zaynab_c', 'zaynab_b', 'zaynab_a'])
  expect(outcome(await users(admin, { first: 0 }))).toBe('BAD_USER_INPUT INVALID_PAGE_SIZE')
  expect(outcome(await users(admin, { filter: { search: ' ' } }))).toBe('BAD_USER_INPUT INVALID_TEXT')
})

test('erased accounts are not listed, and nothing is done to them', async () => {
  await service.database.admin.query(
    `update users set status = 'erased', erased_at = now(), email = null, username = null, full_name = null, password_hash = null
     where user_id = $1`,
    [leila.userId],
  )
  const { data } = await users(admin, { first: 100 })
  expect(data.users.nodes.map(({ id }: { id: string }) => id)).not.toContain(leila.globalId)
  for (const [name, more] of mutations) expect(outcome(await act(admin, name, leila, more))).toBe('NOT_FOUND')
})

test('SES-2 an administrator whose session ended, or who is none any more, reads nothing', async () => {
  const gone = await newStaff('admin')
  await service.database.admin.query('update sessions set revoked_at = now() where session_id = $1', [gone.sessionId])
  const demoted = await newStaff('admin')
  await service.database.admin.query("update users set role = 'member' where user_id = $1", [demoted.userId])
  for (const query of ['{ users { totalCount } }', '{ auditLog { totalCount } }']) {
    expect(outcome(await ask(gone, query))).toBe('UNAUTHENTICATED SESSION_ENDED')
    expect(outcome(await ask(demoted, query))).toBe('UNAUTHENTICATED TOKEN_EXPIRED')
    expect(outcome(await ask(leila, query))).toBe('FORBIDDEN MISSING_ROLE')
    expect(outcome(await service.execute(query))).toBe('UNAUTHENTICATED LOGIN_NEEDED')
  }
})

test('an administrator sees nothing of what somebody else’s account holds', async () => {
  const { data } = await ask(
    leila,
    `mutation { createDeed(input: { category: HASANAAT, name: "Reading", measure: COUNT, items: [{ name: "Pages" }] }) {
      deed { id items { id } } } writeReflection(input: { type: GENERAL, message: "x" }) { reflection { id } }
      sendMessage(input: { content: "x" }) { message { id } } }`,
  )
  const ids = [
    leila.globalId,
    toGlobalId('Account', { userId: leila.userId }),
    toGlobalId('Session', { userId: leila.userId, sessionId: leila.sessionId }),
    toGlobalId('Thread', { ownerId: leila.userId }),
    data.createDeed.deed.id,
    data.createDeed.deed.items[0].id,
    data.writeReflection.reflection.id,
    data.sendMessage.message.id,
  ]
  for (const id of ids) {
    const answer = await ask(admin, 'query ($id: ID!) { node(id: $id) { __typename } }', { id })
    expect([id, answer.data, outcome(answer)]).toEqual([id, { node: null }, 'NOT_FOUND'])
  }
})
