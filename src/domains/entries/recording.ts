import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { once } from './idempotency.ts'
import type { FoundSituation, WantedRow } from './queries/situations.ts'
import { situationsOf } from './queries/situations.ts'
import { clearEntries, upsertEntries } from './queries/writes.ts'
import type { EntryRow, EntryValueRow } from './queries.ts'
import { entriesOnDays } from './queries.ts'
import { errorOf } from './refusals.ts'
import type { RecordedRow } from './rules/bulk.ts'
import { decideDay } from './rules/days.ts'
import type {
  Cleared,
  ClearRequest,
  EntryPlace,
  Recorded,
  RecordRequest,
  RecordStatus,
  Refusal,
  StoredValue,
} from './rules.ts'
import { decideClear, noSuchItem } from './rules.ts'

/** An entry that was written in this transaction: recorded, overwritten or cleared. */
export interface EntryChange extends EntryPlace {
  readonly deedId: string
}

/**
 * Entries whose writing was sent to the database and may not be answered yet: what a listener asks at once runs behind it, and tells how
 * things are after it. `written` are those of them that were changed; the others somebody else was faster on.
 */
export interface EntriesChanged {
  readonly sent: readonly EntryChange[]
  readonly written: Promise<readonly EntryChange[]>
}

declare module '../../platform/database/listeners.ts' {
  interface Announcements {
    /** The domains above bring up to date what follows from changed entries. */
    entriesChanged: EntriesChanged
  }
}

/** What became of one row of several (ENT-5). */
export type Outcome<Payload> = { readonly refusal: Refusal } | { readonly payload: Payload }

/**
 * Records rows for the viewer in this transaction, each day of an item at most once among them, and answers in the order of the
 * requests: `recordRows` with nothing to supersede.
 */
export async function recordEntries(
  tx: Transaction,
  viewerId: UserId,
  requests: readonly RecordRequest[],
): Promise<Outcome<Recorded>[]> {
  const outcomes = await recordRows(tx, viewerId, requests)
  return outcomes.map((outcome) => {
    if ('refusal' in outcome) return outcome
    const { status, ...payload } = outcome.payload
    if (status === 'SUPERSEDED') throw new Error('A day of an item was given twice.')
    return { payload: { ...payload, status } }
  })
}

/**
 * ENT-5 Records rows for the viewer in this transaction: reads what they need in one statement, lets `rules` decide each, writes
 * those that passed in one upsert, and announces with it what changes. Of several rows for one day of an item the last that
 * passed has the day's status, those before it are SUPERSEDED; all of them have the day's entry. Answers in the order of
 * the requests. Owners other than the viewer must be declared by the transaction.
 */
export function recordRows(
  tx: Transaction,
  viewerId: UserId,
  requests: readonly RecordRequest[],
): Promise<Outcome<RecordedRow>[]> {
  return untilSettled(tx, viewerId, requests, (rows) => {
    const days = Map.groupBy(rows, ({ situation }) => keyOf(situation))
    const decisions = new Map([...days].map(([key, ofDay]) => [key, decideDay(ofDay)]))
    const taken = [...decisions.values()].flatMap((day) =>
      day.taken ? [{ ...day.taken.by.situation, ...day.taken }] : [],
    )
    return {
      sent: taken.filter(({ status }) => status !== 'UNCHANGED').map(changeOf),
      attempts: entriesAfter(tx, viewerId, taken).then((entries) =>
        rows.map((row) => recordedRow(row, decisions, entries)),
      ),
    }
  })
}

type Decisions = ReadonlyMap<string, ReturnType<typeof decideDay<Row<RecordRequest>>>>

function recordedRow(
  row: Row<RecordRequest>,
  decisions: Decisions,
  entries: ReadonlyMap<string, EntryRow>,
): Attempt<RecordedRow> {
  const { situation } = row
  const { refusals, taken } = decisions.get(keyOf(situation)) ?? {}
  const entry = entries.get(keyOf(situation))
  // All rows of a day that somebody else was faster on are decided anew.
  if (taken && !entry) return undefined
  const refusal = refusals?.get(row)
  if (refusal || !taken || !entry) return { refusal: refusal ?? noSuchItem }
  const isLast = taken.by === row
  const payload = {
    ...placeOf(situation),
    status: isLast ? taken.status : ('SUPERSEDED' as const),
    entry,
    previous: previousOf(situation),
  }
  return isLast && taken.status !== 'UNCHANGED' ? { payload, change: changeOf(situation) } : { payload }
}

/** Writes what is to change, and answers the entries of all these days as they are now; without those that somebody else changed. */
async function entriesAfter(
  tx: Transaction,
  viewerId: UserId,
  days: readonly (FoundSituation & { status: RecordStatus; value: StoredValue })[],
): Promise<Map<string, EntryRow>> {
  const changed = days.filter(({ status }) => status !== 'UNCHANGED')
  const unchanged = days.filter(({ status }) => status === 'UNCHANGED')
  const written = changed.length > 0 ? await upsertEntries(tx, viewerId, changed) : []
  const kept = unchanged.length > 0 ? await entriesOnDays(tx, viewerId, unchanged) : []
  return new Map([...written, ...kept].map((entry) => [keyOf(entry), entry]))
}

