import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../support/service.ts'
import { outcome, password, peopleOf, type Tokens, tokenIn } from './people.ts'

let service: TestService
let people: ReturnType<typeof peopleOf>
beforeAll(async () => {
  service = await startService({ ownTokens: true })
  people = peopleOf(service)
})
afterAll(() => service.stop())

const changeEmail = (tokens: Tokens, newEmail: string, currentPassword = password) =>
  people.as(tokens, 'mutation ($input: ChangeEmailInput!) { answer: changeEmail(input: $input) { emailSent } }', {
    input: { newEmail, currentPassword },
  })

/** Somebody with a session whose address is confirmed: one mail has come to it. */
async function newPerson(name: string) {
  const email = `${name}@kitaab.example`
  await people.register({ email })
  await people.verify(tokenIn((await people.mailsTo(email, 1))[0]))
  const tokens: Tokens = (await people.logIn(email)).data.answer
  return { email, tokens }
}

test('SES-4 an account gets a new address by the link that went there, and its sessions go on', async () => {
  const { email, tokens } = await newPerson('moves')
  const other: Tokens = (await people.logIn(email)).data.answer
  const newEmail = 'moved@kitaab.example'
  expect((await changeEmail(tokens, newEmail)).data).toEqual({ answer: { emailSent: true } })
  const [, notice] = await people.mailsTo(email, 2)
  expect(notice).toContain('Somebody who knows your password')
  expect(notice).not.toContain(newEmail)
  const [mail] = await people.mailsTo(newEmail, 1)
  expect(outcome(await people.logIn(newEmail))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  expect(outcome(await people.logIn(email))).toBe('ok')
  expect((await people.verify(tokenIn(mail))).data).toEqual({ answer: { emailVerified: true } })
  expect(outcome(await people.logIn(email))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  expect(outcome(await people.logIn(newEmail))).toBe('ok')
  for (const session of [tokens, other]) {
    expect((await people.as(session, '{ me { email emailVerified } }')).data.me).toEqual({
      email: newEmail,
      emailVerified: true,
    })
    expect(outcome(await people.refresh(session.refreshToken))).toBe('ok')
  }
  expect(outcome(await people.verify(tokenIn(mail)))).toBe('BAD_USER_INPUT INVALID_TOKEN')
  const { rows } = await service.database.admin.query(
    `select old_values, new_values from audit_log where action_type = 'users.updated' and new_values ->> 'email' = $1`,
    [newEmail],
  )
  expect(rows).toEqual([{ old_values: { email }, new_values: { email: newEmail } }])
})

test('SES-4 an address of somebody else is answered, counted and audited alike, and its owner is told without a link', async () => {
  const { email: taken } = await newPerson('taken')
  const { tokens } = await newPerson('wants')
  const free = await changeEmail(tokens, 'free@kitaab.example')
  const refused = await changeEmail(tokens, 'TAKEN@kitaab.example')
  expect(refused.data).toEqual(free.data)
  const [mail] = await people.mailsTo('TAKEN@kitaab.example', 1)
  expect(mail).toContain('an account of its own already')
  expect(mail).not.toContain('#token')
  const trail = await people.as(tokens, '{ me { auditLog { nodes { action } } } }')
  const asked = trail.data.me.auditLog.nodes.filter(({ action }: { action: string }) => /token/i.test(action))
  // Two of them, and the link that confirmed the address at first.
  expect(asked).toHaveLength(3)
  expect(outcome(await people.logIn(taken))).toBe('ok')
})

test('SES-4 an address that is taken while the link waits stays with who has it', async () => {
  const { email, tokens } = await newPerson('slow')
  const newEmail = 'contested@kitaab.example'
  await changeEmail(tokens, newEmail)
  const token = tokenIn((await people.mailsTo(newEmail, 1))[0])
  await people.register({ email: newEmail })
  for (let n = 0; n < 2; n += 1) expect(outcome(await people.verify(token))).toBe('CONFLICT DUPLICATE_EMAIL')
  expect((await people.as(tokens, '{ me { email } }')).data.me).toEqual({ email })
})

test('SES-1 a wrong password changes no address, and is counted like a failure to log in', async () => {
  const { email, tokens } = await newPerson('guessed')
  for (let n = 0; n < 5; n += 1) {
    expect(outcome(await changeEmail(tokens, 'thief@kitaab.example', 'not the right one'))).toBe(
      'UNAUTHENTICATED WRONG_CREDENTIALS',
    )
  }
  expect(outcome(await changeEmail(tokens, 'thief@kitaab.example'))).toBe('RATE_LIMITED')
  expect(outcome(await people.logIn(email))).toBe('RATE_LIMITED')
  expect(await people.mailsTo('thief@kitaab.example', 0)).toEqual([])
})

test('SES-4 a new password voids a change that waits, and a change voids the links that went to the old address', async () => {
  const { email, tokens } = await newPerson('warned')
  await changeEmail(tokens, 'stolen@kitaab.example')
  const stolen = tokenIn((await people.mailsTo('stolen@kitaab.example', 1))[0])
  await people.forget(email)
  await people.reset(tokenIn((await people.mailsTo(email, 3)).at(-1)), 'brown camels rest now')
  expect(outcome(await people.verify(stolen))).toBe('BAD_USER_INPUT INVALID_TOKEN')

  const session: Tokens = (await people.logIn(email, { password: 'brown camels rest now' })).data.answer
  await people.forget(email)
  const reset = tokenIn((await people.mailsTo(email, 4)).at(-1))
  expect(reset).not.toBe('no token')
  await changeEmail(session, 'safe@kitaab.example', 'brown camels rest now')
  const confirmed = await people.verify(tokenIn((await people.mailsTo('safe@kitaab.example', 1))[0]))
  expect(outcome(confirmed)).toBe('ok')
  expect(outcome(await people.reset(reset, 'of somebody else 77'))).toBe('BAD_USER_INPUT INVALID_TOKEN')
})

test('SES-4 an unconfirmed address is told nothing, and can be set right', async () => {
  const email = 'tpyo@kitaab.example'
  await people.register({ email })
  const tokens: Tokens = (await people.logIn(email)).data.answer
  await changeEmail(tokens, 'typo@kitaab.example')
  await people.verify(tokenIn((await people.mailsTo('typo@kitaab.example', 1))[0]))
  expect((await people.as(tokens, '{ me { email emailVerified } }')).data.me).toEqual({
    email: 'typo@kitaab.example',
    emailVerified: true,
  })
  expect(await people.mailsTo(email, 1)).toHaveLength(1)
})

test('a sixth link within the hour, the address that one has, and no address are refused', async () => {
  const { email, tokens } = await newPerson('often')
  expect(outcome(await changeEmail(tokens, email))).toBe('BAD_USER_INPUT CONTRADICTORY')
  expect(outcome(await changeEmail(tokens, 'no address'))).toBe('BAD_USER_INPUT INVALID_VARIABLE')
  // One has confirmed the address.
  for (let n = 0; n < 4; n += 1) expect(outcome(await changeEmail(tokens, `often${n}@kitaab.example`))).toBe('ok')
  const { errors } = await changeEmail(tokens, 'often4@kitaab.example')
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 3600 })
})

test('SES-4 a suspended account gets no new address by a link that was sent before', async () => {
  const { email, tokens } = await newPerson('suspended')
  await changeEmail(tokens, 'free-again@kitaab.example')
  const token = tokenIn((await people.mailsTo('free-again@kitaab.example', 1))[0])
  await service.database.admin.query("update users set status = 'suspended' where email = $1", [email])
  expect(outcome(await people.verify(token))).toBe('BAD_USER_INPUT INVALID_TOKEN')
})
