import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { runTask } from '../../support/jobs.ts'
import { readMail, unsubscribeLink } from '../../support/mails.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, CLEAR, newBook, pages } from '../progress/book.ts'

let service: TestService
beforeAll(async () => {
  service = await startService({ config: { publicUrl: new URL('https://kitaab.example/') } })
})
afterAll(() => service.stop())
afterEach(async () => {
  rmSync(outbox(), { recursive: true, force: true })
  await service.database.admin.query('delete from notification_deliveries')
})

const outbox = () => path.join(service.home, 'outbox')
const send = () => runTask(service, 'fire_reminders')
const mails = () =>
  existsSync(outbox()) ? readdirSync(outbox()).map((name) => readFileSync(path.join(outbox(), name), 'utf8')) : []
const goalOf = (book: Book, input: object = {}) =>
  book.newMerit({
    title: 'Ten pages',
    startDate: addDays(book.today, -30),
    endDate: addDays(book.today, 5),
    items: [{ itemId: book.items.Quran, ...pages('10') }],
    ...input,
  })

test('GOAL-6 who reaches a goal is told, once, also when it is lost and reached again', async () => {
  const book = await newBook(service)
  await goalOf(book)
  const { entryId } = await book.record('Quran', 0, { count: '10' })
  await send()
  expect(mails()).toHaveLength(1)
  const { text } = readMail(mails()[0] ?? '')
  expect(mails()[0]).toMatch(/^Subject: You have reached a goal: Ten pages$/m)
  expect(text).toContain('Ten pages')
  await book.ask(CLEAR, { id: entryId })
  await book.record('Quran', 0, { count: '12' })
  await send()
  expect(mails()).toHaveLength(1)
})

test('GOAL-6 a completion that is taken back before anybody was told is not told; reached again, it is', async () => {
  const book = await newBook(service)
  await goalOf(book)
  const { entryId } = await book.record('Quran', -1, { count: '10' })
  await book.ask(CLEAR, { id: entryId })
  await send()
  expect(mails()).toEqual([])
  await book.record('Quran', 0, { count: '10' })
  await send()
  expect(mails()).toHaveLength(1)
})

test('GOAL-6 a goal that was reached before yesterday is not told: it came with an import', async () => {
  const book = await newBook(service)
  await goalOf(book)
  await book.record('Quran', -2, { count: '10' })
  await send()
  expect(mails()).toEqual([])
})

test('who chose so is not told, and the link in the mail chooses so', async () => {
  const book = await newBook(service)
  await goalOf(book)
  await book.record('Quran', 0, { count: '10' })
  await send()
  const link = unsubscribeLink(mails()[0] ?? '').replace('https://kitaab.example', '')
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const off = await service.app.http.inject({
    method: 'POST',
    url: link,
    headers,
    payload: 'List-Unsubscribe=One-Click',
  })
  expect(off.body).toContain('You get no more mails about goals')
  expect((await book.ask('{ me { goalNotices } }')).data.me.goalNotices).toEqual(['PUSH'])
  await goalOf(book, { title: 'Ten more', items: [{ itemId: book.items.Hadith, ...pages('10') }] })
  await book.record('Hadith', 0, { count: '10' })
  await send()
  expect(mails()).toHaveLength(1)
})
