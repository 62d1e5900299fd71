import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import type { TestService } from '../../support/service.ts'
import { isTried, startWholeService, surveysAreTried } from '../../support/whole-service.ts'
import { password, peopleOf, type Tokens, tokenIn } from '../identity/people.ts'
import { subscription, useWhatOneKeeps } from './what-one-keeps.ts'

// What leaves no event, and why.
const exceptions: Record<string, string> = {
  markMessagesRead: 'Message.readAt tells of it, and nothing else changes',
  markThreadRead: 'as above',
  refreshSession:
    'it renews a session that was audited when it began; Session.lastUsedAt tells of it, and misuse is audited',
}

const email = 'leila@kitaab.example'
const laterPassword = 'nine green boats whistle'
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const mutations = schema.getMutationType()?.getFields() ?? {}

let service: TestService
let people: ReturnType<typeof peopleOf>
const events = new Map<string, string[]>()

beforeAll(async () => {
  service = await startWholeService({ ownTokens: true })
  people = peopleOf(service)
  await useAll()
}, 60_000)
afterAll(() => service.stop())

/** Of `Audited`. */
async function send(name: string, input: object | null, fields: string, tokens?: Tokens) {
  const type = mutations[name]?.args[0]?.type
  const headers = tokens && { authorization: `Bearer ${tokens.accessToken}` }
  const [parameter, argument] = input ? [`($input: ${type})`, '(input: $input)'] : ['', '']
  const sent = await service.execute(
    `mutation ${parameter} { answer: ${name}${argument} { ${fields} } }`,
    input ? { input } : {},
    {
      ...(headers && { headers }),
    },
  )
  expect(sent.errors ?? []).toEqual([])
  events.set(name, await eventsOf(sent.response.headers['x-request-id'], tokens !== undefined))
  return sent.data.answer
}

/** Actions with the address that they came from, each once, and with what is wrong about who did it. */
async function eventsOf(requestId: unknown, isLoggedIn: boolean): Promise<string[]> {
  const { rows } = await service.database.admin.query(
    `select distinct action || case when $2 and actor is null then ' by nobody' else '' end
       || ' from ' || coalesce(host(ip), 'nowhere') as event from (
       select action_type, ip_address, request_id, actor_id from audit_log
       union all select 'entries.' || action, ip_address, request_id, changed_by_user_id from entry_history
     ) as told (action, ip, request_id, actor) where request_id = $1 order by 1`,
    [requestId, isLoggedIn],
  )
  return rows.map(({ event }) => event)
}

async function useAll() {
  const tokens = await useIdentity()
  const { itemId } = await useWhatOneKeeps({ service, people, send }, tokens)
  await useSupport(tokens)
  await administer()
  await useSharing(tokens, itemId)
  await leave(tokens)
}

async function useIdentity(): Promise<Tokens> {
  const tokenFields = 'accessToken refreshToken'
  await send('register', { email, password, fullName: 'Leila' }, 'emailSent')
  await send('resendVerification', { email }, 'emailSent')
  const mails = await people.mailsTo(email, 2)
  await send('verifyEmail', { token: tokenIn(mails.at(-1)) }, 'emailVerified')
  await send('requestPasswordReset', { email }, 'emailSent')
  const link = (await people.mailsTo(email, 3)).at(-1)
  await send('resetPassword', { token: tokenIn(link), newPassword: laterPassword }, 'passwordChanged')
  const first = await send('logIn', { email, password: laterPassword }, tokenFields)
  const second = await send('refreshSession', { refreshToken: first.refreshToken }, tokenFields)
  const change = { currentPassword: laterPassword, newPassword: password }
  const tokens = await send('changePassword', change, tokenFields, second)
  await send('changeEmail', { newEmail: 'later@kitaab.example', currentPassword: password }, 'emailSent', tokens)
  await send('closeAccount', { currentPassword: password }, 'account { id }', tokens)
  await send('cancelClosure', null, 'account { id }', tokens)
  await send('exportMyData', null, 'dataExport { id }', tokens)
  await send('updateAccount', { fullName: 'Leila H', metadata: { theme: 'dark' } }, 'account { id }', tokens)
  return tokens
}

/** Somebody who has a role besides. */
async function staff(role: string): Promise<Tokens> {
  const address = `${role}@kitaab.example`
  await people.register({ email: address })
  await service.database.admin.query('update users set role = $2 where email = $1', [address, role])
  return (await people.logIn(address)).data.answer
}

