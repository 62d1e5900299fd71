import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Settled, settleEndedGoals } from '../../../src/domains/progress/settling.ts'
import type { DB } from '../../../src/generated/database.ts'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { withKysely } from '../../../src/platform/database/migrator.ts'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { connected } from '../../support/database.ts'
import { runTask } from '../../support/jobs.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, newBook, pages } from './book.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const settle = () =>
  withKysely<Settled, DB>(service.database.connections.forRole('kitaab_worker'), (db) => settleEndedGoals(db))

// What the owners of one test left must not be settled by the next.
beforeEach(settle)
afterEach(async () => {
  await service.database.admin.query('update goals set sealed_at = now() where sealed_at is null')
})

/** A limit, or what else is asked for, over three days. */
function asked(book: Book, ended: number, item: object = pages('3', { comparator: 'AT_MOST' })) {
  return { startDate: addDays(book.today, ended - 2), durationDays: 3, items: [{ itemId: book.items.Quran, ...item }] }
}

/** As if everything had happened so many days ago that its window was still open. */
async function longAgo(goalId: string): Promise<void> {
  const { ownerId } = fromGlobalId('Merit', goalId)
  await service.database.admin.query('alter table goals disable trigger user; alter table entries disable trigger user')
  await service.database.admin.query("update goals set created_at = now() - interval '90 days' where user_id = $1", [
    ownerId,
  ])
  await service.database.admin.query("update entries set updated_at = now() - interval '90 days' where user_id = $1", [
    ownerId,
  ])
  await service.database.admin.query('alter table goals enable trigger user; alter table entries enable trigger user')
}

const stored = async (book: Book) =>
  (await book.merits()).map(({ title, completedOn, completedAt, isSealed }) => ({
    title,
    completedOn,
    wasCompleted: completedAt !== null,
    isSealed,
  }))

