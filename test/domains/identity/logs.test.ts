import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../support/service.ts'
import { outcome, password, peopleOf, tokenIn } from './people.ts'
import { type SmtpServer, startSmtpServer } from './services/smtp-server.ts'

const log: string[] = []
const onLog = (line: string) => log.push(line)
let inOutbox: TestService
let bySmtp: TestService
let smtp: SmtpServer
beforeAll(async () => {
  smtp = await startSmtpServer({ refuses: true })
  inOutbox = await startService({ ownTokens: true, onLog })
  bySmtp = await startService({ ownTokens: true, onLog, config: { smtpUrl: smtp.url } })
})
afterAll(async () => {
  await inOutbox.stop()
  await bySmtp.stop()
  await smtp.stop()
})

const email = 'leila-whom-nobody-logs@kitaab.example'
const otherPassword = 'the camel wrote no log'
const username = 'leila_of_no_log'

/** All that a person can do about an account, rightly and wrongly; answers what is secret of it. */
async function wholeLife(service: TestService): Promise<string[]> {
  const people = peopleOf(service)
  await people.register({ email, fullName: 'Leila Unlogged', username })
  await people.register({ email })
  await people.register({ email: `second-${email}`, username })
  await people.register({ email, timeZone: 'Atlantis/Capital' })
  await people.logIn(email, { password: 'a wrong one of hers' })
  const session = (await people.logIn(email)).data.answer
  const renewed = (await people.refresh(session.refreshToken)).data.answer
  const again = (await people.refresh(renewed.refreshToken)).data.answer
  await people.as(
    again,
    'mutation { updateAccount(input: { metadata: { diary: "what she thinks" } }) { account { id } } }',
  )
  await people.as(again, 'mutation { updateAccount(input: { timeZone: "Atlantis/Capital" }) { account { id } } }')
  const changed = await people.as(
    again,
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken refreshToken } }',
    { input: { currentPassword: password, newPassword: otherPassword } },
  )
  const { changePassword: last } = changed.data
  await people.refresh(`${last.refreshToken}x`)
  await people.as({ accessToken: `${last.accessToken}x` }, '{ me { email } }')
  await people.forget(email)
  await people.reset('no token of ours at all', otherPassword)
  expect(outcome(await people.refresh(session.refreshToken))).toBe('UNAUTHENTICATED SESSION_ENDED')
  return [session, renewed, again, last].flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken])
}

test('ERR-3 no password, token, address, name or text of a mail stands in the log, whatever was done and went wrong', async () => {
  const secrets = [...(await wholeLife(inOutbox)), ...(await wholeLife(bySmtp))]
  const mails = await peopleOf(inOutbox).mailsTo(email, 3)
  const tokens = mails.map(tokenIn).filter((token) => token !== 'no token')
  expect(tokens).toHaveLength(2)
  await inOutbox.app.stop()
  await bySmtp.app.stop()
  const text = log.join('')
  for (const told of ['a mail was written to the outbox', 'a mail could not be sent', '"request"'])
    expect(text).toContain(told)
  const never = [password, otherPassword, 'a wrong one of hers', 'kitaab.example', 'Leila', username, 'what she thinks']
  const ofMails = ['Peace be upon you', 'Open this link', 'You already have', 'whom-nobody-logs']
  for (const secret of [...secrets, ...tokens, ...never, ...ofMails]) expect(text).not.toContain(secret)
  for (const token of secrets) expect(text).not.toContain(token.split('.')[2] ?? token)
})
