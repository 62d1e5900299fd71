import type { Context } from '../../context.ts'
import type { Transaction } from '../../platform/database/listeners.ts'
import { conflict, notFound } from '../../platform/graphql/errors.ts'
import { checkVerified } from '../identity/queries/viewer.ts'
import { acceptedMail } from './mails.ts'
import { mailTo } from './notices.ts'
import type { GrantingKey } from './queries/relations.ts'
import { holdReceived, removeReceived, setStatus, withdrawRequest } from './queries/requests.ts'
import { mayBecome, type Response, statusOfResponse } from './rules/answers.ts'

/**
 * SHA-1 Accepts, declines or blocks, as the one who was asked. NOT_FOUND; CONFLICT, reason RELATION_ANSWERED, when it was answered in
 * another way; FORBIDDEN, reason EMAIL_NOT_VERIFIED, for accepting. A requester who is accepted gets a mail.
 */
export async function answerRequest(context: Context, { ownerId, relationId }: GrantingKey, response: Response) {
  const status = statusOfResponse[response]
  await context.transaction(async (tx) => {
    if (status === 'accepted') await checkVerified(tx, ownerId)
    const relation = await holdReceived(tx, ownerId, relationId)
    if (!relation) throw notFound()
    if (relation.status === status) return
    if (!mayBecome(relation.status, status)) throw answeredOtherwise()
    await setStatus(tx, ownerId, relationId, status)
    if (status === 'accepted') tx.afterCommit(() => mailTo(context, relation.requesterId, acceptedMail))
  })
}

/** CONFLICT, reason RELATION_ANSWERED. */
export function answeredOtherwise() {
  return conflict('This was answered in another way: read the relation again.', { reason: 'RELATION_ANSWERED' })
}

/** SHA-1 Ends a relation as either of its two; a request of one's own is taken back. NOT_FOUND, or CONFLICT, reason RELATION_BLOCKED. */
export async function removeRelation(tx: Transaction, { ownerId, relationId }: GrantingKey, isSent: boolean) {
  if (isSent) {
    if (!(await withdrawRequest(tx, relationId))) throw notFound()
    return
  }
  const relation = await holdReceived(tx, ownerId, relationId)
  if (!relation) throw notFound()
  if (relation.status === 'blocked') {
    throw conflict('This would lift the block: use unblock if that is meant.', { reason: 'RELATION_BLOCKED' })
  }
  await removeReceived(tx, ownerId, relationId)
}

/** SHA-1 Who was blocked may ask again. NOT_FOUND, or CONFLICT, reason RELATION_ANSWERED, when it is no block. */
export async function liftBlock(tx: Transaction, { ownerId, relationId }: GrantingKey) {
  const relation = await holdReceived(tx, ownerId, relationId)
  if (!relation) throw notFound()
  if (relation.status !== 'blocked') {
    throw conflict('This relation is not blocked.', { reason: 'RELATION_ANSWERED' })
  }
  await removeReceived(tx, ownerId, relationId)
}