async function useSupport(tokens: Tokens) {
  const support = await staff('support')
  const { message } = await send('sendMessage', { content: 'A secret question' }, 'message { id }', tokens)
  const { data } = await people.as(support, '{ inbox { nodes { id } } }')
  const threadId = data.inbox.nodes[0].id
  const reply = await send('replyToThread', { threadId, content: 'A secret answer' }, 'message { id }', support)
  await send('markThreadRead', { threadId, upTo: message.id }, 'thread { id }', support)
  await send('markMessagesRead', { upTo: reply.message.id }, 'account { id }', tokens)
}

async function administer() {
  const admin = await staff('admin')
  const { data } = await people.as(admin, '{ users(filter: { search: "support@" }) { nodes { id } } }')
  const userId = data.users.nodes[0].id
  for (const name of ['suspendUser', 'reinstateUser', 'unlockLogin']) await send(name, { userId }, 'user { id }', admin)
  await send('setRole', { userId, role: 'MEMBER' }, 'user { id }', admin)
  await send('setSetting', { key: 'motd', value: 'A secret text' }, 'setting { key }', admin)
}

async function useSharing(tokens: Tokens, itemId: string) {
  const friend = 'maryam@kitaab.example'
  await people.register({ email: friend })
  await people.verify(tokenIn((await people.mailsTo(friend, 1)).at(-1)))
  const asker = (await people.logIn(friend)).data.answer
  const received = async () => {
    const { data } = await people.as(tokens, '{ me { relations(direction: RECEIVED) { nodes { id } } } }')
    return data.me.relations.nodes[0].id
  }
  await send('requestRelation', { to: email }, 'sentTo', asker)
  const relationId = await received()
  await send('respondToRelation', { relationId, response: 'ACCEPT' }, 'relation { id }', tokens)
  await shareAProject(tokens, relationId)
  const grant = { relationId, permissions: [{ itemId, type: 'READ' }] }
  const { permissions } = await send('grantPermissions', grant, 'permissions { id }', tokens)
  const permissionIds = [permissions[0].id]
  await send('revokePermissions', { permissionIds }, 'permissions { id }', tokens)
  await people.as(
    tokens,
    `mutation { respondToRelation(input: { relationId: "${relationId}", response: BLOCK }) { __typename } }`,
  )
  await send('unblock', { relationId }, 'relationId', tokens)
  const { relation } = await send('requestRelation', { to: email }, 'relation { id }', asker)
  await send('removeRelation', { relationId: relation.id }, 'relationId', asker)
}

async function shareAProject(tokens: Tokens, relationId: string) {
  if (!surveysAreTried) return
  const { data } = await people.as(tokens, '{ me { projects { nodes { id } } } }')
  const grant = { projectId: data.me.projects.nodes[0].id, relationId, type: 'READ' }
  const { permission } = await send('shareProject', grant, 'permission { id }', tokens)
  await send('unshareProject', { permissionId: permission.id }, 'permission { id }', tokens)
}

async function leave(tokens: Tokens) {
  const other = await people.logIn(email)
  const { data } = await people.as(tokens, '{ me { sessions { id isCurrent } } }')
  const sessionId = data.me.sessions.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent).id
  expect(other.errors).toBeUndefined()
  await send('revokeSession', { sessionId }, 'account { id }', tokens)
  await send('logOut', null, 'loggedOut', tokens)
}

test.each(Object.keys(mutations).filter((name) => isTried(mutations[name] ?? {})))(
  '%s says in the audit log, or the history of entries, what it did, who did it, and from where',
  (name) => {
    expect(events.has(name)).toBe(true)
    const told = events.get(name) ?? []
    if (Object.hasOwn(exceptions, name)) expect(told).toEqual([])
    else {
      expect(told.length).toBeGreaterThan(0)
      expect(told.filter((event) => !event.endsWith(' from 127.0.0.1') || event.includes(' by nobody'))).toEqual([])
    }
  },
)

test('no event holds a password, a token, or what they hash to, nor the words of a reflection or a message', async () => {
  const { rows } = await service.database.admin.query(
    `select coalesce(old_values::text, '') || coalesce(new_values::text, '') as text from audit_log`,
  )
  expect(rows.length).toBeGreaterThan(20)
  const mails = await people.mailsTo(email, 3)
  const secrets = [
    'secret',
    password,
    laterPassword,
    '$argon2',
    '\\\\x',
    subscription.auth,
    subscription.endpoint,
    ...mails.map(tokenIn),
  ]
  expect(rows.filter(({ text }) => secrets.some((secret) => text.includes(secret)))).toEqual([])
})
