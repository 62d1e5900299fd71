import type { Database } from '../../platform/database/types.ts'
import type { Log } from '../../platform/log.ts'
import {
  type ClaimedDelivery,
  claimDelivery,
  type DeliveryFacts,
  deliveryFacts,
  finishDelivery,
  fireDue,
  giveUp,
  type Outcome,
} from './queries/deliveries.ts'
import { minutesToWait, reasonToSkip } from './rules.ts'

/**
 * What came of handing a message over. `later`: it was certainly not taken, and may be tried again, in `seconds` where that was said;
 * `unknown`: nobody can tell whether it was taken.
 */
export type Handover =
  | { readonly result: 'taken' }
  | { readonly result: 'refused' | 'unknown' | 'pointless'; readonly code: string }
  | { readonly result: 'later'; readonly code: string; readonly seconds?: number }

/** How a message leaves by each channel. Never rejects for what a server did. */
export type Channels = Readonly<Record<'email' | 'push', (facts: DeliveryFacts) => Promise<Handover>>>

export interface FiringTools {
  readonly now: () => Date
  readonly channels: Channels
  readonly log?: Pick<Log, 'error'>
  readonly signal?: AbortSignal
}

/** What a run came to, by what became of each message. */
export type Fired = Record<Outcome['status'], number>

/** So many messages leave at the same time. */
const atOnce = 4

/**
 * REM-1, REM-2 Fires what is due and sends what waits, reminders and news of goals. `worker` is connected as `kitaab_worker`. Any number
 * of processes may do so at once, and any may be killed in the midst: no message is sent twice.
 */
export async function fireDueReminders(worker: Database, tools: FiringTools): Promise<Fired> {
  const fired: Fired = { sent: 0, skipped: 0, failed: 0, unknown: 0, waiting: 0 }
  await giveUp(worker, tools.now())
  while (!tools.signal?.aborted && (await fireDue(worker, tools.now())) > 0);
  await Promise.all(Array.from({ length: atOnce }, () => sendWaiting(worker, tools, fired)))
  return fired
}

async function sendWaiting(worker: Database, tools: FiringTools, fired: Fired): Promise<void> {
  while (!tools.signal?.aborted) {
    const delivery = await claimDelivery(worker, tools.now())
    if (!delivery) return
    const outcome = await sendOne(worker, delivery, tools)
    await finishDelivery(worker, delivery, outcome, tools.now())
    fired[outcome.status] += 1
  }
}

async function sendOne(worker: Database, delivery: ClaimedDelivery, tools: FiringTools): Promise<Outcome> {
  const { now, channels, log } = tools
  const facts = await deliveryFacts(worker, delivery, now())
  const reason = reasonToSkip(facts)
  if (reason !== null) return { status: 'skipped', error: reason }
  const handover = await channels[facts.channel](facts).catch((error: unknown): Handover => {
    // A defect of ours, after which nobody can tell: it must not keep others from getting theirs.
    log?.error({ err: error }, 'a message could not be made or sent')
    return { result: 'unknown', code: 'internal' }
  })
  if (handover.result === 'taken') return { status: 'sent' }
  if (handover.result === 'pointless') return { status: 'skipped', error: handover.code }
  if (handover.result === 'unknown') return { status: 'unknown', error: handover.code }
  const minutes = minutesToWait(delivery.attempts)
  if (handover.result !== 'later' || minutes === null) return { status: 'failed', error: handover.code }
  const seconds = Math.max(minutes * 60, handover.seconds ?? 0)
  // Told as what it is, a failure, where there is no time for another attempt.
  if (reasonToSkip({ ...facts, lateMinutes: facts.lateMinutes + seconds / 60 }) !== null)
    return { status: 'failed', error: handover.code }
  return { status: 'waiting', error: handover.code, again: new Date(now().getTime() + seconds * 1000) }
}
