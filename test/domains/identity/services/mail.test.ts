import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { knownAddressMail, resetMail, verificationMail } from '../../../../src/domains/identity/mails.ts'
import { makeMailer } from '../../../../src/domains/identity/services/mail.ts'
import { makeLog } from '../../../../src/platform/log.ts'
import { temporaryHomes } from '../../../support/homes.ts'
import { type SmtpServer, startSmtpServer } from './smtp-server.ts'

const homes = temporaryHomes()
const servers: SmtpServer[] = []
afterAll(async () => {
  for (const server of servers) await server.stop()
  homes.removeAll()
})

const to = 'leila@kitaab.example'
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

test.each([
  ['confirms', verificationMail(to, url, token), `${url}/verify-email#token=${token}`],
  ['sets a password', resetMail(to, url, token), `${url}/reset-password#token=${token}`],
  ['leads to where one asks for a password', knownAddressMail(to, url), `${url}/reset-password`],
])(
  'SES-4 the mail that %s goes through the mail server, its link whole on a line of its own',
  async (_what, mail, link) => {
    const { server, mailer } = await mailerTo({})
    await mailer.send(mail)
    await mailer.stop()
    expect(server.mails).toHaveLength(1)
    const [head = '', body] = (server.mails[0] ?? '').split('\r\n\r\n', 2)
    expect(head).toContain(`To: ${to}`)
    expect(head).toContain('From: Kitaab <kitaab@kitaab.example>')
    expect(head).toContain(`Subject: ${mail.subject}`)
    expect(body).toBe('Peace be upon you,')
    expect(server.mails[0]?.split('\r\n')).toContain(link)
  },
)

test('a recipient whom the mail server refuses is told to nobody, and the log does not name them', async () => {
  const { log, mailer } = await mailerTo({ refuses: true })
  await mailer.send(verificationMail(to, url, token))
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
    await mailer.send(verificationMail(to, url, token))
    expect(log.map((line) => JSON.parse(line).msg)).toEqual(['a mail could not be sent'])
    for (const secret of ['leila', token]) expect(log.join('')).not.toContain(secret)
  }
})

test('a mail that is under way is finished before the service stops', async () => {
  const events: string[] = []
  const { mailer, log } = await mailerTo({ onMail: () => events.push('the mail is there') })
  const sending = mailer.send(verificationMail(to, url, token))
  await mailer.stop()
  events.push('stopped')
  await sending
  expect(events).toEqual(['the mail is there', 'stopped'])
  expect(log).toEqual([])
})

test('SES-4 a link too long for one line of a mail arrives whole all the same', async () => {
  const far = 'https://kitaab.an-organisation-with-a-long-name.example/below/this/path'
  const { server, mailer } = await mailerTo({})
  await mailer.send(resetMail(to, far, token))
  await mailer.stop()
  const [mail = ''] = server.mails
  expect(mail).toContain('Content-Transfer-Encoding: quoted-printable')
  const decoded = mail
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
  expect(decoded.split('\r\n')).toContain(`${far}/reset-password#token=${token}`)
})

test('five mails an hour go to one address, whatever its case; another gets its own', async () => {
  const { home, mailer: mine } = mailer()
  for (let n = 0; n < 7; n += 1) await mine.send(knownAddressMail(n % 2 ? to : to.toUpperCase(), url))
  await mine.send(knownAddressMail('budi@kitaab.example', url))
  const outbox = path.join(home, 'outbox')
  const mails = readdirSync(outbox).map((name) => readFileSync(path.join(outbox, name), 'utf8'))
  expect(mails.filter((mail) => /^To: leila/im.test(mail))).toHaveLength(5)
  expect(mails.filter((mail) => /^To: budi/im.test(mail))).toHaveLength(1)
})
