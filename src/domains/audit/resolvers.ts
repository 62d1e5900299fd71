import type { Resolvers } from '../../generated/graphql.ts'
import { objectId, shownValues } from './events.ts'
import { eventsPage } from './queries.ts'

const pageSize = 20

export const resolvers: Resolvers = {
  Account: {
    auditLog: ({ userId }, { first, after = null }, { db }) =>
      eventsPage(db, userId, { first: first ?? pageSize, after }),
  },

  AuditEvent: {
    actor: ({ actorId }, _args, { loaders }) => (actorId === null ? null : loaders.user.load(actorId)),
    objectId,
    oldValues: (event) => shownValues(event.oldColumns, event),
    newValues: (event) => shownValues(event.newColumns, event),
  },
}
