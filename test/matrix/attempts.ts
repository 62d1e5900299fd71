// What somebody tries with ids that are not theirs: a row for each mutation that takes one.
import { type GraphQLInputType, getNamedType, isInputObjectType } from 'graphql'

export type Id = (type: string) => string
/** The input out of Leila's ids, or such as never were, and the sender's own. */
export type Attempt = (theirs: Id, own: Id) => object

const sum = (itemId: string) => ({ itemId, metric: 'COUNT_SUM', target: '1' })
const goal = (itemId: string) => ({ title: 'Mine', durationDays: 7, items: [sum(itemId)] })
const read = (itemId: string) => ({ itemId, type: 'READ' })

/** What somebody tries, by mutation; several where an id of Leila's may stand beside one's own. */
export const attempts: Record<string, readonly Attempt[]> = {
  revokeSession: [(theirs) => ({ sessionId: theirs('Session') })],
  updateDeed: [(theirs) => ({ deedId: theirs('Deed'), name: 'Mine' })],
  createDeedItems: [
    (theirs) => ({ deedId: theirs('Deed'), items: [{ name: 'Mine' }] }),
    (theirs, own) => ({ deedId: own('Deed'), parentId: theirs('DeedItem'), items: [{ name: 'Mine' }] }),
  ],
  updateDeedItem: [(theirs) => ({ itemId: theirs('DeedItem'), name: 'Mine' })],
  moveDeedItem: [
    (theirs) => ({ itemId: theirs('DeedItem'), parentId: null }),
    (theirs, own) => ({ itemId: own('DeedItem'), parentId: theirs('DeedItem') }),
  ],
  publishScale: [
    (theirs) => ({ deedId: theirs('Deed'), values: [{ name: 'Mine' }] }),
    (theirs, own) => ({ deedId: own('ScaledDeed'), values: [{ name: 'Mine', continues: theirs('ScaleValue') }] }),
  ],
  updateScaleValue: [(theirs) => ({ scaleValueId: theirs('ScaleValue'), name: 'Mine' })],
  deleteDeed: [(theirs) => ({ deedId: theirs('Deed') })],
  deleteDeedItem: [(theirs) => ({ itemId: theirs('DeedItem') })],
  restore: [(theirs) => ({ deletionId: theirs('Deletion') })],
  recordEntry: [
    (theirs) => ({ itemId: theirs('DeedItem'), count: '9' }),
    (theirs, own) => ({ itemId: own('ScaledItem'), scaleValueId: theirs('ScaleValue') }),
  ],
  recordEntries: [
    (theirs) => ({ rows: [{ itemId: theirs('DeedItem'), count: '9' }] }),
    (theirs, own) => ({ rows: [{ itemId: own('ScaledItem'), scaleValueId: theirs('ScaleValue') }] }),
  ],
  revertEntry: [
    (theirs) => ({ entryId: theirs('Entry'), changeId: theirs('EntryChange') }),
    (theirs, own) => ({ entryId: own('Entry'), changeId: theirs('EntryChange') }),
  ],
  clearEntry: [(theirs) => ({ entryId: theirs('Entry') })],
  createMerit: [
    (theirs) => ({ deedId: theirs('Deed'), ...goal(theirs('DeedItem')) }),
    (theirs, own) => ({ deedId: own('Deed'), ...goal(theirs('DeedItem')) }),
  ],
  updateMerit: [
    (theirs) => ({ meritId: theirs('Merit'), title: 'Mine' }),
    (theirs, own) => ({ meritId: own('Merit'), items: [sum(theirs('DeedItem'))] }),
  ],
  deleteMerit: [(theirs) => ({ meritId: theirs('Merit') })],
  createTarget: [(theirs) => goal(theirs('DeedItem'))],
  updateTarget: [
    (theirs) => ({ targetId: theirs('Target'), title: 'Mine' }),
    (theirs, own) => ({ targetId: own('Target'), items: [sum(theirs('DeedItem'))] }),
  ],
  deleteTarget: [(theirs) => ({ targetId: theirs('Target') })],
  setReminder: [(theirs) => ({ reminderId: theirs('Reminder'), title: 'Mine' })],
  deleteReminder: [(theirs) => ({ reminderId: theirs('Reminder') })],
  deleteReflection: [(theirs) => ({ reflectionId: theirs('Reflection') })],
  updateResource: [(theirs) => ({ resourceId: theirs('Resource'), name: 'Mine' })],
  deleteResource: [(theirs) => ({ resourceId: theirs('Resource') })],
  restoreResource: [(theirs) => ({ resourceId: theirs('Resource') })],
  updateProject: [(theirs) => ({ projectId: theirs('Project'), name: 'Mine' })],
  deleteProject: [(theirs) => ({ projectId: theirs('Project') })],
  restoreProject: [(theirs) => ({ projectId: theirs('Project') })],
  shareProject: [(theirs) => ({ projectId: theirs('Project'), relationId: theirs('Relation'), type: 'READ' })],
  unshareProject: [(theirs) => ({ permissionId: theirs('ProjectPermission') })],
  addScan: [
    (theirs) => ({ projectId: theirs('Project'), name: 'Mine', geometry: { type: 'Point', coordinates: [1, 2] } }),
  ],
  updateScan: [(theirs) => ({ scanId: theirs('Scan'), name: 'Mine' })],
  requestCalculation: [(theirs) => ({ projectId: theirs('Project'), kind: 'AREA', scanIds: [theirs('Scan')] })],
  requestHillshade: [(theirs) => ({ scanId: theirs('Scan') })],
  deleteScan: [(theirs) => ({ scanId: theirs('Scan') })],
  restoreDeletedScan: [(theirs) => ({ scanId: theirs('Scan') })],
  archiveScan: [(theirs) => ({ scanId: theirs('Scan') })],
  restoreScan: [(theirs) => ({ scanId: theirs('Scan') })],
  markMessagesRead: [(theirs) => ({ upTo: theirs('Message') })],
  replyToThread: [(theirs) => ({ threadId: theirs('Thread'), content: 'Mine' })],
  markThreadRead: [(theirs) => ({ threadId: theirs('Thread'), upTo: theirs('Message') })],
  setRole: [(theirs) => ({ userId: theirs('User'), role: 'ADMIN' })],
  suspendUser: [(theirs) => ({ userId: theirs('User') })],
  reinstateUser: [(theirs) => ({ userId: theirs('User') })],
  unlockLogin: [(theirs) => ({ userId: theirs('User') })],
  respondToRelation: [(theirs) => ({ relationId: theirs('Relation'), response: 'ACCEPT' })],
  removeRelation: [(theirs) => ({ relationId: theirs('Relation') })],
  unblock: [(theirs) => ({ relationId: theirs('Relation') })],
  grantPermissions: [(theirs, own) => ({ relationId: theirs('Relation'), permissions: [read(own('DeedItem'))] })],
  revokePermissions: [(theirs) => ({ permissionIds: [theirs('Permission')] })],
}

