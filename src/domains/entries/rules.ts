import Big from 'big.js'
import type { EntryRow, EntryValueRow } from './queries.ts'

/** One row that somebody wants recorded, ids taken apart. What is left out is `undefined`, except `notes`, where null removes. */
export interface RecordRequest {
  readonly ownerId: string
  readonly itemId: string
  /** Civil date; the owner's today when left out (DAY-5). */
  readonly date?: string | null | undefined
  readonly count?: string | null | undefined
  readonly incrementBy?: string | null | undefined
  /** Of the same owner. */
  readonly scaleValueId?: string | null | undefined
  /** ENT-3 Left out: kept. Null: removed. */
  readonly notes?: string | null | undefined
  /** ENT-8 0: there must be none yet. */
  readonly expectedVersion?: number | null | undefined
}

/** A day that somebody wants unknown again. */
export interface ClearRequest {
  readonly ownerId: string
  readonly itemId: string
  readonly date: string
  readonly expectedVersion?: number | null | undefined
}

/** What the database says about one requested row, before anything is written. */
export interface Situation {
  readonly ownerId: string
  readonly itemId: string
  readonly deedId: string
  /** The requested date, or the owner's today. */
  readonly date: string
  readonly measure: 'scale' | 'count'
  readonly isOwner: boolean
  readonly mayWrite: boolean
  readonly sharesNotes: boolean
  /** The first and the last day that this writer may touch now. */
  readonly earliestDate: string
  readonly latestDate: string
  /** The version of the scale in effect on the date; null for counts. */
  readonly effectiveScaleId: string | null
  /** The version that the requested value belongs to; null when the deed has no such value. */
  readonly requestedScaleId: string | null
  /** Whether the requested value was retired. */
  readonly requestedIsRetired: boolean
  /** The value of the effective version that continues the requested one. */
  readonly sameLineageValueId: string | null
  /** What is recorded; null when nothing is, or when it was cleared. */
  readonly entry: StoredEntry | null
}

/** The value of an entry. Exactly one of `count` and `scaleValueId` is there (ENT-1). */
export interface StoredValue {
  readonly count: string | null
  readonly scaleId: string | null
  readonly scaleValueId: string | null
  readonly notes: string | null
}

export interface StoredEntry extends StoredValue {
  readonly version: number
  readonly isWrittenByOwner: boolean
}

/** What the sender can act on says why. */
type RefusedAs =
  | { readonly code: 'BAD_USER_INPUT' | 'CONFLICT'; readonly reason: string }
  | { readonly code: 'FORBIDDEN' | 'NOT_FOUND'; readonly reason?: string }

/** Why a row was not taken, as data: thrown for one row, answered beside the others in bulk (ENT-5). */
export type Refusal = RefusedAs & {
  readonly message: string
  /** The field of the input that is to blame. */
  readonly field?: string
  readonly currentVersion?: number
  /** A `scale_value_id` of the same owner. */
  readonly suggestedScaleValueId?: string
}

export type RecordStatus = 'CREATED' | 'UPDATED' | 'UNCHANGED'

/** A row that was not taken. */
export interface Refused {
  readonly kind: 'refused'
  readonly refusal: Refusal
}

export type RecordDecision =
  | Refused
  | { readonly kind: 'decided'; readonly status: RecordStatus; readonly value: StoredValue }

export type ClearDecision = Refused | { readonly kind: 'decided'; readonly status: 'CLEARED' | 'UNCHANGED' }

/** Names the one entry that a payload is about; the progress domain finds the goals by it. */
export interface EntryPlace {
  readonly ownerId: string
  readonly itemId: string
  readonly date: string
}

/** The payload of `recordEntry`. */
export interface Recorded extends EntryPlace {
  readonly status: RecordStatus
  readonly entry: EntryRow
  readonly previous: EntryValueRow | null
}

/** The payload of `clearEntry`. */
export interface Cleared extends EntryPlace {
  readonly previous: EntryValueRow | null
}

/** The payload of `revertEntry`; `entry` is null when the change had cleared the day. */
export interface Reverted extends Cleared {
  readonly entry: EntryRow | null
}

