import { createECDH, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { giveAFile } from '../../support/points.ts'
import type { TestService } from '../../support/service.ts'
import { isTried, startWholeService, surveysAreTried } from '../../support/whole-service.ts'
import { password, peopleOf, type Tokens, tokenIn } from '../identity/people.ts'

// What leaves no event, and why.
const exceptions: Record<string, string> = {
  markMessagesRead: 'Message.readAt tells of it, and nothing else changes',
  markThreadRead: 'as above',
  refreshSession:
    'it renews a session that was audited when it began; Session.lastUsedAt tells of it, and misuse is audited',
}

const email = 'leila@kitaab.example'
const laterPassword = 'nine green boats whistle'
const subscription = {
  endpoint: 'https://push.example/leila',
  p256dh: createECDH('prime256v1').generateKeys('base64url'),
  auth: randomBytes(16).toString('base64url'),
}
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

/** Sends one mutation, keeps what was audited under its request, and answers its payload. */
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
  const { deedId, itemId } = await useDeeds(tokens)
  await useEntries(tokens, itemId)
  await useGoals(tokens, deedId, itemId)
  await useReminders(tokens)
  await useImports(tokens)
  await useJournal(tokens)
  await useSettings(tokens)
  await useResources(tokens)
  await useSurveys(tokens)
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

async function useDeeds(tokens: Tokens) {
  const scale = [{ name: 'late' }, { name: 'on time' }]
  const prayer = { category: 'HASANAAT', name: 'Prayer', measure: 'SCALE', scale }
  const made = await send('createDeed', prayer, 'deed { id scale { values { id } } }', tokens)
  await useScales(tokens, made.deed)
  const input = { category: 'HASANAAT', name: 'Reading', measure: 'COUNT', unit: 'pages', items: [{ name: 'Pages' }] }
  const { deed } = await send('createDeed', input, 'deed { id items { id } }', tokens)
  const [deedId, itemId] = [deed.id, deed.items[0].id]
  await send('updateDeed', { deedId, name: 'Books' }, 'deed { id }', tokens)
  const more = { deedId, items: [{ name: 'Chapters' }] }
  const { items } = await send('createDeedItems', more, 'items { id }', tokens)
  await send('updateDeedItem', { itemId: items[0].id, isHidden: true }, 'item { id }', tokens)
  await send('moveDeedItem', { itemId: items[0].id, parentId: itemId }, 'item { id }', tokens)
  await send('deleteDeedItem', { itemId: items[0].id }, 'deletion { id }', tokens)
  return { deedId, itemId }
}

async function useScales(tokens: Tokens, { id, scale }: { id: string; scale: { values: { id: string }[] } }) {
  await send('updateScaleValue', { scaleValueId: scale.values[0]?.id, name: 'too late' }, 'scale { id }', tokens)
  await send('publishScale', { deedId: id, values: [{ name: 'no' }, { name: 'yes' }] }, 'scale { id }', tokens)
  const { deletion } = await send('deleteDeed', { deedId: id }, 'deletion { id }', tokens)
  await send('restore', { deletionId: deletion.id }, 'restored { id }', tokens)
}

async function useEntries(tokens: Tokens, itemId: string) {
  const { entry } = await send('recordEntry', { itemId, count: '3' }, 'entry { id }', tokens)
  await send('recordEntries', { rows: [{ itemId, count: '4' }] }, 'rows { status }', tokens)
  const history = 'query ($id: ID!) { node(id: $id) { ... on Entry { history { nodes { id } } } } }'
  const { data } = await people.as(tokens, history, { id: entry.id })
  const first = data.node.history.nodes.at(-1)
  await send('revertEntry', { entryId: entry.id, changeId: first.id }, '__typename', tokens)
  await send('clearEntry', { entryId: entry.id }, 'date', tokens)
}

async function useGoals(tokens: Tokens, deedId: string, itemId: string) {
  const goal = { title: 'Pages', durationDays: 7, items: [{ itemId, metric: 'COUNT_SUM', target: '10' }] }
  const { merit } = await send('createMerit', { deedId, ...goal }, 'merit { id }', tokens)
  await send('updateMerit', { meritId: merit.id, title: 'More pages' }, 'merit { id }', tokens)
  await send('deleteMerit', { meritId: merit.id }, 'deletion { id }', tokens)
  const { target } = await send('createTarget', goal, 'target { id }', tokens)
  await send('updateTarget', { targetId: target.id, title: 'More pages' }, 'target { id }', tokens)
  await send('deleteTarget', { targetId: target.id }, 'deletion { id }', tokens)
}

async function useImports(tokens: Tokens): Promise<void> {
  const { uploadId, url } = await send('requestUpload', {}, 'uploadId url', tokens)
  await service.app.http.inject({ method: 'PUT', url: new URL(url).pathname, payload: 'date,deed,value\n' })
  await send('importEntries', { uploadId, format: 'CSV' }, 'import { status }', tokens)
}

async function useReminders(tokens: Tokens) {
  const { reminder } = await send('setReminder', { localTime: '21:30' }, 'reminder { id }', tokens)
  await send('deleteReminder', { reminderId: reminder.id }, 'account { id }', tokens)
  await send('setGoalNotices', { channels: ['PUSH'] }, 'account { id }', tokens)
  await send('subscribePush', subscription, 'account { id }', tokens)
  await send('unsubscribePush', { endpoint: subscription.endpoint }, 'account { id }', tokens)
}

async function useJournal(tokens: Tokens) {
  const input = { type: 'GENERAL', message: 'A secret of the day' }
  const { reflection } = await send('writeReflection', input, 'reflection { id }', tokens)
  await send('deleteReflection', { reflectionId: reflection.id }, 'date', tokens)
}

async function useResources(tokens: Tokens) {
  const input = { type: 'book', name: 'Riyad', description: 'a secret text', metadata: { place: 'a secret shelf' } }
  const { resource } = await send('createResource', input, 'resource { id }', tokens)
  const resourceId = resource.id
  await send('updateResource', { resourceId, isSensitive: true }, 'resource { id }', tokens)
  await send('deleteResource', { resourceId }, 'resource { id }', tokens)
  await send('restoreResource', { resourceId }, 'resource { id }', tokens)
}

async function useSurveys(tokens: Tokens) {
  if (!surveysAreTried) return
  const input = { name: 'Delta', description: 'a secret text', metadata: { place: 'a secret place' } }
  const { project } = await send('createProject', input, 'project { id }', tokens)
  const projectId = project.id
  await send('updateProject', { projectId, description: 'another secret' }, 'project { id }', tokens)
  const geometry = { type: 'Point', coordinates: [31, 30] }
  const { scan } = await send(
    'addScan',
    { projectId, name: 'A scan', data: { a: 'secret' }, geometry },
    'scan { id }',
    tokens,
  )
  const scanId = scan.id
  const { uploadId, url } = await send('requestScanUpload', {}, 'uploadId url', tokens)
  await service.app.http.inject({ method: 'PUT', url: new URL(url).pathname, payload: '1 2 3\n' })
  const file = { projectId, name: 'A file', uploadId, crs: 'EPSG:4326', data: { a: 'secret' } }
  await send('addScan', file, 'import { id }', tokens)
  await send('updateScan', { scanId, data: { another: 'secret' } }, 'scan { id }', tokens)
  const { superuser } = service.database
  await giveAFile((text, values) => superuser.query(text, values), scanId)
  await send('requestCalculation', { projectId, kind: 'AREA', scanIds: [scanId] }, 'calculation { id }', tokens)
  await send('requestHillshade', { scanId }, 'hillshade { id }', tokens)
  await send('archiveScan', { scanId }, 'move { id }', tokens)
  await superuser.query("update scan_moves set status = 'succeeded', finished_at = now()")
  await superuser.query("update lidar_scans set storage_tier = 'cold'")
  await send('restoreScan', { scanId }, 'move { id }', tokens)
  await send('deleteScan', { scanId }, 'scan { id }', tokens)
  await send('restoreDeletedScan', { scanId }, 'scan { id }', tokens)
  await send('deleteProject', { projectId }, 'project { id }', tokens)
  await send('restoreProject', { projectId }, 'project { id }', tokens)
}

async function useSettings(tokens: Tokens) {
  await send('setUserSetting', { key: 'theme', value: 'a secret colour' }, 'setting { key }', tokens)
  await send('deleteUserSetting', { key: 'theme' }, 'key', tokens)
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
