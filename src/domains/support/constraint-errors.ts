import type { ConstraintErrors } from '../../platform/database/database-errors.ts'
import { forbidden, notFound, rateLimited } from '../../platform/graphql/errors.ts'

/** What broken constraints of support's tables mean. */
export const supportConstraintErrors: ConstraintErrors = {
  email_not_verified: () =>
    forbidden('Confirm your address first: open the link that was mailed to it, or ask for another one.', {
      reason: 'EMAIL_NOT_VERIFIED',
    }),
  too_many_messages: ({ detail }) => rateLimited('At most 30 messages an hour.', Number(detail)),
  no_thread: () => notFound('There is no such thread.', { field: 'input.threadId' }),
  // One's own thread, which a colleague answers.
  messages_author_check: () => notFound('There is no such thread.', { field: 'input.threadId' }),
}
