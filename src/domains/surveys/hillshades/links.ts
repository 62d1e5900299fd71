import { parseGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import { makeProvedClaims } from '../../../platform/proved-claims.ts'
import { type KeyRing, keysFor } from '../../identity/services/key-ring.ts'
import type { DrawnHillshade } from './drawing.ts'

/** A hillshade that a link leads to, and until when. Whoever has the link may have the picture. */
export interface HillshadeClaim extends DrawnHillshade {
  readonly expiresAt: Date
}

export interface HillshadeLinks {
  /** For one to two hours from `now`: within an hour the same text, so that browsers keep the picture. */
  sign(which: DrawnHillshade, now: Date): string
  /** Null unless it is genuine, however old. */
  read(text: string): HillshadeClaim | null
}

const hourMs = 3_600_000
const form = /^([\w-]{10,200})\.([1-9]\d{0,11})$/

export function makeHillshadeLinks(ring: Pick<KeyRing, 'current'>): HillshadeLinks {
  const claims = makeProvedClaims(keysFor(ring, 'kitaab hillshade link'))
  return {
    sign({ ownerId, hillshadeId }, now) {
      const end = (Math.floor(now.getTime() / hourMs) + 2) * hourMs
      return claims.prove(`${toGlobalId('Hillshade', { ownerId, hillshadeId })}.${end / 1000}`)
    },
    read(text) {
      const [, id, seconds] = form.exec(claims.read(text) ?? '') ?? []
      const { type, parts } = (id && parseGlobalId(id)) || {}
      if (type !== 'Hillshade' || !parts?.ownerId || !parts.hillshadeId) return null
      return { ownerId: parts.ownerId, hillshadeId: parts.hillshadeId, expiresAt: new Date(Number(seconds) * 1000) }
    },
  }
}
