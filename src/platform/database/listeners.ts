import type { Database, UserId } from './types.ts'

/**
 * What domains announce in a transaction: the event's name and its payload. A domain adds its own where it announces:
 *
 *     declare module '../../platform/database/listeners.ts' {
 *       interface Announcements { entriesChanged: EntriesChanged }
 *     }
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the domains, by declaration merging
export interface Announcements {}

/** A handle on an open transaction: query functions take it as they take any database. */
export type Transaction = Database & {
  /** Whose transaction it is, where it is a viewer's. */
  readonly viewerId?: UserId | undefined
  /** Lets the domains above do their part now, in this transaction; rejects as the first of them does. */
  announce<Event extends keyof Announcements>(event: Event, payload: Announcements[Event]): Promise<void>
  /**
   * Remembers what is to happen once all is committed (cache, mail, events), never on a rollback. The transaction's
   * caller waits for it, so that its next read sees the effect; an error is logged, as nothing can be taken back.
   */
  afterCommit(effect: Effect): void
  /**
   * Hands what this transaction found out to the loaders that answer after its commit, so that nobody asks for it again. It must be what
   * they would find.
   */
  handOver(hand: (loaders: never) => void): void
  /** All that was handed over, in order. */
  readonly handed: readonly ((loaders: never) => void)[]
}

/** Something outside the database that a commit brings about. */
export type Effect = () => unknown

export type Listener<Event extends keyof Announcements> = (
  tx: Transaction,
  payload: Announcements[Event],
) => Promise<unknown>

/** Who listens to what. `app.ts` registers, in the order of the domains, so that nothing below imports what is above. */
export interface Listeners {
  on<Event extends keyof Announcements>(event: Event, listener: Listener<Event>): void
  /** Runs the event's listeners in the transaction, one after the other, in the order of their registration. */
  announce<Event extends keyof Announcements>(
    tx: Transaction,
    event: Event,
    payload: Announcements[Event],
  ): Promise<void>
}

export function makeListeners(): Listeners {
  const byEvent = new Map<string, ((tx: Transaction, payload: never) => Promise<unknown>)[]>()
  return {
    on(event, listener) {
      byEvent.set(event, [...(byEvent.get(event) ?? []), listener])
    },
    async announce(tx, event, payload) {
      for (const listener of byEvent.get(event) ?? []) await listener(tx, payload as never)
    },
  }
}
