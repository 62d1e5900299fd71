import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { makeProvedClaims } from '../../src/platform/proved-claims.ts'

const [first, second] = [randomBytes(32), randomBytes(32)]

test('a claim comes back as it was, whatever key it was proved by among those that are kept', () => {
  const before = makeProvedClaims(() => [first])
  const after = makeProvedClaims(() => [second, first])
  fc.assert(
    fc.property(fc.stringMatching(/^[\w.:-]{1,80}$/), (claim) => {
      expect(after.read(before.prove(claim))).toBe(claim)
      expect(before.read(after.prove(claim))).toBeNull()
    }),
  )
})

test('what is changed in any place is no claim', () => {
  const claims = makeProvedClaims(() => [first])
  const text = claims.prove('17.1764000000')
  for (let place = 0; place < text.length; place += 1) {
    const other = text[place] === 'A' ? 'B' : 'A'
    const changed = text.slice(0, place) + other + text.slice(place + 1)
    // The last character of base64url carries two bits that nobody reads.
    if (place < text.length - 1) expect(claims.read(changed)).toBeNull()
  }
  for (const none of ['', '.', 'claim', 'claim.', `.${text.slice(-43)}`]) expect(claims.read(none)).toBeNull()
})
