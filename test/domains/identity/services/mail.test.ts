import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { knownAddressMail, resetMail, verificationMail } from '../../../../src/domains/identity/mails.ts'
import { type Mail, makeMailer } from '../../../../src/domains/identity/services/mail.ts'
import { makeLog } from '../../../../src/platform/log.ts'
import { temporaryHomes } from '../../../support/homes.ts'
import { readMail } from '../../../support/mails.ts'
import { type SmtpServer, startSmtpServer } from './smtp-server.ts'

const homes = temporaryHomes()
const servers: SmtpServer[] = []
afterAll(async () => {
  for (const server of servers) await server.stop()
  homes.removeAll()
})

const to = 'leila@kitaab.example'
const reader = { email: to, locale: 'en' }
const token = 'A'.repeat(32)
const url = 'https://kitaab.example'

async function mailerTo(options: Parameters<typeof startSmtpServer>[0]) {
  const server = await startSmtpServer(options)
  servers.push(server)
  return { server, ...mailer({ smtpUrl: server.url }) }
}

function mailer({ smtpUrl = null as URL | null, home = homes.newHome() } = {}) {
  const log: string[] = []
  const out = makeLog({ level: 'trace', destination: { write: (line) => log.push(line) } })
  return { home, log, mailer: makeMailer({ smtpUrl, from: 'Kitaab <kitaab@kitaab.example>', home, log: out }) }
}

test('an outbox that cannot be written is told at the start, and not where mails are sent', () => {
  const home = homes.newHome()
  const { log } = mailer({ home })
  expect(log).toEqual([])
  mkdirSync(home, { recursive: true })
  writeFileSync(path.join(home, 'outbox'), 'in its way')
  const [line = ''] = mailer({ home }).log
  expect(JSON.parse(line)).toMatchObject({ trouble: `${path.join(home, 'outbox')} is not a folder` })
  expect(line).toContain('set SMTP_URL')
  expect(mailer({ home, smtpUrl: new URL('smtp://127.0.0.1:1') }).log).toEqual([])
})

test.each([
  ['confirms', verificationMail(reader, url, token), `${url}/verify-email#token=${token}`],
  ['sets a password', resetMail(reader, url, token), `${url}/reset-password#token=${token}`],
  ['leads to where one asks for a password', knownAddressMail(reader, url), `${url}/reset-password`],
])(
  'SES-4 the mail that %s goes through the mail server, its link whole on a line of its own',
  async (_what, mail, link) => {
    const { server, mailer } = await mailerTo({})
    await mailer.send(mail)
    await mailer.stop()
    expect(server.mails).toHaveLength(1)
    const [head = ''] = (server.mails[0] ?? '').split('\r\n\r\n', 1)
    const { text, html } = readMail(server.mails[0] ?? '')
    expect(head).toContain(`To: ${to}`)
    expect(head).toContain('From: Kitaab <kitaab@kitaab.example>')
    expect(head).toContain(`Subject: ${mail.subject}`)
    expect(text).toMatch(/^Peace be upon you,\n/)
    expect(server.mails[0]?.split('\r\n')).toContain(link)
    expect(html).toContain(`<a dir="ltr" href="${link}">${link}</a>`)
  },
)

test('a recipient whom the mail server refuses is told to nobody, and the log does not name them', async () => {
  const { log, mailer } = await mailerTo({ refuses: true })
  await mailer.send(verificationMail(reader, url, token))
  await mailer.stop()
  expect(log).toHaveLength(1)
  expect(JSON.parse(log[0] ?? '')).toMatchObject({
    level: 'error',
    code: 'EENVELOPE',
    responseCode: 550,
    msg: 'a mail could not be sent',
  })
  for (const secret of ['leila', token, 'Peace', 'nobody of this name']) expect(log.join('')).not.toContain(secret)
})

test('a mail server or an outbox that is not there is logged, and no more', async () => {
  const gone = await mailerTo({})
  await gone.server.stop()
  const home = homes.newHome()
  writeFileSync(home, 'a file where a folder should be')
  const barred = mailer({ home })
  for (const { mailer, log } of [gone, barred]) {
    await mailer.send(verificationMail(reader, url, token))
    expect(log.map((line) => JSON.parse(line).msg).filter((said) => !said.startsWith('mails reach nobody'))).toEqual([
      'a mail could not be sent',
    ])
    for (const secret of ['leila', token]) expect(log.join('')).not.toContain(secret)
  }
})

test('a mail that is under way is finished before the service stops', async () => {
  const events: string[] = []
  const { mailer, log } = await mailerTo({ onMail: () => events.push('the mail is there') })
  const sending = mailer.send(verificationMail(reader, url, token))
  await mailer.stop()
  events.push('stopped')
  await sending
  expect(events).toEqual(['the mail is there', 'stopped'])
  expect(log).toEqual([])
})

test('SES-4 a link too long for one line of a mail arrives whole all the same', async () => {
  const far = 'https://kitaab.an-organisation-with-a-long-name.example/below/this/path'
  const { server, mailer } = await mailerTo({})
  await mailer.send(resetMail(reader, far, token))
  await mailer.stop()
  const [mail = ''] = server.mails
  expect(mail).toContain('Content-Transfer-Encoding: quoted-printable')
  expect(readMail(mail).text.split('\n')).toContain(`${far}/reset-password#token=${token}`)
})

test('a mail is in the language of whom it goes to, Arabic from right to left, and English where there is no other', async () => {
  const mails = ['ar-EG', 'id-ID', 'in', 'fr', 'en-GB'].map((locale) => resetMail({ ...reader, locale }, url, token))
  expect(mails.map(({ subject }) => subject)).toEqual([
    'عيّن كلمة مرور جديدة',
    'Buat kata sandi baru',
    'Buat kata sandi baru',
    'Set a new password',
    'Set a new password',
  ])
  const { server, mailer } = await mailerTo({})
  await mailer.send(mails[0] as Mail)
  await mailer.stop()
  const { text, html } = readMail(server.mails[0] ?? '')
  expect(text).toMatch(/^السلام عليكم،\n/)
  expect(text.split('\n')).toContain(`${url}/reset-password#token=${token}`)
  expect(html).toContain('<html lang="ar" dir="rtl">')
})

test('what stands in a mail is text in its HTML, too', () => {
  const { html = '' } = verificationMail(reader, 'https://kitaab.example/"><script>', token)
  expect(html).not.toContain('<script>')
})

test('five mails an hour go to one address, whatever its case; another gets its own', async () => {
  const { home, mailer: mine } = mailer()
  for (let n = 0; n < 7; n += 1)
    await mine.send(knownAddressMail({ ...reader, email: n % 2 ? to : to.toUpperCase() }, url))
  await mine.send(knownAddressMail({ ...reader, email: 'budi@kitaab.example' }, url))
  const outbox = path.join(home, 'outbox')
  const mails = readdirSync(outbox).map((name) => readFileSync(path.join(outbox, name), 'utf8'))
  expect(mails.filter((mail) => /^To: leila/im.test(mail))).toHaveLength(5)
  expect(mails.filter((mail) => /^To: budi/im.test(mail))).toHaveLength(1)
})
