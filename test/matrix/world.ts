// Leila, with something of every type that there is, and everybody who might look at it.
import { toGlobalId } from '../../src/platform/graphql/global-ids.ts'
import type { Viewer } from '../../src/platform/viewer.ts'
import { newUser, type TestPerson } from '../support/people.ts'
import type { TestService } from '../support/service.ts'
import { share } from './shares.ts'
import { asOfFile, newSurveys } from './surveys.ts'

/** Who looks, and how they stand to Leila; the last three are staff. */
export const roles = [
  'owner',
  'reader',
  'writer',
  'expired',
  'revoked',
  'blocked',
  'stranger',
  'anonymous',
  'support',
  'admin',
  'analyst',
] as const
export type Role = (typeof roles)[number]

export interface Matrix {
  readonly viewers: Readonly<Record<Role, TestPerson | null>>
  /** Ids of what Leila has, by type: more than one where no single one has all fields. */
  readonly instances: Readonly<Record<string, readonly string[]>>
}

/** In every text that Leila wrote. */
export const mark = 'zanzibar'

export async function newMatrix(service: TestService): Promise<Matrix> {
  const leila = await newUser(service.database, `Leila ${mark}`)
  const { admin } = service.database
  const sql = async (text: string, values: unknown[] = []) => (await admin.query(text, values)).rows
  const viewers = { owner: leila, anonymous: null } as Record<Role, TestPerson | null>
  for (const role of roles.filter((role) => !['owner', 'anonymous'].includes(role))) {
    const staff = ['support', 'admin', 'analyst'].includes(role) ? (role as Viewer['role']) : 'member'
    const person = await newUser(service.database, role)
    await sql('update users set role = $2 where user_id = $1', [person.userId, staff])
    viewers[role] = { ...person, role: staff }
  }
  await sql(
    `update users set username = 'leila', closes_at = now() + interval '30 days', last_login_at = now() where user_id = $1`,
    [leila.userId],
  )
  await sql(`update sessions set ip = '192.0.2.1', user_agent = $2 where user_id = $1`, [leila.userId, mark])
  const send = sender(service, leila)
  const diary = await newDiary(send)
  const more = await newOthers(service, send, viewers)
  const surveys = await newSurveys(send, sql, mark)
  const files = await asOfFile(sql, leila.userId, mark)
  const shared = await share(service, sql, viewers, { granted: diary.granted, projects: surveys.Project, mark })
  const jobs = await jobsOf(service, leila)
  await sql(`insert into reporting.totals values ('month', date_trunc('month', now()), 'hasanaat', 10, 20, 15, 0.5)`)
  await sql('insert into reporting.keeping (kept_at) values (now())')
  const made = { ...diary.instances, ...more, ...surveys, ...files, ...shared, ...jobs }
  return { viewers, instances: { ...made, ...accountOf(leila) } }
}

export type Sql = (text: string, values?: unknown[]) => Promise<Record<string, string>[]>
// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
export type Send = (mutation: string, type: string, input: object, fields: string) => Promise<any>

export function sender(service: TestService, as: TestPerson): Send {
  return async (mutation, type, input, fields) => {
    const document = `mutation ($input: ${type}!) { answer: ${mutation}(input: $input) { ${fields} } }`
    const { data, errors } = await service.execute(document, { input }, { as })
    if (errors) throw new Error(`${mutation}: ${errors[0]?.message}`)
    return data.answer
  }
}

export function accountOf({ globalId, userId, sessionId }: TestPerson) {
  return {
    User: [globalId],
    Account: [toGlobalId('Account', { userId })],
    Session: [toGlobalId('Session', { userId, sessionId })],
  }
}

/** Reading, counted, and Prayer, on a scale of two versions; entries, their history, goals, and something deleted. */
export async function newDiary(send: Send) {
  const deed = async (input: object) => {
    const fields = 'deed { id itemTree { id name } scales { id values { id } } owner { today } }'
    return (await send('createDeed', 'CreateDeedInput', { category: 'HASANAAT', description: mark, ...input }, fields))
      .deed
  }
  const child = { name: `Juz ${mark}`, description: mark, children: [{ name: `Page ${mark}` }] }
  const books = [{ name: `Quran ${mark}`, children: [child] }, { name: `Secret ${mark}` }]
  const reading = await deed({ name: `Reading ${mark}`, measure: 'COUNT', unit: mark, items: books })
  const steps = [
    { name: `late ${mark}`, score: '0', color: '#FF0000' },
    { name: `on time ${mark}`, score: '1', color: '#00FF00' },
  ]
  const prayer = await deed({
    name: `Prayer ${mark}`,
    measure: 'SCALE',
    scale: steps,
    items: [{ name: `Fajr ${mark}` }],
  })
  const values = prayer.scales[0].values.map(({ id }: { id: string }) => id)
  const [quran, juz, , secret] = reading.itemTree.map(({ id }: { id: string }) => id)
  const fajr = prayer.itemTree[0].id
  const record = async (input: object) =>
    (await send('recordEntry', 'RecordEntryInput', input, 'entry { id history { nodes { id } } }')).entry
  await record({ itemId: quran, count: '1', notes: mark })
  const counted = await record({ itemId: quran, count: '2', notes: `${mark} again` })
  await record({ itemId: juz, count: '1', notes: mark })
  await record({ itemId: fajr, scaleValueId: values[0], notes: mark })
  const scaled = await record({ itemId: fajr, scaleValueId: values[1] })
  const published = await send(
    'publishScale',
    'PublishScaleInput',
    { deedId: prayer.id, values: steps },
    'scale { id }',
  )
  const goals = await newGoals(send, { deedId: prayer.id, itemId: fajr, scaleValueId: values[0], quran })
  const { deletion } = await send('deleteDeedItem', 'DeleteDeedItemInput', { itemId: secret }, 'deletion { id }')
  return {
    granted: [quran, fajr],
    instances: {
      Deed: [reading.id, prayer.id],
      DeedItem: [quran, juz],
      ScaledItem: [fajr],
      Scale: [prayer.scales[0].id, published.scale.id],
      ScaleValue: values,
      Entry: [counted.id, scaled.id],
      EntryChange: [counted, scaled].flatMap(({ history }) => history.nodes.map(({ id }: { id: string }) => id)),
      Deletion: [deletion.id],
      ...goals,
    },
  }
}

