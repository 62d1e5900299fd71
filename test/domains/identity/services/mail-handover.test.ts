import { writeFileSync } from 'node:fs'
import { afterAll, expect, test } from '@jest/globals'
import { makeMailer } from '../../../../src/domains/identity/services/mail.ts'
import { makeLog } from '../../../../src/platform/log.ts'
import { temporaryHomes } from '../../../support/homes.ts'
import { type SmtpBehaviour, type SmtpServer, startSmtpServer } from './smtp-server.ts'

const homes = temporaryHomes()
const servers: SmtpServer[] = []
afterAll(async () => {
  for (const server of servers) await server.stop()
  homes.removeAll()
})

const mail = { to: 'leila@kitaab.example', subject: 'Evening', text: 'Peace\n', html: '<p>Peace</p>' }
const log = makeLog({ level: 'silent' })
const mailer = (smtpUrl: URL | null, home = homes.newHome()) =>
  makeMailer({ smtpUrl, from: 'Kitaab <kitaab@kitaab.example>', home, log })

async function handedOver(behaviour: SmtpBehaviour) {
  const server = await startSmtpServer(behaviour)
  servers.push(server)
  return mailer(server.url).handOver(mail)
}

test.each<[string, SmtpBehaviour, object]>([
  ['takes a mail', {}, { result: 'taken' }],
  ['refuses a recipient for now', { refuses: 450 }, { result: 'later', code: 'smtp_450' }],
  ['refuses a recipient for good', { refuses: 550 }, { result: 'refused', code: 'smtp_550' }],
  ['refuses a mail for now', { verdict: '451 try again' }, { result: 'later', code: 'smtp_451' }],
  ['refuses a mail for good', { verdict: '554 spam' }, { result: 'refused', code: 'smtp_554' }],
  ['hangs up before it wants the mail', { hangsUp: 'before' }, { result: 'later' }],
  ['hangs up when it has the mail', { hangsUp: 'after' }, { result: 'unknown' }],
])('REM-2 of a server that %s it is known what became of the mail', async (_what, behaviour, expected) => {
  expect(await handedOver(behaviour)).toMatchObject(expected)
})

test('REM-2 a server that is not there, and an outbox that cannot be written, took nothing', async () => {
  const server = await startSmtpServer()
  await server.stop()
  expect(await mailer(server.url).handOver(mail)).toMatchObject({ result: 'later' })
  const barred = homes.newHome()
  writeFileSync(barred, 'a file where a folder should be')
  expect(await mailer(null, barred).handOver(mail)).toMatchObject({ result: 'later' })
  expect(await mailer(null).handOver(mail)).toEqual({ result: 'taken' })
})
