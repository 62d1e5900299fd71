import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { type Executed, startService, type TestService } from '../../support/service.ts'
import { outcome, peopleOf } from '../identity/people.ts'

let service: TestService
let leila: TestPerson
let budi: TestPerson
/** Answers messages. */
let sara: TestPerson
let admin: TestPerson
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())
beforeEach(async () => {
  await service.database.admin.query('truncate messages, message_threads')
  leila = await newUser(service.database, 'Leila')
  budi = await newUser(service.database, 'Budi')
  sara = await newStaff('support')
  admin = await newStaff('admin')
})

async function newStaff(role: 'support' | 'admin'): Promise<TestPerson> {
  const person = await newUser(service.database, role)
  await service.database.admin.query('update users set role = $2 where user_id = $1', [person.userId, role])
  return { ...person, role }
}

const ask = (as: TestPerson, query: string, variables = {}) => service.execute(query, variables, { as })

async function sent(as: TestPerson, name: string, type: string, input: object, answer: string) {
  return ask(as, `mutation ($input: ${type}!) { answer: ${name}(input: $input) { ${answer} } }`, { input })
}
const message = 'message { id author content createdAt readAt }'
const thread = 'id name unreadCount lastMessage { id content }'
const send = (as: TestPerson, content: string) => sent(as, 'sendMessage', 'SendMessageInput', { content }, message)
const reply = (as: TestPerson, person: TestPerson, content: string) =>
  sent(
    as,
    'replyToThread',
    'ReplyToThreadInput',
    { threadId: threadOf(person), content },
    `${message} thread { ${thread} }`,
  )
const markThread = (as: TestPerson, person: TestPerson, upTo: string) =>
  sent(as, 'markThreadRead', 'MarkThreadReadInput', { threadId: threadOf(person), upTo }, `thread { ${thread} }`)
const mark = (as: TestPerson, upTo: string) =>
  sent(as, 'markMessagesRead', 'MarkMessagesReadInput', { upTo }, 'account { unreadMessages }')
const threadOf = ({ userId }: TestPerson) => toGlobalId('Thread', { ownerId: userId })

/** The id of a message that was sent. */
async function idOf(answer: ReturnType<typeof send>): Promise<string> {
  const { data, errors } = await answer
  expect(errors ?? []).toEqual([])
  return data.answer.message.id
}

const mine = async (as: TestPerson) =>
  (await ask(as, '{ me { unreadMessages messages { nodes { author content readAt } totalCount } } }')).data.me
const inbox = (as: TestPerson, variables = {}) =>
  ask(
    as,
    `query ($first: Int, $after: String) { inbox(first: $first, after: $after) {
      nodes { ${thread} messages { nodes { author content } totalCount } } pageInfo { hasNextPage endCursor } totalCount
    } }`,
    variables,
  )

test('a person writes, support answers, each reads the other', async () => {
  const first = await idOf(send(leila, ' How do I hide a deed? '))
  expect(await mine(leila)).toMatchObject({ unreadMessages: 0, messages: { totalCount: 1 } })
  const { data } = await inbox(sara)
  expect(data.inbox.nodes).toEqual([
    {
      id: threadOf(leila),
      name: 'Leila',
      unreadCount: 1,
      lastMessage: { id: first, content: 'How do I hide a deed?' },
      messages: { nodes: [{ author: 'USER', content: 'How do I hide a deed?' }], totalCount: 1 },
    },
  ])
  expect((await markThread(sara, leila, first)).data.answer.thread).toMatchObject({ unreadCount: 0 })
  const answered = await reply(sara, leila, 'In its menu.')
  expect(answered.data.answer).toMatchObject({
    message: { author: 'SUPPORT', content: 'In its menu.', readAt: null },
    thread: { unreadCount: 0, lastMessage: { content: 'In its menu.' } },
  })
  expect(await mine(leila)).toMatchObject({
    unreadMessages: 1,
    messages: { nodes: [{ author: 'SUPPORT' }, { author: 'USER', readAt: expect.any(String) }] },
  })
  const marked = await mark(leila, answered.data.answer.message.id)
  expect(marked.data.answer.account.unreadMessages).toBe(0)
  expect((await mine(leila)).messages.nodes[0].readAt).toEqual(expect.any(String))
})

test('what came after the message that was read stays unread', async () => {
  await idOf(send(leila, 'One'))
  const first = await idOf(reply(sara, leila, 'First'))
  await idOf(reply(sara, leila, 'Second'))
  expect((await mark(leila, first)).data.answer.account.unreadMessages).toBe(1)
  const again = await idOf(send(leila, 'Two'))
  await idOf(send(leila, 'Three'))
  expect((await markThread(sara, leila, again)).data.answer.thread.unreadCount).toBe(1)
})

