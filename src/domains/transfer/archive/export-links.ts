import { parseGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import { makeProvedClaims } from '../../../platform/proved-claims.ts'
import { type KeyRing, keysFor } from '../../identity/services/key-ring.ts'

/** An export that a link leads to, and until when. Whoever has the link may have the file. */
export interface ExportClaim {
  readonly ownerId: string
  readonly jobId: string
  readonly expiresAt: Date
}

export interface ExportLinks {
  /** `id . seconds . HMAC`: the same claim is always the same text, until the keys are rotated. */
  sign(claim: ExportClaim): string
  /** Null unless it is genuine, however old. */
  read(text: string): ExportClaim | null
}

const form = /^([\w-]{10,200})\.([1-9]\d{0,11})$/

export function makeExportLinks(ring: Pick<KeyRing, 'current'>): ExportLinks {
  const claims = makeProvedClaims(keysFor(ring, 'kitaab export link'))
  return {
    sign: ({ ownerId, jobId, expiresAt }) =>
      claims.prove(`${toGlobalId('DataExport', { ownerId, jobId })}.${Math.floor(expiresAt.getTime() / 1000)}`),
    read(text) {
      const [, id, seconds] = form.exec(claims.read(text) ?? '') ?? []
      const { type, parts } = (id && parseGlobalId(id)) || {}
      if (type !== 'DataExport' || !parts?.ownerId || !parts.jobId) return null
      return { ownerId: parts.ownerId, jobId: parts.jobId, expiresAt: new Date(Number(seconds) * 1000) }
    },
  }
}

/** Under which an export is kept. */
export function exportKey({ ownerId, jobId }: Pick<ExportClaim, 'ownerId' | 'jobId'>): string {
  return `exports/${ownerId}/${jobId}.zip`
}