/** Clears days for the viewer in this transaction, as `recordEntries` records them. */
export function clearDays(
  tx: Transaction,
  viewerId: UserId,
  requests: readonly ClearRequest[],
): Promise<Outcome<Cleared>[]> {
  return untilSettled(tx, viewerId, requests, (rows) => {
    const decided = rows.map(({ request, situation }) => ({ situation, decision: decideClear(request, situation) }))
    const recorded = decided
      .filter(({ decision }) => decision.kind === 'decided' && decision.status === 'CLEARED')
      .map(({ situation }) => situation)
    const clearing = recorded.length > 0 ? clearEntries(tx, viewerId, recorded) : Promise.resolve([])
    const attempts = clearing.then((written) => {
      const cleared = new Set(written.map(keyOf))
      return decided.map(({ situation, decision }) => {
        if (decision.kind === 'refused') return decision
        const payload = { ...placeOf(situation), previous: previousOf(situation) }
        if (decision.status === 'UNCHANGED') return { payload }
        return cleared.has(keyOf(situation)) ? { payload, change: changeOf(situation) } : undefined
      })
    })
    return { sent: recorded.map(changeOf), attempts }
  })
}

/** Records one row, as the mutation does: `once` when it has a key (ENT-4). Throws why it was not taken. */
export async function recordEntry(
  tx: Transaction,
  viewerId: UserId,
  request: RecordRequest,
  key: string | null,
): Promise<Recorded> {
  return once<Recorded>(tx, viewerId, {
    key,
    operation: 'recordEntry',
    request,
    work: async () => payloadOf(await recordEntries(tx, viewerId, [request]), request),
    replay: async (answer) => {
      const { sharesNotes } = await visibleSituation(tx, viewerId, answer)
      const { entry, previous } = answer
      return sharesNotes ? answer : { ...answer, entry: { ...entry, notes: null }, previous: withoutNotes(previous) }
    },
  })
}

/** Clears one day, as the mutation does. */
export async function clearEntry(
  tx: Transaction,
  viewerId: UserId,
  request: ClearRequest,
  key: string | null,
): Promise<Cleared> {
  return once<Cleared>(tx, viewerId, {
    key,
    operation: 'clearEntry',
    request,
    work: async () => payloadOf(await clearDays(tx, viewerId, [request]), request),
    replay: async (answer) => {
      const { sharesNotes } = await visibleSituation(tx, viewerId, answer)
      return sharesNotes ? answer : { ...answer, previous: withoutNotes(answer.previous) }
    },
  })
}

interface Row<Request> {
  readonly request: Request
  readonly situation: FoundSituation
}

type Attempt<Payload> = (Outcome<Payload> & { readonly change?: EntryChange }) | undefined

/** What was tried with some rows: the changes whose writing was sent, and what became of each row. */
interface Round<Payload> {
  readonly sent: readonly EntryChange[]
  readonly attempts: Promise<Attempt<Payload>[]>
}

/**
 * Tries the rows, and those again whose entry somebody else changed between reading and writing (an attempt of
 * undefined). A record that came too late has locked its row, so the second round finds it as it stays; a clear tries
 * again as long as others are faster, which each time means that one of them is done.
 */
async function untilSettled<Request extends WantedRow, Payload>(
  tx: Transaction,
  viewerId: UserId,
  requests: readonly Request[],
  attemptAll: (rows: readonly Row<Request>[]) => Round<Payload>,
): Promise<Outcome<Payload>[]> {
  const settled = new Map<Request, Outcome<Payload>>()
  for (let open = requests; open.length > 0; open = open.filter((request) => !settled.has(request))) {
    const situations = await situationsOf(tx, viewerId, open)
    const rows = open.flatMap((request, index) => {
      const situation = situations[index]
      if (!situation) settled.set(request, { refusal: noSuchItem })
      return situation ? [{ request, situation }] : []
    })
    const attempts = await announced(tx, attemptAll(rows))
    for (const [index, attempt] of attempts.entries()) {
      const row = rows[index]
      if (row && attempt) settled.set(row.request, attempt)
    }
  }
  return requests.flatMap((request) => settled.get(request) ?? [])
}

/** Lets the domains above ask at once what they need, behind the writing; its own failure goes first. */
async function announced<Payload>(tx: Transaction, { sent, attempts }: Round<Payload>): Promise<Attempt<Payload>[]> {
  if (sent.length === 0) return attempts
  const written = attempts.then((made) => made.flatMap((attempt) => attempt?.change ?? []))
  const announcing = tx.announce('entriesChanged', { sent, written })
  const [made] = await Promise.allSettled([attempts, announcing])
  if (made.status === 'rejected') throw made.reason
  await announcing
  return made.value
}

/** The payload of the only outcome; throws why there is none. `pathOf`: see `errorOf`. */
export function payloadOf<Payload>(
  [outcome]: readonly Outcome<Payload>[],
  { ownerId }: { ownerId: string },
  pathOf?: (field: string) => string,
): Payload {
  if (outcome && 'payload' in outcome) return outcome.payload
  throw errorOf(outcome?.refusal ?? noSuchItem, ownerId, pathOf)
}

/** SHA-9 What may be seen of an answer of earlier is what may be seen now. */
export async function visibleSituation(tx: Transaction, viewerId: UserId, place: EntryPlace): Promise<FoundSituation> {
  const [situation] = await situationsOf(tx, viewerId, [place])
  if (!situation) throw errorOf(noSuchItem, place.ownerId)
  return situation
}

export function withoutNotes(value: EntryValueRow | null): EntryValueRow | null {
  return value && { ...value, notes: null }
}

function keyOf({ ownerId, itemId, date }: EntryPlace): string {
  return `${ownerId}:${itemId}:${date}`
}

function placeOf({ ownerId, itemId, date }: FoundSituation): EntryPlace {
  return { ownerId, itemId, date }
}

function changeOf({ ownerId, itemId, deedId, date }: FoundSituation): EntryChange {
  return { ownerId, itemId, deedId, date }
}

/** SHA-6 Notes only for those who may read them. */
function previousOf({ ownerId, sharesNotes, entry }: FoundSituation): EntryValueRow | null {
  if (!entry) return null
  const { count, scaleValueId, notes } = entry
  return { ownerId, count, scaleValueId, notes: sharesNotes ? notes : null }
}
