import type { Context } from '../../context.ts'
import { rateLimited } from '../../platform/graphql/errors.ts'
import { someViewer } from '../../platform/graphql/found.ts'
import { checkVerified } from '../identity/queries/viewer.ts'
import { evenly } from '../identity/registration.ts'
import { requestMail } from './mails.ts'
import { mailTo } from './notices.ts'
import type { RelationKey } from './queries/relations.ts'
import { askForRelation } from './queries/requests.ts'

/**
 * SHA-2 Asks whoever has this username or address; answers the key of what the requester sees of it, which is the same for nobody, a
 * decline and a block, and takes as long. RATE_LIMITED beyond 20 a day; FORBIDDEN, reason EMAIL_NOT_VERIFIED; BAD_USER_INPUT, reason
 * RELATION_WITH_ONESELF. Whoever is reached gets a mail.
 */
export async function sendRequest(context: Context, sentTo: string): Promise<RelationKey> {
  const { userId } = someViewer(context.viewer)
  let requestId: string | null = null
  await evenly(async () => {
    requestId = await context.transaction(async (tx) => {
      await checkVerified(tx, userId)
      const asked = await askForRelation(tx, sentTo)
      if (asked.requestId === null) throw tooManyRequests(asked.retryAfter)
      const { reachedId } = asked
      if (reachedId !== null) tx.afterCommit(() => mailTo(context, reachedId, requestMail))
      return asked.requestId
    })
  })
  if (requestId === null) throw new Error('A request was neither made nor refused.')
  return { ownerId: userId, direction: 'SENT', relationId: requestId }
}

function tooManyRequests(retryAfter: number | null) {
  return rateLimited('20 people a day can be asked; ask again later.', Math.max(1, retryAfter ?? 1), {
    field: 'input.to',
  })
}
