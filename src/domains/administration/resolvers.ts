import type { Context } from '../../context.ts'
import type { AuditFilter, Resolvers, UserFilter } from '../../generated/graphql.ts'
import { someViewer } from '../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-ids.ts'
import { requireText } from '../../platform/graphql/text.ts'
import { objectId, shownNames, shownValues } from '../audit/events.ts'
import { administer, reinstatement, roleChange, suspension, unlocking } from './administering.ts'
import { type AccountFilter, accountsByIds, accountsPage } from './queries/accounts.ts'
import { type AdminEventOfPeople, type AdminEventPage, adminEventsPage, type EventFilter } from './queries/events.ts'

const pageSize = 20

export const resolvers: Resolvers = {
  Query: {
    users: (_root, { filter, first, after = null }, { auth, viewer }) =>
      accountsPage(auth, someViewer(viewer).userId, {
        filter: accountFilterOf(filter ?? {}),
        first: first ?? pageSize,
        after,
      }),
    auditLog: (_root, { filter, first, after = null }, context) =>
      eventsWithPeople({ filter: eventFilterOf(filter ?? {}), first: first ?? pageSize, after }, context),
  },

  AdminUser: {
    id: ({ userId }) => toGlobalId('User', { userId }),
  },

  AdminAuditEvent: {
    objectId: (event) => (event.ownerId === null ? null : objectId({ ...event, ownerId: event.ownerId })),
    changed: (event) => shownNames(event.columns, event),
    oldValues: (event) => shownValues(event.oldColumns, withOwner(event)),
    newValues: (event) => shownValues(event.newColumns, withOwner(event)),
  },

  Mutation: {
    setRole: async (_root, { input }, context) => ({ user: await act(context, input.userId, roleChange(input.role)) }),
    suspendUser: async (_root, { input }, context) => ({ user: await act(context, input.userId, suspension) }),
    reinstateUser: async (_root, { input }, context) => ({ user: await act(context, input.userId, reinstatement) }),
    unlockLogin: async (_root, { input }, context) => ({ user: await act(context, input.userId, unlocking) }),
  },
}

async function act({ viewer, transaction, auth }: Context, id: string, change: Parameters<typeof administer>[2]) {
  const { userId: adminId } = someViewer(viewer)
  const { userId } = fromGlobalId('User', id, 'input.userId')
  // SES-2 The change itself is made by a role that knows no sessions.
  await transaction(async () => {})
  return administer(auth, { adminId, userId }, change)
}

function accountFilterOf({ search, role, status }: UserFilter): AccountFilter {
  return {
    search: search == null ? null : requireText(search, { field: 'filter.search', max: 254 }),
    role: role ?? null,
    status: status ?? null,
  }
}

function eventFilterOf({ userId, actorId, action, table, from, until }: AuditFilter): EventFilter {
  const person = (id: string | null | undefined, field: string) =>
    id == null ? null : fromGlobalId('User', id, field).userId
  const word = (text: string | null | undefined, field: string) =>
    text == null ? null : requireText(text, { field, max: 60 })
  return {
    userId: person(userId, 'filter.userId'),
    actorId: person(actorId, 'filter.actorId'),
    action: word(action, 'filter.action'),
    table: word(table, 'filter.table'),
    from: from ?? null,
    until: until ?? null,
  }
}

type EventsAsked = Parameters<typeof adminEventsPage>[1]

/** What a search over everybody may take is no flight for others to wait behind. */
async function eventsWithPeople(asked: EventsAsked, { db, auth, viewer }: Context): Promise<AdminEventPage> {
  const page = await adminEventsPage(db.long, asked)
  const ids = page.rows.flatMap(({ ownerId, actorId }) => [ownerId, actorId]).filter((id) => id !== null)
  const people = new Map(
    (await accountsByIds(auth, someViewer(viewer).userId, [...new Set(ids)])).map((person) => [person.userId, person]),
  )
  const personOf = (id: string | null) => (id === null ? null : (people.get(id) ?? null))
  const rows = page.rows.map((event) => ({
    ...event,
    user: personOf(event.ownerId),
    actor: personOf(event.actorId),
  }))
  return { ...page, rows }
}

/** Values of an account hold no ids, so whose they are plays no part in how they are shown. */
function withOwner({ table, ownerId }: AdminEventOfPeople) {
  return { table, ownerId: ownerId ?? '0' }
}
