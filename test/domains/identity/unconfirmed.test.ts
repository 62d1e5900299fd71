import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../support/service.ts'
import { password, peopleOf, type Tokens } from './people.ts'

let service: TestService
let people: ReturnType<typeof peopleOf>
beforeAll(async () => {
  service = await startService({ ownTokens: true })
  people = peopleOf(service)
})
afterAll(() => service.stop())

const email = 'unconfirmed@kitaab.example'

/** Sends a document that must be answered without an error. */
async function done(tokens: Tokens, query: string, variables = {}) {
  const { data, errors } = await people.as(tokens, query, variables)
  expect(errors).toBeUndefined()
  return data
}

async function keepDiary(tokens: Tokens) {
  const { createDeed } = await done(
    tokens,
    `mutation { createDeed(input: { category: HASANAAT, name: "Reading", measure: COUNT, items: [{ name: "Pages" }] }) {
      deed { id items { id } }
    } }`,
  )
  const ids = { deedId: createDeed.deed.id, itemId: createDeed.deed.items[0].id }
  const { recordEntry } = await done(
    tokens,
    `mutation ($deedId: ID!, $itemId: ID!) {
      recordEntry(input: { itemId: $itemId, count: "3" }) { status entry { id } }
      recordEntries(input: { rows: [{ itemId: $itemId, count: "4" }] }) { rows { status } }
      createMerit(input: { deedId: $deedId, title: "Pages", durationDays: 7,
        items: [{ itemId: $itemId, metric: COUNT_SUM, target: "10" }] }) { merit { id } }
      updateDeed(input: { deedId: $deedId, name: "Books" }) { deed { id } }
    }`,
    ids,
  )
  await done(tokens, 'mutation ($entryId: ID!) { clearEntry(input: { entryId: $entryId }) { date } }', {
    entryId: recordEntry.entry.id,
  })
  return recordEntry.status
}

test('SES-4 who has not confirmed the address keeps a diary and an account, and gets no mail but those that were asked for', async () => {
  await people.register({ email })
  const tokens: Tokens = (await people.logIn(email)).data.answer
  expect(await keepDiary(tokens)).toBe('CREATED')
  await done(tokens, 'mutation { updateAccount(input: { fullName: "Leila H" }) { account { id } } }')
  await done(tokens, 'mutation ($p: String!) { closeAccount(input: { currentPassword: $p }) { account { id } } }', {
    p: password,
  })
  await done(tokens, 'mutation { cancelClosure { account { id } } }')
  const newPassword = 'nine green boats whistle'
  const { changePassword } = await done(
    tokens,
    'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken refreshToken } }',
    { input: { currentPassword: password, newPassword } },
  )
  const me = await done(changePassword, '{ me { emailVerified usage { deeds { used } goals { used } } } }')
  expect(me).toEqual({ me: { emailVerified: false, usage: { deeds: { used: 1 }, goals: { used: 1 } } } })
  await people.resend(email)
  await people.forget(email)
  await people.mailsTo(email, 3)
  const subjects = fs
    .readdirSync(path.join(service.home, 'outbox'))
    .map((name) => /^Subject: (.*)$/m.exec(fs.readFileSync(path.join(service.home, 'outbox', name), 'utf8'))?.[1])
  expect(subjects.sort()).toEqual(['Confirm your address', 'Confirm your address', 'Set a new password'])
})