describe('the hourly job', () => {
  test('GOAL-6 a limit that was kept is completed when its window is over, on its last day, and once', async () => {
    const book = await newBook(service)
    await book.newMerit({ title: 'over', ...asked(book, -1) })
    await book.newMerit({ title: 'open', ...asked(book, 0) })
    await book.newMerit({ title: 'exceeded', ...asked(book, -2) })
    await book.record('Quran', -4, { count: '4' })
    // They are judged when they are made: this is as if their windows had been open then.
    await service.database.admin.query('update goals set completed_at = null, completed_on = null where user_id = $1', [
      book.leila.userId,
    ])
    expect(await settle()).toEqual({ judged: 2, sealed: 0, busy: 0, failed: [] })
    const after = await stored(book)
    expect(after).toEqual([
      { title: 'open', completedOn: null, wasCompleted: false, isSealed: false },
      { title: 'over', completedOn: addDays(book.today, -1), wasCompleted: true, isSealed: false },
      { title: 'exceeded', completedOn: null, wasCompleted: false, isSealed: false },
    ])
    const [, over] = await book.merits()
    // Only what is still open is looked at again.
    expect(await settle()).toEqual({ judged: 1, sealed: 0, busy: 0, failed: [] })
    expect((await book.merits())[1]).toEqual(over)
  })

  test('GOAL-6 sealed 7 days after the window, and then neither entries nor the job move its completion', async () => {
    const book = await newBook(service)
    await book.newMerit({ title: 'last day', ...asked(book, -7) })
    const kept = await book.newMerit({ title: 'kept', ...asked(book, -8) })
    await book.record('Quran', -9, { count: '3' })
    await longAgo(kept)
    expect(await settle()).toMatchObject({ sealed: 1, failed: [] })
    const { rows } = await service.database.admin.query(
      'select title, sealed_at is not null as sealed from goals where user_id = $1 order by start_date desc',
      [book.leila.userId],
    )
    expect(rows).toEqual([
      { title: 'last day', sealed: false },
      { title: 'kept', sealed: true },
    ])
    const after = await stored(book)
    expect(after[1]).toEqual({
      title: 'kept',
      completedOn: addDays(book.today, -8),
      wasCompleted: true,
      isSealed: true,
    })
    await book.record('Quran', -9, { count: '30' })
    await settle()
    const [lost, sealed] = await book.merits()
    expect(lost).toMatchObject({ completedOn: null, progress: { state: 'FAILED' } })
    expect(sealed).toMatchObject({ completedOn: addDays(book.today, -8), progress: { state: 'FAILED' } })
  })

  test('GOAL-6 sealed late, it is judged by what was there when the seal was due', async () => {
    const book = await newBook(service)
    const made = await book.newMerit({ title: 'kept while nobody was here', ...asked(book, -30) })
    await longAgo(made)
    await book.newMerit({ title: 'made when it was over', ...asked(book, -40) })
    await book.newMerit({ title: 'changed since', ...asked(book, -50, pages('3')) })
    await book.record('Quran', -51, { count: '5' })
    expect(await settle()).toMatchObject({ judged: 1, sealed: 3 })
    expect(await stored(book)).toMatchObject([
      { title: 'kept while nobody was here', wasCompleted: true },
      { title: 'made when it was over', wasCompleted: false },
      { title: 'changed since', wasCompleted: false },
    ])
  })

  test('GOAL-6 two at once, and one beside a writer, pass each other by and lose nothing', async () => {
    const book = await newBook(service)
    const other = await newBook(service)
    for (const { newMerit, ...of } of [book, other])
      await newMerit({ title: 'kept', ...asked({ newMerit, ...of }, -1) })
    await service.database.admin.query(
      'update goals set completed_at = null, completed_on = null where sealed_at is null',
    )
    const writer = await connected(service.database.connections.forRole('kitaab_worker'))
    await writer.query('begin')
    await writer.query('select from owner_state where user_id = $1 for no key update', [book.leila.userId])
    expect(await settle()).toEqual({ judged: 1, sealed: 0, busy: 1, failed: [] })
    await writer.query('commit')
    await writer.end()
    const runs = await Promise.all([settle(), settle(), settle()])
    expect(runs.reduce((sum, { judged }) => sum + judged, 0)).toBeGreaterThan(0)
    for (const { merits } of [book, other]) {
      expect(await merits()).toMatchObject([{ completedOn: addDays(book.today, -1), progress: { state: 'MET' } }])
    }
  })

  test('GOAL-6 an item that is deleted meanwhile leaves it suspended, and a run that ended early goes on', async () => {
    const book = await newBook(service)
    const other = await newBook(service)
    await book.newMerit({ title: 'gone', ...asked(book, -1) })
    await other.newMerit({ title: 'kept', ...asked(other, -1) })
    await service.database.admin.query(
      'update goals set completed_at = null, completed_on = null where sealed_at is null',
    )
    const remove = /* GraphQL */ `mutation Delete($input: DeleteDeedItemInput!) { deleteDeedItem(input: $input) { deletion { id } } }`
    expect((await book.ask(remove, { input: { itemId: book.items.Quran } })).errors).toBeUndefined()
    const aborted = await withKysely<Settled, DB>(service.database.connections.forRole('kitaab_worker'), (db) =>
      settleEndedGoals(db, { signal: AbortSignal.abort() }),
    )
    expect(aborted).toMatchObject({ judged: 0 })
    expect(await settle()).toMatchObject({ judged: 2, failed: [] })
    expect(await book.merits()).toMatchObject([{ completedOn: null, progress: { state: 'SUSPENDED' } }])
    expect(await other.merits()).toMatchObject([{ completedOn: addDays(other.today, -1) }])
  })
})

test('GOAL-6 the job that settles goals judges what ended while no worker ran', async () => {
  const book = await newBook(service)
  await book.newMerit(asked(book, -1))
  await service.database.admin.query(
    'update goals set completed_at = null, completed_on = null where sealed_at is null',
  )
  await runTask(service, 'settle_goals')
  expect(await stored(book)).toMatchObject([{ completedOn: addDays(book.today, -1), wasCompleted: true }])
})
