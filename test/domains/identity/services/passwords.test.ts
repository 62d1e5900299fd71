import { expect, test } from '@jest/globals'
import { passwordProblem } from '../../../../src/domains/identity/rules.ts'
import { isCommonPassword, makePasswords } from '../../../../src/domains/identity/services/passwords.ts'

const passwords = makePasswords()

test('SES-1 a hash is argon2id at 19 MiB and two passes, with a salt of its own', async () => {
  const [first, second] = [await passwords.hash('seven brown camels'), await passwords.hash('seven brown camels')]
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(second).not.toBe(first)
  expect(await passwords.verify('seven brown camels', first)).toBe(true)
  expect(await passwords.verify('seven brown camel', first)).toBe(false)
})

test('SES-1 nobody’s account is opened by any password, also by that of the hash that stands in for it', async () => {
  for (const password of ['seven brown camels', 'a password that nobody has', ''])
    expect(await passwords.verify(password, null)).toBe(false)
})

test('SES-1 a password is the same however a keyboard composes its letters', async () => {
  const hashed = await passwords.hash('é à ô ï are letters'.normalize('NFD'))
  expect(await passwords.verify('é à ô ï are letters'.normalize('NFC'), hashed)).toBe(true)
})

test('SES-1 two are hashed at once and 64 wait; the next is refused, and taken again once there is room', async () => {
  const mine = makePasswords()
  const outcomes = await Promise.all(
    Array.from({ length: 67 }, () =>
      mine.hash('seven brown camels').then(
        () => 'hashed',
        ({ extensions }) => `${extensions.code} ${extensions.retryAfter > 0}`,
      ),
    ),
  )
  expect(outcomes).toEqual([...Array(66).fill('hashed'), 'RATE_LIMITED true'])
  expect(await mine.hash('seven brown camels')).toMatch(/^\$argon2id/)
})

test('SES-1 one that fails leaves its place to the next', async () => {
  const mine = makePasswords()
  for (let n = 0; n < 5; n += 1) await expect(mine.verify('x', 'no hash at all')).rejects.toThrow()
  expect(await mine.verify('x', null)).toBe(false)
})

test.each([
  ['nine char', false, false],
  ['ten chars.', false, true],
  ['🐪'.repeat(9), false, false],
  ['🐪'.repeat(10), false, true],
  ['x'.repeat(128), false, true],
  ['x'.repeat(129), false, false],
  // Nine letters, whose marks are code points of their own on some keyboards.
  ['éàôïéàôïé'.normalize('NFD'), false, false],
  ['ten chars.', true, false],
  ['LEILA@kitaab.example', false, false],
])('SES-1 the password %j, common: %j, may be taken: %j', (password, isCommon, taken) => {
  expect(passwordProblem(password, isCommon, ['leila@kitaab.example']) === null).toBe(taken)
})

test('SES-1 common passwords are known, whatever their case', async () => {
  for (const password of ['1234567890', 'Password123', 'QWERTYUIOP'])
    expect(await isCommonPassword(password)).toBe(true)
  expect(await isCommonPassword('seven brown camels')).toBe(false)
})
