import { generateKeyPairSync } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK } from 'jose'
import { makeAccessTokens } from '../../../../src/domains/identity/services/access-tokens.ts'
import { type KeyRing, openKeyRing } from '../../../../src/domains/identity/services/key-ring.ts'
import { loadKeys } from '../../../../src/domains/identity/services/keys.ts'
import { makeRefreshTokens } from '../../../../src/domains/identity/services/refresh-tokens.ts'
import { rotateKeys } from '../../../../src/domains/identity/services/rotate-keys.ts'
import type { Viewer } from '../../../../src/platform/viewer.ts'
import { temporaryHomes } from '../../../support/homes.ts'

const homes = temporaryHomes()
afterEach(() => homes.removeAll())

const viewer: Viewer = { userId: '7', sessionId: crypto.randomUUID(), role: 'member', scopes: ['DEEDS_READ'] }
const claim = { sessionId: viewer.sessionId, generation: 3 }
const day = 24 * 3600 * 1000
const noon = Date.parse('2026-11-20T12:00:00Z')

/** What one process makes of tokens; `at.now` is its clock. */
function processOf(home: string) {
  const at = { now: noon }
  const troubles: unknown[] = []
  const now = () => at.now
  const ring: KeyRing = openKeyRing({ pem: null, home }, { onTrouble: (error) => troubles.push(error), now })
  return { at, troubles, ring, access: makeAccessTokens(ring, now), refresh: makeRefreshTokens(ring) }
}
const holds = (verified: Promise<unknown>) =>
  verified.then(
    () => true,
    ({ extensions }) => extensions.reason,
  )
const kidOf = (token: string) => decodeProtectedHeader(token).kid

test('SES-2 after a rotation a process that runs signs with the new key, and tokens of the one before hold until they end', async () => {
  const home = homes.newHome()
  const [one, other] = [processOf(home), processOf(home)]
  const before = (await one.access.sign(viewer)).token
  const { kid, kept, removed } = rotateKeys(home, { now: noon })
  expect({ kept, removed }).toEqual({ kept: 1, removed: 0 })
  const after = (await one.access.sign(viewer)).token
  expect(kidOf(after)).toBe(kid)
  expect(kidOf(before)).not.toBe(kid)
  for (const { access } of [one, other, processOf(home)]) {
    expect(await access.verify(before)).toEqual(viewer)
    expect(await access.verify(after)).toEqual(viewer)
  }
  other.at.now += 15 * 60 * 1000
  expect(await holds(other.access.verify(before))).toBe('TOKEN_EXPIRED')
})

test('SES-3 refresh tokens hold over rotations, and new ones are made with the new key', () => {
  const home = homes.newHome()
  const { refresh } = processOf(home)
  const tokens = [refresh.sign(claim)]
  for (let n = 1; n <= 3; n += 1) {
    rotateKeys(home, { now: noon + n })
    tokens.push(refresh.sign(claim))
  }
  expect(new Set(tokens).size).toBe(4)
  for (const token of tokens) expect(refresh.read(token)).toEqual(claim)
  expect(refresh.read(`${tokens[0]?.slice(0, -2)}AA`)).toBeNull()
})

test('SES-2 SES-3 a key goes 90 days after it was retired, not after it was made, and what it signed is refused', async () => {
  const home = homes.newHome()
  const { at, access, refresh } = processOf(home)
  const first = { access: (await access.sign(viewer)).token, refresh: refresh.sign(claim) }
  rotateKeys(home, { now: noon })
  const second = refresh.sign(claim)
  expect(rotateKeys(home, { now: noon + 90 * day })).toMatchObject({ kept: 2, removed: 0 })
  expect(refresh.read(first.refresh)).toEqual(claim)
  expect(rotateKeys(home, { now: noon + 90 * day + 1 })).toMatchObject({ kept: 2, removed: 1 })
  expect(refresh.read(first.refresh)).toBeNull()
  expect(refresh.read(second)).toEqual(claim)
  at.now += 10_000
  expect(await holds(access.verify(first.access))).toBe('INVALID_TOKEN')
})

test('SES-2 when old keys are forgotten, all that was given before is refused within ten seconds', async () => {
  const home = homes.newHome()
  const { at, access, refresh } = processOf(home)
  const before = { access: (await access.sign(viewer)).token, refresh: refresh.sign(claim) }
  rotateKeys(home, { now: noon })
  expect(rotateKeys(home, { now: noon + 1, forgetOld: true })).toMatchObject({ kept: 0, removed: 2 })
  expect(refresh.read(before.refresh)).toBeNull()
  at.now += 10_000
  expect(await holds(access.verify(before.access))).toBe('INVALID_TOKEN')
  expect(fs.readdirSync(path.join(home, 'keys'))).toEqual(['access-tokens.pem'])
})

test('keys that are made stay with their owner; a rotation that broke off, or a file that is no key, is told and changes nothing', () => {
  const home = homes.newHome()
  rotateKeys(home, { now: noon })
  const folder = path.join(home, 'keys')
  const names = fs.readdirSync(folder).sort()
  expect(names).toEqual(['access-tokens.pem', 'access-tokens.retired-2026-11-20T12-00-00.000Z.pem'])
  for (const name of names) expect(fs.statSync(path.join(folder, name)).mode & 0o777).toBe(0o600)
  const lock = path.join(folder, 'rotation.lock')
  fs.writeFileSync(lock, '')
  expect(() => rotateKeys(home)).toThrow(`${lock} is there`)
  fs.rmSync(lock)
  const running = processOf(home)
  const token = running.refresh.sign(claim)
  fs.writeFileSync(path.join(folder, 'access-tokens.retired-2026-01-01T00-00-00.000Z.pem'), 'no key')
  expect(() => rotateKeys(home)).toThrow('holds no Ed25519 private key')
  expect(running.refresh.read(token)).toEqual(claim)
  expect(running.refresh.read(token)).toEqual(claim)
  expect(running.troubles).toHaveLength(1)
  expect(fs.existsSync(lock)).toBe(false)
})

test('SES-2 a configured key may name the one before it, and a key keeps the name that RFC 7638 gives it', async () => {
  const pemOf = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const [previousPem, pem, home] = [pemOf(), pemOf(), homes.newHome()]
  const ringOf = (source: { pem: string; previousPem?: string }) =>
    openKeyRing({ home, ...source }, { onTrouble: () => {}, now: () => noon })
  const [old, changed, alone] = [ringOf({ pem: previousPem }), ringOf({ pem, previousPem }), ringOf({ pem })]
  const { token } = await makeAccessTokens(old, () => noon).sign(viewer)
  const refresh = makeRefreshTokens(old).sign(claim)
  expect(await makeAccessTokens(changed, () => noon).verify(token)).toEqual(viewer)
  expect(makeRefreshTokens(changed).read(refresh)).toEqual(claim)
  expect(await holds(makeAccessTokens(alone, () => noon).verify(token))).toBe('INVALID_TOKEN')
  expect(makeRefreshTokens(alone).read(refresh)).toBeNull()
  const { signing, verifying } = loadKeys({ pem, home })
  const publicKey = verifying.get(signing.kid)
  expect(publicKey && (await calculateJwkThumbprint(await exportJWK(publicKey)))).toBe(signing.kid)
  expect(fs.existsSync(home)).toBe(false)
})
