import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { sql } from 'kysely'
import type { Databases } from '../../../src/platform/database/databases.ts'
import { makeListeners } from '../../../src/platform/database/listeners.ts'
import type { Database, ViewerIdentity } from '../../../src/platform/database/types.ts'
import { type DiaryWorld, diaryWorld, newPerson, pages, quietLog } from '../../support/diaries.ts'
import { makePledges, writePage, writtenPages } from './diary-transactions.ts'

declare module '../../../src/platform/database/listeners.ts' {
  interface Announcements {
    pageWritten: { page: number }
  }
}

let world: DiaryWorld
let databases: Databases
let people = 0
let person: ViewerIdentity
const log = quietLog()

beforeAll(async () => {
  world = await diaryWorld()
  databases = world.databases({ log })
  await makePledges(world.database)
})
beforeEach(async () => {
  people += 1
  person = await newPerson(world.database, `person${people}`)
})
afterAll(() => world.stop())

const as = (viewer: ViewerIdentity | null) => databases.forViewer(viewer, { requestId: 'request-1', ip: '192.0.2.7' })
const write = (tx: Database, page: number, text?: string) => writePage(tx, person.userId, page, text)
const own = () => writtenPages(as(person).db)

test('effects run after the commit, in order, and see it; their failure is logged and harms nobody', async () => {
  const seen: unknown[] = []
  await as(person).transaction(async (tx) => {
    tx.afterCommit(async () => seen.push(await own()))
    tx.afterCommit(() => {
      throw new Error('the mail server is down')
    })
    tx.afterCommit(() => seen.push('third'))
    await write(tx, 4, 'committed')
    seen.push('work')
  })
  expect(seen).toEqual(['work', ['committed'], 'third'])
  expect(log.messages).toContain('an effect after a commit failed')
})

test('effects do not run when only the commit fails', async () => {
  const effect = jest.fn()
  const attempt = as(person).transaction(async (tx) => {
    tx.afterCommit(effect)
    await sql`insert into pledges values (1, 2)`.execute(tx)
  })
  await expect(attempt).rejects.toMatchObject({ code: '23503' })
  expect(effect).not.toHaveBeenCalled()
})

test('an error that the work catches fails the transaction all the same: its commit would be a rollback', async () => {
  const effect = jest.fn()
  const attempt = as(person).transaction(async (tx) => {
    await write(tx, 4)
    tx.afterCommit(effect)
    await sql`select 1 / 0`.execute(tx).catch(() => {})
    return 'all is well'
  })
  await expect(attempt).rejects.toMatchObject({ code: '22012' })
  expect(await own()).toEqual([])
  expect(effect).not.toHaveBeenCalled()
})

test('listeners run in the transaction, in the order of their registration, and may refuse', async () => {
  const listeners = makeListeners()
  const heard: string[] = []
  listeners.on('pageWritten', async (tx, { page }) => {
    heard.push(`first ${page} of ${(await pages(tx)).length}`)
    await write(tx, page + 1, 'by the listener')
  })
  listeners.on('pageWritten', async (_tx, { page }) => {
    heard.push(`second ${page}`)
    if (page === 7) throw new GraphQLError('not seven')
  })
  const { transaction } = world.databases({ listeners }).forViewer(person)
  const record = (page: number) =>
    transaction(async (tx) => {
      await write(tx, page, `page ${page}`)
      await tx.announce('pageWritten', { page })
    })
  await record(4)
  await expect(record(7)).rejects.toThrow('not seven')
  expect(heard).toEqual(['first 4 of 4', 'second 4', 'first 7 of 6', 'second 7'])
  expect(await own()).toEqual(['page 4', 'by the listener'])
})
