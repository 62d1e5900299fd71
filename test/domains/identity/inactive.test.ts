import { expect, test } from '@jest/globals'
import { accountInactive } from '../../../src/platform/graphql/errors.ts'
import { contactOf } from '../../../src/services.ts'

test.each([
  ['smtp://mail.example', 'Kitaab <help@kitaab.example>', 'help@kitaab.example'],
  ['smtp://mail.example', 'help@kitaab.example', 'help@kitaab.example'],
  [null, 'Kitaab <help@kitaab.example>', null],
])('with mails by %j from %j, people are told to write to %j', (smtp, mailFrom, contact) => {
  expect(contactOf({ smtpUrl: smtp === null ? null : new URL(smtp), mailFrom })).toBe(contact)
})

test.each([
  ['suspended', 'help@kitaab.example', 'Write to help@kitaab.example to ask why, and to have it reinstated.'],
  ['suspended', null, 'Ask whoever runs this service why, and to have it reinstated.'],
  ['erased', null, 'it can not be opened again, but another one can, by `register`.'],
])('an account that is %s is told why, and what to do', (status, contact, advice) => {
  const { message, extensions } = accountInactive(status, contact)
  expect(message.endsWith(advice)).toBe(true)
  expect(extensions).toEqual({ code: 'UNAUTHENTICATED', reason: 'ACCOUNT_INACTIVE' })
})