/** The largest amount that an entry holds. */
const maxCount = '999999999.999'
const maxPlaces = 3

const valueFields = ['count', 'incrementBy', 'scaleValueId'] as const
const measureMessages = {
  count: 'This deed is counted: give either count or incrementBy, and no scale value.',
  scale: 'This deed is measured on a scale: give scaleValueId, and no amount.',
}

/**
 * Decides what recording one row comes to: ENT-1 to ENT-3, ENT-7, ENT-8, DAY-5, SCA-4. Where the viewer sees no such
 * item there is no situation, and `noSuchItem` is the answer.
 */
export function decideRecord(request: RecordRequest, situation: Situation): RecordDecision {
  const { entry } = situation
  const value =
    refuseWriter(situation) ??
    refuseShape(request, situation) ??
    refuseNotes(request, situation) ??
    refuseVersion(request, situation) ??
    valueAfter(request, situation)
  if (isRefusal(value)) return refused(value)
  if (entry && isSameValue(entry, value)) return { kind: 'decided', status: 'UNCHANGED', value }
  const protection = refuseOverwriting(request, situation)
  if (protection) return refused(protection)
  return { kind: 'decided', status: entry ? 'UPDATED' : 'CREATED', value }
}

/** Decides whether a day may become unknown again, and whether it is not already: ENT-7, ENT-8, DAY-5. */
export function decideClear(request: ClearRequest, situation: Situation): ClearDecision {
  const refusal =
    refuseWriter(situation, 'entryId') ??
    refuseVersion(request, situation) ??
    (situation.entry ? refuseOverwriting(request, situation) : undefined)
  return refusal ? refused(refusal) : { kind: 'decided', status: situation.entry ? 'CLEARED' : 'UNCHANGED' }
}

function refused(refusal: Refusal): Refused {
  return { kind: 'refused', refusal }
}

function isRefusal(value: StoredValue | Refusal): value is Refusal {
  return 'code' in value
}

/** SHA-8 What the viewer may not see reads as if there were none. */
export const noSuchItem: Refusal = { code: 'NOT_FOUND', message: 'There is no such item that you may see.' }

/** SHA-7 Who may write, and DAY-5 on which days. */
function refuseWriter({ mayWrite, date, earliestDate, latestDate }: Situation, field = 'date'): Refusal | undefined {
  if (!mayWrite) return { code: 'FORBIDDEN', message: 'This item is shared with you to read, not to record.' }
  if (date >= earliestDate && date <= latestDate) return
  return {
    code: 'BAD_USER_INPUT',
    reason: 'DATE_OUT_OF_RANGE',
    field,
    message: `Here you can record from ${earliestDate} to ${latestDate}.`,
  }
}

/** ENT-1 At most one value, of the kind that the deed is measured by; ENT-3 none is fine where there are notes. */
function refuseShape(request: RecordRequest, { measure, entry }: Situation): Refusal | undefined {
  const given = valueFields.filter((field) => isGiven(request[field]))
  const fitting: readonly string[] = measure === 'count' ? ['count', 'incrementBy'] : ['scaleValueId']
  const wrong = given.find((field) => !fitting.includes(field)) ?? given[1]
  if (wrong) return { code: 'BAD_USER_INPUT', reason: 'WRONG_MEASURE', field: wrong, message: measureMessages[measure] }
  if (given.length === 1 || entry) return
  return {
    code: 'CONFLICT',
    reason: 'NOTHING_RECORDED',
    message: 'Nothing is recorded on that day: give a value, with or without notes.',
  }
}

/** SHA-6 Who may not read notes may not send them. */
function refuseNotes({ notes }: RecordRequest, { sharesNotes }: Situation): Refusal | undefined {
  if (notes === undefined || sharesNotes) return
  return {
    code: 'FORBIDDEN',
    reason: 'NOTES_NOT_SHARED',
    field: 'notes',
    message: 'Notes of this item are not shared with you: leave them out.',
  }
}

