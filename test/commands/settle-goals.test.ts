import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { settleInBackground } from '../../src/commands/settle-goals.ts'
import { addDays } from '../../src/platform/civil-dates.ts'
import { makeLog } from '../../src/platform/log.ts'
import { newBook, pages } from '../domains/progress/book.ts'
import { startService, type TestService } from '../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

function keptLog() {
  const lines: { level: string; msg: string }[] = []
  const write = (line: string) => lines.push(JSON.parse(line))
  return { lines, log: makeLog({ level: 'info', destination: { write } }) }
}

test('GOAL-6 what ended while the service was not running is settled when it starts', async () => {
  const book = await newBook(service)
  const item = { itemId: book.items.Quran, ...pages('3', { comparator: 'AT_MOST' }) }
  await book.newMerit({ startDate: addDays(book.today, -3), durationDays: 3, items: [item] })
  await service.database.admin.query('update goals set completed_at = null, completed_on = null')
  const { lines, log } = keptLog()
  await settleInBackground(service.database.connections, log, new AbortController().signal)
  expect(lines).toMatchObject([{ judged: 1, sealed: 0, msg: 'goals whose window is over were settled' }])
  expect(await book.merits()).toMatchObject([{ completedOn: addDays(book.today, -1) }])
})

test('the service goes on where it cannot be done, and says so', async () => {
  const { lines, log } = keptLog()
  const nowhere = { ...service.database.connections, forRole: () => ({ host: '/nowhere', user: 'kitaab_worker' }) }
  await settleInBackground(nowhere, log, new AbortController().signal)
  expect(lines).toMatchObject([{ msg: 'goals whose window is over could not be settled' }])
})
