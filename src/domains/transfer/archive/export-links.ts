import { createHmac, timingSafeEqual } from 'node:crypto'
import { parseGlobalId, toGlobalId } from '../../../platform/graphql/global-ids.ts'
import type { KeyRing } from '../../identity/services/key-ring.ts'

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

const form = /^([\w-]{10,200})\.([1-9]\d{0,11})\.([\w-]{43})$/

export function makeExportLinks({ current }: Pick<KeyRing, 'current'>): ExportLinks {
  const keys = () => current().derived('kitaab export link')
  const mac = (claim: string, key: Buffer) => createHmac('sha256', key).update(claim).digest()
  return {
    sign({ ownerId, jobId, expiresAt }) {
      const claim = `${toGlobalId('DataExport', { ownerId, jobId })}.${Math.floor(expiresAt.getTime() / 1000)}`
      const [newest] = keys()
      if (!newest) throw new Error('There is always a key.')
      return `${claim}.${mac(claim, newest.key).toString('base64url')}`
    },
    read(text) {
      const [, id, seconds, given] = form.exec(text) ?? []
      if (!id || !seconds || !given) return null
      const bytes = Buffer.from(given, 'base64url')
      const genuine = keys().some(({ key }) => timingSafeEqual(mac(`${id}.${seconds}`, key), bytes))
      const { type, parts } = (genuine && parseGlobalId(id)) || {}
      if (type !== 'DataExport' || !parts?.ownerId || !parts.jobId) return null
      return { ownerId: parts.ownerId, jobId: parts.jobId, expiresAt: new Date(Number(seconds) * 1000) }
    },
  }
}

/** Under which an export is kept. */
export function exportKey({ ownerId, jobId }: Pick<ExportClaim, 'ownerId' | 'jobId'>): string {
  return `exports/${ownerId}/${jobId}.zip`
}
