import { createHash } from 'node:crypto'
import type { Database, UserId } from '../../platform/database/types.ts'
import { conflict } from '../../platform/graphql/errors.ts'
import { claimKey, keepAnswer } from './queries/idempotency-keys.ts'

export interface OnceOptions<Answer> {
  /** The client's key; without one the work is simply done. */
  readonly key: string | null | undefined
  readonly operation: string
  /** All that makes this request the same as another, as JSON. */
  readonly request: unknown
  readonly work: () => Promise<Answer>
  /** Makes an answer of earlier fit what the viewer may see now; throws when that is nothing. */
  readonly replay: (answer: Answer) => Promise<Answer>
}

/**
 * ENT-4 Does the work once per key of a viewer and answers alike for 48 hours; key, work and answer are committed
 * together, so a request that failed may be sent again. CONFLICT: IDEMPOTENCY_KEY_REUSED for another request,
 * IN_PROGRESS while the twin is at work. The answer must be JSON.
 */
export async function once<Answer extends object>(
  tx: Database,
  viewerId: UserId,
  { key, operation, request, work, replay }: OnceOptions<Answer>,
): Promise<Answer> {
  if (key == null) return work()
  const requestHash = createHash('sha256')
    .update(JSON.stringify([operation, request]))
    .digest('hex')
  const claim = await claimKey(tx, viewerId, { key, operation, requestHash })
  if (claim.kind === 'busy') {
    throw conflict('The same request is being worked on. Send it again in a moment.', {
      reason: 'IN_PROGRESS',
      retryAfter: 1,
    })
  }
  if (claim.kind === 'answered') {
    if (claim.requestHash === requestHash) return replay(claim.response as Answer)
    throw conflict('This key was used for another request: send this one with a new key.', {
      reason: 'IDEMPOTENCY_KEY_REUSED',
      field: 'input.idempotencyKey',
    })
  }
  const answer = await work()
  await keepAnswer(tx, viewerId, key, answer)
  return answer
}