test('the inbox: what waits first, then by the last message, page by page', async () => {
  const people = [leila, budi, await newUser(service.database, 'Maryam'), await newUser(service.database, 'Yusuf')]
  const ids = new Map<TestPerson, string>()
  for (const person of people) ids.set(person, await idOf(send(person, 'Please')))
  await markThread(sara, people[3] as TestPerson, ids.get(people[3] as TestPerson) ?? '')
  await markThread(sara, leila, ids.get(leila) ?? '')
  await idOf(reply(sara, leila, 'An answer'))
  const found: string[] = []
  for (let after: string | null = null; ; ) {
    const answer: Executed = await inbox(sara, { first: 1, after })
    const { nodes, pageInfo, totalCount } = answer.data.inbox
    expect(totalCount).toBe(4)
    found.push(...nodes.map(({ name }: { name: string }) => name))
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  expect(found).toEqual(['Maryam', 'Budi', 'Leila', 'Yusuf'])
  expect(outcome(await inbox(sara, { first: 101 }))).toBe('BAD_USER_INPUT INVALID_PAGE_SIZE')
  const threads = await inbox(sara)
  // Threads, names, last messages and pages of messages: one statement each, however many threads.
  expect(threads.flights.flatMap((flight) => flight.statements).length).toBeLessThanOrEqual(8)
})

test('a page of a thread goes on where the one before ended', async () => {
  for (const content of ['One', 'Two', 'Three']) await idOf(send(leila, content))
  const query = `query ($id: ID!, $after: String) { node(id: $id) { ... on Thread {
    messages(first: 2, after: $after) { nodes { content } pageInfo { endCursor hasNextPage } }
  } } }`
  const first = (await ask(sara, query, { id: threadOf(leila) })).data.node.messages
  expect(first.nodes).toEqual([{ content: 'Three' }, { content: 'Two' }])
  const next = await ask(sara, query, { id: threadOf(leila), after: first.pageInfo.endCursor })
  expect(next.data.node.messages).toMatchObject({ nodes: [{ content: 'One' }], pageInfo: { hasNextPage: false } })
})

test('only support sees an inbox, a thread or another’s message, and answers', async () => {
  const id = await idOf(send(leila, 'A question'))
  const node = async (as: TestPerson, of: string) =>
    outcome(await ask(as, 'query ($id: ID!) { node(id: $id) { id } }', { id: of }))
  for (const other of [budi, admin, leila]) {
    expect(outcome(await inbox(other))).toBe('FORBIDDEN MISSING_ROLE')
    expect(outcome(await reply(other, leila, 'Forged'))).toBe('FORBIDDEN MISSING_ROLE')
    expect(outcome(await markThread(other, leila, id))).toBe('FORBIDDEN MISSING_ROLE')
    expect(await node(other, threadOf(leila))).toBe('NOT_FOUND')
  }
  expect([await node(leila, id), await node(sara, id), await node(sara, threadOf(leila))]).toEqual(['ok', 'ok', 'ok'])
  expect([await node(budi, id), await node(admin, id)]).toEqual(['NOT_FOUND', 'NOT_FOUND'])
  expect(outcome(await mark(budi, id))).toBe('NOT_FOUND')
  expect(outcome(await service.execute('{ inbox { totalCount } }'))).toBe('UNAUTHENTICATED LOGIN_NEEDED')
  const narrow = { ...leila, scopes: leila.scopes.filter((scope) => !scope.startsWith('MESSAGES')) }
  expect(outcome(await send(narrow, 'x'))).toBe('FORBIDDEN MISSING_SCOPE')
})

test('support sees of who wrote their name and messages, and nothing else', async () => {
  await idOf(send(leila, 'A question'))
  const made = await ask(
    leila,
    `mutation { createDeed(input: { category: HASANAAT, name: "Reading", measure: COUNT, items: [{ name: "Pages" }] }) {
      deed { id items { id } } } writeReflection(input: { type: GENERAL, message: "x" }) { reflection { id } } }`,
  )
  const { createDeed, writeReflection } = made.data
  const itemId = createDeed.deed.items[0].id
  const { data } = await ask(
    leila,
    'mutation ($itemId: ID!) { recordEntry(input: { itemId: $itemId, count: "3" }) { entry { id } } }',
    { itemId },
  )
  const ids = [
    leila.globalId,
    toGlobalId('Account', { userId: leila.userId }),
    toGlobalId('Session', { userId: leila.userId, sessionId: leila.sessionId }),
    createDeed.deed.id,
    itemId,
    data.recordEntry.entry.id,
    writeReflection.reflection.id,
  ]
  for (const id of ids) {
    const answer = await ask(sara, 'query ($id: ID!) { node(id: $id) { __typename } }', { id })
    expect([id, answer.data, outcome(answer)]).toEqual([id, { node: null }, 'NOT_FOUND'])
  }
  expect(outcome(await ask(sara, 'query ($id: ID!) { user(id: $id) { fullName } }', { id: leila.globalId }))).toBe(
    'NOT_FOUND',
  )
  expect(outcome(await ask(sara, '{ users { nodes { email } } }'))).toBe('FORBIDDEN MISSING_ROLE')
  expect(outcome(await ask(sara, '{ auditLog { nodes { action } } }'))).toBe('FORBIDDEN MISSING_ROLE')
  expect(JSON.stringify((await inbox(sara)).data)).not.toContain('@')
})

test('SES-2 support whose session ended, or who is support no more, reads and answers nothing', async () => {
  const id = await idOf(send(leila, 'A question'))
  const { admin: database } = service.database
  const gone = await newStaff('support')
  await database.query('update sessions set revoked_at = now() where session_id = $1', [gone.sessionId])
  const demoted = await newStaff('support')
  await database.query("update users set role = 'member' where user_id = $1", [demoted.userId])
  const suspended = await newStaff('support')
  await database.query("update users set status = 'suspended' where user_id = $1", [suspended.userId])
  const refusals = [
    [gone, 'SESSION_ENDED'],
    [demoted, 'TOKEN_EXPIRED'],
    [suspended, 'ACCOUNT_INACTIVE'],
  ] as const
  for (const [staff, reason] of refusals) {
    expect(outcome(await inbox(staff))).toBe(`UNAUTHENTICATED ${reason}`)
    expect(outcome(await reply(staff, leila, 'Forged'))).toBe(`UNAUTHENTICATED ${reason}`)
    for (const object of [id, threadOf(leila)]) {
      const answer = await ask(staff, 'query ($id: ID!) { node(id: $id) { id } }', { id: object })
      expect([answer.data, outcome(answer)]).toEqual([{ node: null }, `UNAUTHENTICATED ${reason}`])
    }
  }
})

test('support writes to colleagues like anybody, does not see their own thread, and answers nobody who did not ask', async () => {
  await idOf(send(sara, 'I have a question myself'))
  expect((await inbox(sara)).data.inbox.nodes).toEqual([])
  expect(await mine(sara)).toMatchObject({ messages: { totalCount: 1 } })
  expect(outcome(await reply(sara, sara, 'To myself'))).toBe('NOT_FOUND')
  expect(outcome(await reply(sara, budi, 'Unasked'))).toBe('NOT_FOUND')
  const nobody = { ...budi, userId: '999999' }
  expect(outcome(await reply(sara, nobody, 'To nobody'))).toBe('NOT_FOUND')
  const colleague = await newStaff('support')
  expect(outcome(await reply(colleague, sara, 'An answer'))).toBe('ok')
  const other = await idOf(send(leila, 'x'))
  expect(outcome(await markThread(colleague, sara, other))).toBe('BAD_USER_INPUT INVALID_ID')
})

test('SES-4 nobody writes before the address was confirmed', async () => {
  await service.database.admin.query('update users set email_verified = false where user_id = $1', [leila.userId])
  expect(outcome(await send(leila, 'x'))).toBe('FORBIDDEN EMAIL_NOT_VERIFIED')
})

test('thirty messages an hour, of at most 8,000 characters', async () => {
  expect(outcome(await send(leila, 'x'.repeat(8_001)))).toBe('BAD_USER_INPUT INVALID_TEXT')
  expect(outcome(await send(leila, '  '))).toBe('BAD_USER_INPUT INVALID_TEXT')
  await service.database.admin.query(
    "insert into messages (user_id, author, author_id, content) select $1, 'user', $1, 'x' from generate_series(1, 29)",
    [leila.userId],
  )
  expect(outcome(await send(leila, 'x'.repeat(8_000)))).toBe('ok')
  const { errors } = await send(leila, 'One too many')
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' })
  expect(Number(errors?.[0]?.extensions.retryAfter)).toBeGreaterThan(3_500)
  expect(outcome(await send(budi, 'Another person'))).toBe('ok')
})

test('a mail tells of the first answer that waits, without a word of it, where the address was confirmed', async () => {
  const { rows } = await service.database.admin.query('select user_id, email from users where user_id = any ($1)', [
    [leila.userId, budi.userId],
  ])
  const address = (person: TestPerson) => rows.find(({ user_id: id }) => id === person.userId).email
  await idOf(send(leila, 'A secret question'))
  await idOf(send(budi, 'Another one'))
  await service.database.admin.query('update users set email_verified = false where user_id = $1', [budi.userId])
  await idOf(reply(sara, budi, 'Unheard'))
  await idOf(reply(sara, leila, 'A secret answer'))
  const second = await idOf(reply(sara, leila, 'More of it'))
  await mark(leila, second)
  await idOf(reply(sara, leila, 'And more'))
  const people = peopleOf(service)
  const mails = await people.mailsTo(address(leila), 2)
  expect(mails).toHaveLength(2)
  for (const mail of mails) {
    expect(mail).toContain('Subject: Support has answered you')
    expect(mail).not.toMatch(/secret|more/i)
  }
  expect(await people.mailsTo(address(budi), 0)).toEqual([])
})
