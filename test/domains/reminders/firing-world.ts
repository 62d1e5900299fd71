import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { fireDueReminders, type Handover } from '../../../src/domains/reminders/firing.ts'
import type { DeliveryFacts } from '../../../src/domains/reminders/queries/deliveries.ts'
import type { DB } from '../../../src/generated/database.ts'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newUser } from '../../support/people.ts'
import type { TestService } from '../../support/service.ts'
import { remindersOf } from './reminder-requests.ts'

/** A connection pool as the role that jobs run as. */
export function workerOn({ database }: Pick<TestService, 'database'>) {
  const pool = new pg.Pool({ ...database.connections.forRole('kitaab_worker'), max: 6 })
  pool.on('error', () => {})
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })
}

export interface Sent {
  readonly ownerId: string
  readonly channel: string
  readonly date: string
  readonly at: string
}

export type FiringWorld = ReturnType<typeof newFiringWorld>

/** A clock that stands still until it is set, and a worker whose messages are kept instead of sent. */
export function newFiringWorld(service: TestService) {
  const worker = workerOn(service)
  const { admin } = service.database
  let clock = new Date()
  const sent: Sent[] = []
  let answer: (facts: DeliveryFacts) => Handover = () => ({ result: 'taken' })
  const send = async (facts: DeliveryFacts) => {
    const handover = answer(facts)
    const { ownerId, channel, localDate: date } = facts
    if (handover.result === 'taken') sent.push({ ownerId, channel, date, at: clock.toISOString() })
    return handover
  }
  const world = {
    worker,
    sent,
    at(now: Date | string) {
      clock = new Date(now)
      return world
    },
    later(minutes: number) {
      clock = new Date(clock.getTime() + minutes * 60_000)
      return world
    },
    answering(next: typeof answer) {
      answer = next
      return world
    },
    run: () => fireDueReminders(worker, { now: () => clock, channels: { email: send, push: send } }),
    /** Someone with a reminder whose first firing is the first after `from`. */
    async newReminder(input: object, { timeZone = 'UTC', from = undefined as string | undefined } = {}) {
      const person = await newUser(service.database, 'leila', { timeZone })
      const requests = remindersOf(service, person)
      const reminder = await requests.set(input)
      const { reminderId } = fromGlobalId('Reminder', reminder.id)
      if (from !== undefined) await startAt(reminderId, from)
      return { person, reminder, reminderId, ...requests }
    },
    startAt,
    async deliveries(ownerId: string) {
      const { rows } = await admin.query(
        `select local_date as date, channel, status, attempts, error from notification_deliveries
         where user_id = $1 order by local_date, delivery_id`,
        [ownerId],
      )
      return rows
    },
    /** Rows of a question put to the same database. */
    ask: async (text: string, values: unknown[] = []) => (await admin.query(text, values)).rows,
    async stop() {
      await worker.destroy()
    },
  }
  async function startAt(reminderId: string, from: string) {
    await admin.query(
      `update notifications set last_fired_on = null, (next_fire_at, next_fire_on) = (
         select fires_at, fires_on from users
         cross join next_firing(local_time, weekdays, time_zone, $2) where users.user_id = notifications.user_id
       ) where notification_id = $1`,
      [reminderId, from],
    )
  }
  return world
}