const match = (itemId: string, scaleValueId: string) => ({ itemId, scaleValueId, metric: 'SCALE_MATCH', target: '1' })

/** What is tried beside these, by somebody who has the rest of it. */
export const besideOwn: typeof attempts = {
  createMerit: [
    (theirs, own) => ({
      ...goal(own('DeedItem')),
      deedId: own('ScaledDeed'),
      items: [match(own('ScaledItem'), theirs('ScaleValue'))],
    }),
  ],
  updateMerit: [(theirs, own) => ({ meritId: own('Merit'), items: [match(own('ScaledItem'), theirs('ScaleValue'))] })],
  createTarget: [
    (theirs, own) => ({ ...goal(own('DeedItem')), items: [match(own('ScaledItem'), theirs('ScaleValue'))] }),
  ],
  updateTarget: [
    (theirs, own) => ({ targetId: own('Target'), items: [match(own('ScaledItem'), theirs('ScaleValue'))] }),
  ],
  markThreadRead: [(theirs, own) => ({ threadId: own('Thread'), upTo: theirs('Message') })],
  shareProject: [
    (theirs, own) => ({ projectId: own('Project'), relationId: theirs('Relation'), type: 'READ' }),
    (theirs, own) => ({ projectId: theirs('Project'), relationId: own('Relation'), type: 'READ' }),
  ],
  grantPermissions: [(theirs, own) => ({ relationId: own('Relation'), permissions: [read(theirs('DeedItem'))] })],
}

/** Where ids stand in an input of this type, as errors name it, with the first place of each list: `input.items[0].itemId`. */
export function pathsOfIds(type: GraphQLInputType, at: string, seen: readonly string[] = []): string[] {
  const place = String(type).startsWith('[') ? `${at}[0]` : at
  const inner = getNamedType(type)
  if (inner.name === 'ID') return [place]
  if (!isInputObjectType(inner) || seen.includes(inner.name)) return []
  return Object.values(inner.getFields()).flatMap((field) =>
    pathsOfIds(field.type, `${place}.${field.name}`, [...seen, inner.name]),
  )
}

/** The same id, but of something that never was. */
export function neverWas(id: string): string {
  const parts = Buffer.from(id, 'base64url').toString().split(':')
  const last = parts.findLastIndex((part) => /^\d+$/.test(part))
  const changed = parts.map((part, at) => {
    if (/^[0-9a-f]{8}-/.test(part)) return '00000000-0000-4000-8000-000000000000'
    return at === last ? '987654321' : part
  })
  return Buffer.from(changed.join(':')).toString('base64url')
}
