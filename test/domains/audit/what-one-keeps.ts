// Every mutation of what a person keeps: a diary, goals, reminders, a journal, resources, surveys, settings.
import { createECDH, randomBytes } from 'node:crypto'
import { giveAFile } from '../../support/points.ts'
import type { TestService } from '../../support/service.ts'
import { surveysAreTried } from '../../support/whole-service.ts'
import type { peopleOf, Tokens } from '../identity/people.ts'

export interface Audited {
  readonly service: TestService
  readonly people: ReturnType<typeof peopleOf>
  /** Sends one mutation, keeps what was audited under its request, and answers its payload. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its query
  send(name: string, input: object | null, fields: string, tokens?: Tokens): Promise<any>
}

export const subscription = {
  endpoint: 'https://push.example/leila',
  p256dh: createECDH('prime256v1').generateKeys('base64url'),
  auth: randomBytes(16).toString('base64url'),
}

/** Answers an item that is there still. */
export async function useWhatOneKeeps(world: Audited, tokens: Tokens): Promise<{ itemId: string }> {
  const { deedId, itemId } = await useDeeds(world, tokens)
  await useEntries(world, tokens, itemId)
  await useGoals(world, tokens, deedId, itemId)
  await useReminders(world, tokens)
  await useImports(world, tokens)
  await useJournal(world, tokens)
  await useSettings(world, tokens)
  await useResources(world, tokens)
  await useSurveys(world, tokens)
  return { itemId }
}

async function useDeeds(world: Audited, tokens: Tokens) {
  const { send } = world
  const scale = [{ name: 'late' }, { name: 'on time' }]
  const prayer = { category: 'HASANAAT', name: 'Prayer', measure: 'SCALE', scale }
  const made = await send('createDeed', prayer, 'deed { id scale { values { id } } }', tokens)
  await useScales(world, tokens, made.deed)
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

async function useScales(
  { send }: Audited,
  tokens: Tokens,
  { id, scale }: { id: string; scale: { values: { id: string }[] } },
) {
  await send('updateScaleValue', { scaleValueId: scale.values[0]?.id, name: 'too late' }, 'scale { id }', tokens)
  await send('publishScale', { deedId: id, values: [{ name: 'no' }, { name: 'yes' }] }, 'scale { id }', tokens)
  const { deletion } = await send('deleteDeed', { deedId: id }, 'deletion { id }', tokens)
  await send('restore', { deletionId: deletion.id }, 'restored { id }', tokens)
}

async function useEntries({ send, people }: Audited, tokens: Tokens, itemId: string) {
  const { entry } = await send('recordEntry', { itemId, count: '3' }, 'entry { id }', tokens)
  await send('recordEntries', { rows: [{ itemId, count: '4' }] }, 'rows { status }', tokens)
  const history = 'query ($id: ID!) { node(id: $id) { ... on Entry { history { nodes { id } } } } }'
  const { data } = await people.as(tokens, history, { id: entry.id })
  const first = data.node.history.nodes.at(-1)
  await send('revertEntry', { entryId: entry.id, changeId: first.id }, '__typename', tokens)
  await send('clearEntry', { entryId: entry.id }, 'date', tokens)
}

async function useGoals({ send }: Audited, tokens: Tokens, deedId: string, itemId: string) {
  const goal = { title: 'Pages', durationDays: 7, items: [{ itemId, metric: 'COUNT_SUM', target: '10' }] }
  const { merit } = await send('createMerit', { deedId, ...goal }, 'merit { id }', tokens)
  await send('updateMerit', { meritId: merit.id, title: 'More pages' }, 'merit { id }', tokens)
  await send('deleteMerit', { meritId: merit.id }, 'deletion { id }', tokens)
  const { target } = await send('createTarget', goal, 'target { id }', tokens)
  await send('updateTarget', { targetId: target.id, title: 'More pages' }, 'target { id }', tokens)
  await send('deleteTarget', { targetId: target.id }, 'deletion { id }', tokens)
}

async function useImports({ send, service }: Audited, tokens: Tokens): Promise<void> {
  const { uploadId, url } = await send('requestUpload', {}, 'uploadId url', tokens)
  await service.app.http.inject({ method: 'PUT', url: new URL(url).pathname, payload: 'date,deed,value\n' })
  await send('importEntries', { uploadId, format: 'CSV' }, 'import { status }', tokens)
}

async function useReminders({ send }: Audited, tokens: Tokens) {
  const { reminder } = await send('setReminder', { localTime: '21:30' }, 'reminder { id }', tokens)
  await send('deleteReminder', { reminderId: reminder.id }, 'account { id }', tokens)
  await send('setGoalNotices', { channels: ['PUSH'] }, 'account { id }', tokens)
  await send('subscribePush', subscription, 'account { id }', tokens)
  await send('unsubscribePush', { endpoint: subscription.endpoint }, 'account { id }', tokens)
}

async function useJournal({ send }: Audited, tokens: Tokens) {
  const input = { type: 'GENERAL', message: 'A secret of the day' }
  const { reflection } = await send('writeReflection', input, 'reflection { id }', tokens)
  await send('deleteReflection', { reflectionId: reflection.id }, 'date', tokens)
}

async function useResources({ send }: Audited, tokens: Tokens) {
  const input = { type: 'book', name: 'Riyad', description: 'a secret text', metadata: { place: 'a secret shelf' } }
  const { resource } = await send('createResource', input, 'resource { id }', tokens)
  const resourceId = resource.id
  await send('updateResource', { resourceId, isSensitive: true }, 'resource { id }', tokens)
  await send('deleteResource', { resourceId }, 'resource { id }', tokens)
  await send('restoreResource', { resourceId }, 'resource { id }', tokens)
}

async function useSurveys({ send, service }: Audited, tokens: Tokens) {
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

async function useSettings({ send }: Audited, tokens: Tokens) {
  await send('setUserSetting', { key: 'theme', value: 'a secret colour' }, 'setting { key }', tokens)
  await send('deleteUserSetting', { key: 'theme' }, 'key', tokens)
}
