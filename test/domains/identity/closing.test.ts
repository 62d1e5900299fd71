import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { dateInWords } from '../../../src/platform/letters.ts'
import { startService, type TestService } from '../../support/service.ts'
import { outcome, password, peopleOf, type Tokens } from './people.ts'

let service: TestService
let people: ReturnType<typeof peopleOf>
beforeAll(async () => {
  service = await startService({ ownTokens: true })
  people = peopleOf(service)
})
afterAll(() => service.stop())

const close = (tokens: Tokens, currentPassword = password) =>
  people.as(
    tokens,
    'mutation ($input: CloseAccountInput!) { answer: closeAccount(input: $input) { account { closesAt version } } }',
    { input: { currentPassword } },
  )
const keep = (tokens: Tokens) =>
  people.as(tokens, 'mutation { answer: cancelClosure { account { closesAt version } } }')

async function newPerson(name: string) {
  const email = `${name}@kitaab.example`
  await people.register({ email })
  const tokens: Tokens = (await people.logIn(email)).data.answer
  return { email, tokens }
}

test('an account is marked to close in 30 days, works until then, and is kept when its owner changes their mind', async () => {
  const { email, tokens } = await newPerson('leaves')
  expect((await people.as(tokens, '{ me { closesAt } }')).data.me).toEqual({ closesAt: null })
  const closing = (await close(tokens)).data.answer.account
  const { rows } = await service.database.admin.query(
    `select $2::timestamptz = closes_at as same,
       closes_at between now() + interval '719 hours' and now() + interval '720 hours' as in_thirty_days
     from users where email = $1`,
    [email, closing.closesAt],
  )
  expect(rows).toEqual([{ same: true, in_thirty_days: true }])
  const again = (await people.logIn(email)).data.answer
  const deed = 'mutation { createDeed(input: { category: HASANAAT, name: "Quran", measure: COUNT }) { deed { id } } }'
  expect(outcome(await people.as(again, deed))).toBe('ok')
  expect((await close(again)).data.answer.account).toEqual(closing)
  expect((await people.as(tokens, '{ me { closesAt } }')).data.me).toEqual({ closesAt: closing.closesAt })
  expect((await keep(again)).data.answer.account).toEqual({ closesAt: null, version: closing.version + 1 })
  expect((await keep(again)).data.answer.account).toEqual({ closesAt: null, version: closing.version + 1 })
})

test('closing and keeping an account are in its audit log, each once', async () => {
  const { email, tokens } = await newPerson('audited')
  const { closesAt } = (await close(tokens)).data.answer.account
  await close(tokens)
  await keep(tokens)
  await keep(tokens)
  const { rows } = await service.database.admin.query(
    `select (old_values ->> 'closes_at')::timestamptz = $2 as before, (new_values ->> 'closes_at')::timestamptz = $2 as after,
       actor_id = user_id as by_oneself
     from audit_log where action_type = 'users.updated' and user_id = (select user_id from users where email = $1)
     order by audit_log_id`,
    [email, closesAt],
  )
  expect(rows).toEqual([
    { before: null, after: true, by_oneself: true },
    { before: true, after: null, by_oneself: true },
  ])
})

test('the answer says how long backups hold an account that was erased, and what is kept; a mail says that it closes, once', async () => {
  const { email, tokens } = await newPerson('informed')
  await service.database.admin.query('update users set email_verified = true where email = $1', [email])
  const close = () =>
    people.as(
      tokens,
      'mutation ($input: CloseAccountInput!) { answer: closeAccount(input: $input) { account { closesAt } backupDays kept } }',
      { input: { currentPassword: password } },
    )
  const { account, backupDays, kept } = (await close()).data.answer
  expect(backupDays).toBe(30)
  expect(kept).toEqual([expect.any(String), expect.any(String), expect.any(String)])
  await close()
  const outbox = path.join(service.home, 'outbox')
  const mails = await Promise.all((await readdir(outbox)).map((name) => readFile(path.join(outbox, name), 'utf8')))
  const told = mails.filter(
    (mail) => mail.includes(`To: ${email}`) && mail.includes('Subject: Your account will be closed'),
  )
  expect(told).toHaveLength(1)
  expect(told[0]).toContain(`From ${dateInWords(account.closesAt.slice(0, 10), 'en')} on (UTC)`)
  expect(told[0]).toContain('at most 30 days more')
})

test('both in one request are done one after the other', async () => {
  const { tokens } = await newPerson('wavers')
  const { data } = await people.as(
    tokens,
    `mutation ($input: CloseAccountInput!) {
      closeAccount(input: $input) { account { closesAt } }
      cancelClosure { account { closesAt } }
    }`,
    { input: { currentPassword: password } },
  )
  expect(data).toEqual({
    closeAccount: { account: { closesAt: expect.any(String) } },
    cancelClosure: { account: { closesAt: null } },
  })
})

test('SES-1 a wrong password closes no account, and is counted like a failure to log in', async () => {
  const { email, tokens } = await newPerson('unattended')
  for (let n = 0; n < 5; n += 1)
    expect(outcome(await close(tokens, 'not the right one'))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  expect(outcome(await close(tokens))).toBe('RATE_LIMITED')
  expect(outcome(await people.logIn(email))).toBe('RATE_LIMITED')
  expect((await people.as(tokens, '{ me { closesAt } }')).data.me).toEqual({ closesAt: null })
})
