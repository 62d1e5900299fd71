import { isCalendarDate } from './dates.ts'
import { badUserInput } from './errors.ts'

/**
 * What an id of each type carries inside, in this order. Every part is digits, a date, a UUID or one of two words, so `:`
 * separates them safely. The owner comes first: one id is enough to read one row by its primary key.
 */
export const idParts = {
  User: ['userId'],
  Account: ['userId'],
  Session: ['userId', 'sessionId'],
  Deed: ['ownerId', 'deedId'],
  DeedItem: ['ownerId', 'itemId'],
  Scale: ['ownerId', 'scaleId'],
  ScaleValue: ['ownerId', 'scaleValueId'],
  Deletion: ['ownerId', 'deletionId'],
  Entry: ['ownerId', 'itemId', 'date'],
  EntryChange: ['ownerId', 'changeId'],
  Merit: ['ownerId', 'goalId'],
  Target: ['ownerId', 'goalId'],
  GoalItem: ['ownerId', 'goalItemId'],
  Relation: ['ownerId', 'direction', 'relationId'],
  Permission: ['ownerId', 'permissionId'],
  Reminder: ['ownerId', 'reminderId'],
  EntryImport: ['ownerId', 'jobId'],
  Reflection: ['ownerId', 'reflectionId'],
  Message: ['ownerId', 'messageId'],
  Resource: ['ownerId', 'resourceId'],
  Thread: ['ownerId'],
  DataExport: ['ownerId', 'jobId'],
  Project: ['ownerId', 'projectId'],
  Scan: ['ownerId', 'scanId'],
  ProjectPermission: ['ownerId', 'projectPermissionId'],
  ScanMove: ['ownerId', 'scanMoveId'],
  Calculation: ['ownerId', 'calculationId'],
  Hillshade: ['ownerId', 'hillshadeId'],
  ScanImport: ['ownerId', 'scanImportId'],
} as const

export type IdType = keyof typeof idParts
type Parts<T extends IdType> = { [K in (typeof idParts)[T][number]]: string }

const digits = /^[1-9][0-9]{0,18}$/
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const shapes: Record<string, (value: string) => boolean> = {
  date: isCalendarDate,
  direction: (value) => value === 'sent' || value === 'received',
  deletionId: (value) => uuid.test(value),
  sessionId: (value) => uuid.test(value),
  jobId: (value) => uuid.test(value),
}
const largestBigint = 9223372036854775807n

function partFits(name: string, value: string) {
  const shape = shapes[name]
  return shape ? shape(value) : digits.test(value) && BigInt(value) <= largestBigint
}

/** The opaque id of an object: base64url of `Type:part:part`. */
export function toGlobalId<T extends IdType>(type: T, parts: Parts<T>): string {
  let text: string = type
  for (const name of idParts[type]) text += `:${(parts as Record<string, string>)[name]}`
  // Digits, words and dates: a byte each.
  return Buffer.from(text, 'latin1').toString('base64url')
}

const idsOfRows = new WeakMap<object, string>()

/** The same for a row of this type alone, which a wide answer shows again and again: made once. */
export function idOfRow<T extends IdType>(type: T, row: Parts<T>): string {
  const known = idsOfRows.get(row)
  if (known !== undefined) return known
  const id = toGlobalId(type, row)
  idsOfRows.set(row, id)
  return id
}

/** Type and parts of any id, or null when it is none of ours. */
export function parseGlobalId(id: string): { type: IdType; parts: Record<string, string> } | null {
  const [type, ...values] = Buffer.from(id, 'base64url').toString('latin1').split(':')
  if (type === undefined || !Object.hasOwn(idParts, type)) return null
  const names = idParts[type as IdType]
  if (values.length !== names.length) return null
  const parts: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? ''
    if (!partFits(name, value)) return null
    parts[name] = value
  }
  return { type: type as IdType, parts }
}

const sentAs = new WeakMap<object, string>()

/** The argument that carried the id whose parts these are, the very object that `fromGlobalId` gave. */
export function fieldOfId(parts: object): string | undefined {
  return sentAs.get(parts)
}

/**
 * The parts of an id that must be of `type`, as in `fromGlobalId('Deed', id)` -> `{ ownerId, deedId }`; they know their `field`.
 * Throws BAD_USER_INPUT, reason INVALID_ID; `field` is the argument that carried it.
 */
export function fromGlobalId<T extends IdType>(type: T, id: string, field?: string): Parts<T> {
  const parsed = parseGlobalId(id)
  if (parsed?.type === type) {
    if (field !== undefined) sentAs.set(parsed.parts, field)
    return parsed.parts as Parts<T>
  }
  const what = parsed ? `the id of ${withArticle(parsed.type)}` : 'not an id that this service gave out'
  throw badUserInput(`This takes the id of ${withArticle(type)}; what was sent is ${what}.`, {
    reason: 'INVALID_ID',
    ...(field && { field }),
  })
}

function withArticle(type: IdType): string {
  return `${/^[AEIO]/.test(type) ? 'an' : 'a'} ${type}`
}