async function newGoals(send: Send, ids: { deedId: string; itemId: string; scaleValueId: string; quran: string }) {
  const { deedId, itemId, scaleValueId, quran } = ids
  const goal = { title: `Goal ${mark}`, description: mark, durationDays: 1 }
  const match = { itemId, metric: 'SCALE_MATCH', scaleMatch: 'AT_OR_ABOVE', scaleValueId, target: '1' }
  const { merit } = await send(
    'createMerit',
    'CreateMeritInput',
    { ...goal, deedId, items: [match] },
    'merit { id items { id } }',
  )
  const sum = { itemId: quran, metric: 'COUNT_SUM', target: '1' }
  const { target } = await send('createTarget', 'CreateTargetInput', { ...goal, items: [sum] }, 'target { id }')
  return { Merit: [merit.id], Target: [target.id], GoalItem: [merit.items[0].id] }
}

/** What is nobody else's business, and what Leila and support wrote to each other. */
export async function newOthers(service: TestService, send: Send, { support, admin }: Matrix['viewers']) {
  const reflected = { type: 'GENERAL', message: mark }
  const { reflection } = await send('writeReflection', 'WriteReflectionInput', reflected, 'reflection { id }')
  const reminder = { localTime: '08:00', title: mark }
  const set = await send('setReminder', 'SetReminderInput', reminder, 'reminder { id }')
  const resources: string[] = []
  for (const isSensitive of [false, true]) {
    const input = { type: mark, name: mark, description: mark, metadata: { mark }, isSensitive }
    const { resource } = await send('createResource', 'CreateResourceInput', input, 'resource { id }')
    resources.push(resource.id)
  }
  await send('setUserSetting', 'SetUserSettingInput', { key: 'matrix', value: mark }, 'setting { key }')
  const { message } = await send('sendMessage', 'SendMessageInput', { content: mark }, 'message { id }')
  const threadId = toGlobalId('Thread', { ownerId: ownerIn(message.id) })
  if (!support || !admin) throw new Error('nobody is there to help')
  await sender(service, admin)(
    'setSetting',
    'SetSettingInput',
    { key: 'matrix', value: 'x', jsonSchema: { type: 'string' }, isPublic: true, description: 'For all' },
    'setting { key }',
  )
  const answer = sender(service, support)
  await answer('replyToThread', 'ReplyToThreadInput', { threadId, content: mark }, 'message { id }')
  await answer('markThreadRead', 'MarkThreadReadInput', { threadId, upTo: message.id }, 'thread { id }')
  await send('sendMessage', 'SendMessageInput', { content: `${mark} once more` }, 'message { id }')
  return {
    Reflection: [reflection.id],
    Reminder: [set.reminder.id],
    Message: [message.id],
    Thread: [threadId],
    Resource: resources,
  }
}

const counted = { created: 1, updated: 1, unchanged: 1, leftOut: 1 }
/** What an import tells of one habit that went in, and one row that did not. */
const report = {
  habits: [
    {
      habit: mark,
      outcome: 'CREATED',
      deed: mark,
      entries: counted,
      skipped: [{ state: mark, days: 1 }],
      notTaken: [mark],
    },
  ],
  problems: [{ file: mark, line: 1, habit: mark, date: '2026-01-01', reason: mark }],
  totals: { ...counted, habits: 1, deedsCreated: 1, skipped: 1, problems: 1 },
}

/** Exports and imports that were done and that failed; and changes as if they had come out of an archive. */
export async function jobsOf({ database }: TestService, { userId }: TestPerson) {
  const job = async (kind: string, input: object, result: object) => {
    const { rows } = await database.superuser.query(
      `insert into jobs (user_id, kind, status, progress, input, result, error, finished_at, expires_at)
       select $1, $2, status::job_status, 1, $3, result::jsonb, error, now(), now() + interval '1 day'
       from (values ('succeeded', $4, null), ('failed', null, $5)) as job (status, result, error) returning job_id`,
      [userId, kind, JSON.stringify(input), JSON.stringify(result), `It failed: ${mark}`],
    )
    return rows.map(({ job_id }): { ownerId: string; jobId: string } => ({ ownerId: userId, jobId: job_id }))
  }
  await database.superuser.query(`
    begin;
    set local session_replication_role = replica;
    update entry_history set imported_actor = '${mark}' where user_id = ${userId};
    commit`)
  const exported = await job('data_export', {}, { bytes: 1, sha256: mark })
  const imported = await job('entry_import', { uploadId: '', fileName: mark, format: 'csv', dryRun: false }, report)
  return {
    DataExport: exported.map((key) => toGlobalId('DataExport', key)),
    EntryImport: imported.map((key) => toGlobalId('EntryImport', key)),
  }
}

const ownerIn = (id: string) => Buffer.from(id, 'base64url').toString().split(':')[1] ?? ''