/** ENT-8 A cleared day has version 0, as one that never was recorded. */
function refuseVersion({ expectedVersion }: { expectedVersion?: number | null | undefined }, { entry }: Situation) {
  const currentVersion = entry?.version ?? 0
  if (!isGiven(expectedVersion) || expectedVersion === currentVersion) return
  const refusal: Refusal = {
    code: 'CONFLICT',
    reason: 'STALE_VERSION',
    field: 'expectedVersion',
    currentVersion,
    message: 'It was changed since you read it. Look at it again before you overwrite it.',
  }
  return refusal
}

/** ENT-7 A delegate overwrites the owner's own value only knowing it. */
function refuseOverwriting({ expectedVersion }: { expectedVersion?: number | null | undefined }, situation: Situation) {
  const { isOwner, entry } = situation
  if (isOwner || !entry?.isWrittenByOwner || isGiven(expectedVersion)) return
  const refusal: Refusal = {
    code: 'CONFLICT',
    reason: 'OWNER_VALUE_PROTECTED',
    currentVersion: entry.version,
    message: 'The owner wrote this. To overwrite it, send its version as expectedVersion.',
  }
  return refusal
}

function valueAfter(request: RecordRequest, situation: Situation): StoredValue | Refusal {
  const { entry } = situation
  const notes = request.notes === undefined ? (entry?.notes ?? null) : request.notes
  if (isGiven(request.scaleValueId)) return scaleValueAfter(request.scaleValueId, situation, notes)
  if (isGiven(request.count)) return countAfter(request.count, 'count', notes)
  if (isGiven(request.incrementBy)) return sumAfter(request.incrementBy, entry, notes)
  const { count = null, scaleId = null, scaleValueId = null } = entry ?? {}
  return { count, scaleId, scaleValueId, notes }
}

/** SCA-4 Only a value of the version in effect on that day. */
function scaleValueAfter(scaleValueId: string, situation: Situation, notes: string | null): StoredValue | Refusal {
  const { requestedScaleId, effectiveScaleId, sameLineageValueId, requestedIsRetired, entry } = situation
  const field = 'scaleValueId'
  if (requestedScaleId === null) return { code: 'NOT_FOUND', field, message: "The deed's scale has no such value." }
  const isKept = entry?.scaleValueId === scaleValueId
  if (isKept || (requestedScaleId === effectiveScaleId && !requestedIsRetired)) {
    return { count: null, scaleId: requestedScaleId, scaleValueId, notes }
  }
  return {
    code: 'CONFLICT',
    reason: 'SCALE_VERSION_MISMATCH',
    field,
    message: 'On that day another version of the scale is in effect.',
    ...(sameLineageValueId !== null && { suggestedScaleValueId: sameLineageValueId }),
  }
}

function countAfter(count: string, field: string, notes: string | null): StoredValue | Refusal {
  const amount = parseAmount(count)
  if (!amount || amount.lt(0) || amount.gt(maxCount)) return invalidAmount(field)
  return { count: amount.toFixed(), scaleId: null, scaleValueId: null, notes }
}

function sumAfter(incrementBy: string, entry: StoredEntry | null, notes: string | null): StoredValue | Refusal {
  const increment = parseAmount(incrementBy)
  if (!increment) return invalidAmount('incrementBy')
  return countAfter(increment.plus(entry?.count ?? 0).toFixed(), 'incrementBy', notes)
}

/** ENT-1 At most 3 places; more are refused, never rounded. */
function parseAmount(text: string): Big | undefined {
  if (!/^-?\d{1,15}(\.\d{1,30})?$/.test(text)) return
  const amount = new Big(text)
  return amount.round(maxPlaces, Big.roundDown).eq(amount) ? amount : undefined
}

function invalidAmount(field: string): Refusal {
  return {
    code: 'BAD_USER_INPUT',
    reason: 'INVALID_AMOUNT',
    field,
    message: `An amount is 0 to ${maxCount}, with at most ${maxPlaces} decimal places.`,
  }
}

/** Amounts are compared as numbers: `5` is `5.000`. */
export function isSameValue(stored: StoredValue, value: StoredValue): boolean {
  const isSameCount =
    stored.count === null || value.count === null ? stored.count === value.count : new Big(stored.count).eq(value.count)
  return isSameCount && stored.scaleValueId === value.scaleValueId && stored.notes === value.notes
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined
}
