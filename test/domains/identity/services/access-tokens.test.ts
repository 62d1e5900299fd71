import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { SignJWT } from 'jose'
import { makeAccessTokens } from '../../../../src/domains/identity/services/access-tokens.ts'
import { type IdentityKeys, loadKeys } from '../../../../src/domains/identity/services/keys.ts'
import type { Viewer } from '../../../../src/platform/viewer.ts'

const home = mkdtempSync(path.join(tmpdir(), 'kitaab-tokens-'))
afterAll(() => rmSync(home, { recursive: true }))

const viewer: Viewer = { userId: '7', sessionId: crypto.randomUUID(), role: 'member', scopes: ['DEEDS_READ'] }
const noon = Date.parse('2026-11-20T12:00:00Z')
const ringOf = (fixed: IdentityKeys) => ({ current: () => fixed, recent: () => fixed })
const at = (seconds: number) => makeAccessTokens(ringOf(keys), () => noon + seconds * 1000)
const reasonOf = (verified: Promise<unknown>) =>
  verified.then(
    () => 'ok',
    ({ extensions }) => `${extensions.code} ${extensions.reason}`,
  )

let keys: IdentityKeys
beforeAll(() => {
  keys = loadKeys({ pem: null, home })
})

test('SES-2 an access token says who it is for 15 minutes, and then that it has expired', async () => {
  const { token, expiresAt } = await at(0).sign(viewer)
  expect(expiresAt).toBe('2026-11-20T12:15:00.000Z')
  expect(await at(0).verify(token)).toEqual(viewer)
  expect(await at(899).verify(token)).toEqual(viewer)
  expect(await reasonOf(at(900).verify(token))).toBe('UNAUTHENTICATED TOKEN_EXPIRED')
})

test('SES-2 a token of another installation, of another name for our key, or expired and forged, does not hold', async () => {
  const others = loadKeys({
    pem: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    home,
  })
  const foreign = (await makeAccessTokens(ringOf(others), () => noon).sign(viewer)).token
  const disguised = { ...others, signing: { ...others.signing, kid: keys.signing.kid } }
  const forged = (await makeAccessTokens(ringOf(disguised), () => noon).sign(viewer)).token
  for (const token of [foreign, forged]) {
    expect(await reasonOf(at(0).verify(token))).toBe('UNAUTHENTICATED INVALID_TOKEN')
    expect(await reasonOf(at(900).verify(token))).toBe('UNAUTHENTICATED INVALID_TOKEN')
  }
})

test.each([
  ['for others', { aud: 'somebody else' }],
  ['by others', { iss: 'somebody else' }],
  ['without an end', { exp: undefined }],
  ['of a role that is none', { role: 'king' }],
  ['without a session', { sid: undefined }],
])('SES-2 a token %s does not hold, though it is signed by our key', async (_what, claims) => {
  const seconds = noon / 1000
  const { sessionId: sid, role, scopes, userId: sub } = viewer
  const good = { iss: 'kitaab', aud: 'kitaab', iat: seconds, exp: seconds + 900, sub, sid, role, scopes }
  const signed = (payload: object) =>
    new SignJWT({ ...payload })
      .setProtectedHeader({ alg: 'EdDSA', kid: keys.signing.kid })
      .sign(keys.signing.privateKey)
  expect(await reasonOf(at(0).verify(await signed(good)))).toBe('ok')
  expect(await reasonOf(at(0).verify(await signed({ ...good, ...claims })))).toBe('UNAUTHENTICATED INVALID_TOKEN')
})
