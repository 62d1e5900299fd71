import { generateKeyPairSync } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { outcome, peopleOf, type Tokens } from '../domains/identity/people.ts'
import { addressOf, kitaab } from '../support/command.ts'
import { temporaryHomes } from '../support/homes.ts'
import { startService, type TestService } from '../support/service.ts'

const homes = temporaryHomes()
afterEach(() => homes.removeAll())

let service: TestService
let people: ReturnType<typeof peopleOf>
beforeAll(async () => {
  service = await startService({ ownTokens: true })
  people = peopleOf(service)
})
afterAll(() => service.stop())

const rotate = (...args: string[]) => {
  const { connections } = service.database
  return kitaab(['rotate-keys', ...args], {
    DATABASE_URL: addressOf(connections, 'kitaab_app'),
    DATABASE_AUTH_URL: addressOf(connections, 'kitaab_auth'),
    DATABASE_WORKER_URL: addressOf(connections, 'kitaab_worker'),
    DATABASE_ADMIN_URL: addressOf(connections, 'kitaab_admin'),
    KITAAB_HOME: service.home,
  })
}
const kidOf = ({ accessToken }: Tokens) =>
  JSON.parse(Buffer.from(accessToken.split('.')[0] ?? '', 'base64url').toString()).kid
const whoAmI = (tokens: Tokens) => people.as(tokens, '{ me { email } }').then(outcome)

test('SES-2 SES-3 a service that runs takes a new key up: nobody is logged out, and what comes next is signed with it', async () => {
  const email = 'rotates@kitaab.example'
  await people.register({ email })
  const before: Tokens = (await people.logIn(email)).data.answer
  const { code, stderr } = await rotate()
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /^The key [\w-]{43} signs from now on\.\nOlder keys that still verify: 1; removed: 0\.\n$/,
    ),
  })
  const kid = /key ([\w-]+) /.exec(stderr)?.[1]
  expect(await whoAmI(before)).toBe('ok')
  const after: Tokens = (await people.refresh(before.refreshToken)).data.answer
  expect(kidOf(after)).toBe(kid)
  expect(kidOf(before)).not.toBe(kid)
  expect(await whoAmI(after)).toBe('ok')
  expect(await whoAmI(before)).toBe('ok')
  // Lost on its way, the answer is given again.
  expect(outcome(await people.refresh(before.refreshToken))).toBe('ok')
})

test('with --forget-old everybody logs in again', async () => {
  const email = 'forgotten@kitaab.example'
  await people.register({ email })
  const before: Tokens = (await people.logIn(email)).data.answer
  expect(await rotate('--forget-old')).toMatchObject({ code: 0, stderr: expect.stringContaining('still verify: 0') })
  expect(outcome(await people.refresh(before.refreshToken))).toBe('UNAUTHENTICATED INVALID_TOKEN')
  expect(await whoAmI(before)).toBe('UNAUTHENTICATED INVALID_TOKEN')
  expect(await whoAmI((await people.logIn(email)).data.answer)).toBe('ok')
})

test('what is encrypted is encrypted anew before the key is removed; while it can’t be, the key stays', async () => {
  const email = 'sealed@kitaab.example'
  await people.register({ email })
  const ask = async (query: string, variables = {}) =>
    people.as((await people.logIn(email)).data.answer, query, variables)
  const created = await ask(
    'mutation { createResource(input: { type: "place", name: "Safe", metadata: { code: 7 }, isSensitive: true }) { resource { id } } }',
  )
  const { id } = created.data.createResource.resource
  const code = async () =>
    (await ask('query ($id: ID!) { node(id: $id) { ... on Resource { metadata } } }', { id })).data.node.metadata
  const away = await kitaab(['rotate-keys', '--forget-old'], {
    DATABASE_URL: 'postgres://kitaab_app@localhost:1/none',
    KITAAB_HOME: service.home,
  })
  expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('The older keys are kept') })
  expect(await code()).toEqual({ code: 7 })
  expect(await rotate('--forget-old')).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/Encrypted anew: 1 [\s\S]*still verify: 0; removed: [1-9]/),
  })
  expect(await code()).toEqual({ code: 7 })
})

test('a key of the configuration is not rotated, and it is said how that is done', async () => {
  const home = homes.newHome()
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const { code, stderr } = await kitaab(['rotate-keys'], { KITAAB_HOME: home, JWT_PRIVATE_KEY: pem })
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('JWT_PREVIOUS_KEY') })
  expect(fs.existsSync(path.join(home, 'keys'))).toBe(false)
  const alone = await kitaab(['rotate-keys'], { KITAAB_HOME: home, JWT_PREVIOUS_KEY: pem })
  expect(alone).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('JWT_PREVIOUS_KEY goes with JWT_PRIVATE_KEY'),
  })
})
