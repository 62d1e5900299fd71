import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { runTask } from '../../support/jobs.ts'
import { readMail, unsubscribeLink } from '../../support/mails.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type FiringWorld, newFiringWorld } from './firing-world.ts'

let service: TestService
let world: FiringWorld
beforeAll(async () => {
  service = await startService({ config: { publicUrl: new URL('https://kitaab.example/') } })
  world = newFiringWorld(service)
})
afterAll(async () => {
  await world.stop()
  await service.stop()
})
beforeEach(async () => {
  await service.database.admin.query('update notifications set is_active = false; delete from notification_deliveries')
})

/** Has the job done, and answers the mail that it wrote to a person. */
async function mailTo(email: string, now: string): Promise<string> {
  await runTask(service, 'fire_reminders', { now: new Date(now) })
  const outbox = path.join(service.home, 'outbox')
  const mails = readdirSync(outbox).map((name) => readFileSync(path.join(outbox, name), 'utf8'))
  return mails.find((mail) => mail.includes(`To: ${email}`)) ?? 'no mail'
}

/** A reminder with its mail, and the page that the mail's link opens. */
async function mailed(input: object = {}, locale = 'en') {
  const reminder = await world.newReminder({ localTime: '20:00', ...input }, { from: '2026-05-01T12:00:00Z' })
  const { rows } = await service.database.admin.query(
    'update users set locale = $2 where user_id = $1 returning email',
    [reminder.person.userId, locale],
  )
  const mail = await mailTo(rows[0].email, '2026-05-01T20:00:00Z')
  const unfolded = mail.replace(/\n[ \t]+/g, ' ')
  const link = unsubscribeLink(mail)
  return { ...reminder, mail, unfolded, url: link.replace('https://kitaab.example', '') }
}

const isActive = async ({ list }: { list: () => Promise<{ isActive: boolean }[]> }) => (await list())[0]?.isActive
const form = { 'content-type': 'application/x-www-form-urlencoded' }

test('the mail of a reminder holds its title, and the link that turns it off by RFC 8058', async () => {
  const { mail, unfolded, url } = await mailed({ title: 'Evening prayer & Quran' })
  expect(unfolded).toMatch(/^Subject: Evening prayer & Quran$/m)
  expect(unfolded).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m)
  expect(mail).toContain('multipart/alternative')
  const { text, html } = readMail(mail)
  expect(text).toContain('Friday, May 1, 2026')
  expect(text.split('\n')).toContain(`https://kitaab.example${url}`)
  expect(html).toContain('<p dir="auto">Evening prayer &amp; Quran</p>')
  expect(html).toContain(`href="https://kitaab.example${url.replace('&', '&amp;')}"`)
})

test('a mail in Arabic runs from right to left, its date in Arabic', async () => {
  const { mail } = await mailed({}, 'ar-EG')
  const { html } = readMail(mail)
  expect(html).toContain('<html lang="ar" dir="rtl">')
  expect(html).toContain('السلام عليكم،')
  expect(html).toContain('الجمعة، 1 مايو 2026')
})

test('opening the link changes nothing; its button turns the reminder off, without a session, and that is audited', async () => {
  const reminder = await mailed()
  const page = await service.app.http.inject({ url: reminder.url })
  expect(page.statusCode).toBe(200)
  expect(page.body).toContain('<form method="post">')
  expect(page.headers['content-security-policy']).toContain("form-action 'self'")
  expect(page.headers['content-security-policy']).not.toContain('script')
  expect(page.headers['referrer-policy']).toBe('no-referrer')
  expect(await isActive(reminder)).toBe(true)
  const done = await service.app.http.inject({ method: 'POST', url: reminder.url, headers: form, payload: '' })
  expect(done.statusCode).toBe(200)
  expect(done.body).toContain('The reminder is off')
  expect(await isActive(reminder)).toBe(false)
  const { me } = await reminder.ask('{ me { auditLog(first: 1) { nodes { action actor { id } newValues } } } }')
  expect(me.auditLog.nodes).toEqual([{ action: 'notifications.updated', actor: null, newValues: { isActive: false } }])
  for (const asset of page.body.matchAll(/(?:href|src)="(turn-off-page[^"]+)"/g)) {
    expect((await service.app.http.inject({ url: `/${asset[1]}` })).statusCode).toBe(200)
  }
})

test.each([
  ['the form of RFC 8058', form, 'List-Unsubscribe=One-Click'],
  [
    'its multipart form',
    { 'content-type': 'multipart/form-data; boundary=x' },
    '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
  ],
])('a mail program turns it off by %s, as often as it likes', async (_what, headers, payload) => {
  const reminder = await mailed()
  for (let n = 0; n < 2; n += 1) {
    const done = await service.app.http.inject({ method: 'POST', url: reminder.url, headers, payload })
    expect(done.statusCode).toBe(200)
  }
  expect(await isActive(reminder)).toBe(false)
})

test('a link that was changed turns nothing off, whosever reminder it names', async () => {
  const [mine, other] = [await mailed(), await mailed()]
  const stranger = mine.url.replace(
    `r${mine.reminderId}.${mine.person.userId}`,
    `r${other.reminderId}.${other.person.userId}`,
  )
  expect(stranger).not.toBe(mine.url)
  const broken = [
    '/turn-off',
    '/turn-off?token=a',
    '/turn-off?token=a&token=b',
    stranger,
    mine.url.replace(/token=r/, 'token=g'),
  ]
  for (const url of broken) {
    for (const method of ['GET', 'POST'] as const) {
      const answer = await service.app.http.inject({
        method,
        url,
        ...(method === 'POST' && { headers: form, payload: '' }),
      })
      expect(answer.statusCode).toBe(404)
      expect(answer.body).toMatch(/This link does not work|\bdoes not work/)
    }
  }
  expect([await isActive(mine), await isActive(other)]).toEqual([true, true])
})

test('the page speaks the language of the mail', async () => {
  const { url } = await mailed({}, 'id-ID')
  expect((await service.app.http.inject({ url })).body).toContain('Matikan pengingat ini?')
  const arabic = (await service.app.http.inject({ url: url.replace('lang=id', 'lang=ar') })).body
  expect(arabic).toContain('<html lang="ar" dir="rtl">')
})
