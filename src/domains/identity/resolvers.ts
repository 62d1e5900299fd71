import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { conflict, notFound, unauthenticated } from '../../platform/graphql/errors.ts'
import { found, someViewer } from '../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-ids.ts'
import { asksOnly } from '../../platform/graphql/selection.ts'
import { requireText } from '../../platform/graphql/text.ts'
import { changeEmail } from './change-email.ts'
import { changePassword } from './change-password.ts'
import { clientOf } from './client.ts'
import { cancelClosure, closeAccount } from './closing.ts'
import { logIn } from './log-in.ts'
import { type AccountRow, changeAccount, revokeOwnSession, sessionsOfViewer } from './queries/viewer.ts'
import {
  checkedPassword,
  register,
  requestPasswordReset,
  resendVerification,
  resetPassword,
  verifyEmail,
} from './registration.ts'
import { checkedNumber, checkedUsername, keptAfterErasing, refuseNulls } from './rules.ts'
import { refreshLifetimeSeconds, refreshSession, type SessionTokens } from './sessions.ts'
import { usageOf } from './usage.ts'

const refreshCookie = '__Host-kitaab-refresh'

export const resolvers: Resolvers = {
  Query: {
    me: (_root, _args, context, info) => (asksOnly(info, knownById) ? accountById(context) : ownAccount(context)),
    user: async (_root, { id }, { loaders }) => {
      const { userId } = fromGlobalId('User', id, 'id')
      return found(await loaders.user.load(userId), 'id')
    },
  },
  Account: {
    id: ({ userId }) => toGlobalId('Account', { userId }),
    user: (account) => account,
    sessions: ({ userId }, _args, { db }) => sessionsOfViewer(db, userId),
    usage: ({ userId }, _args, { db }) => usageOf(db, userId),
  },
  User: {
    id: ({ userId }) => toGlobalId('User', { userId }),
  },
  Session: {
    id: ({ userId, sessionId }) => toGlobalId('Session', { userId, sessionId }),
    isCurrent: ({ sessionId }, _args, { viewer }) => sessionId === viewer?.sessionId,
  },
  Mutation: {
    register: async (_root, { input }, { auth, services }) => {
      const fullName = requireText(input.fullName, { field: 'input.fullName', max: 200 })
      const username = input.username == null ? null : checkedUsername(input.username, 'input.username')
      const password = await checkedPassword(input.password, [input.email, fullName, username ?? ''], 'input.password')
      const preferences = { timeZone: input.timeZone ?? 'UTC', locale: input.locale ?? 'en' }
      const account = { email: input.email, fullName, username, password, ...preferences }
      await register(auth, services.identity, account, services.publicUrl)
      return { emailSent: true }
    },
    resendVerification: async (_root, { input }, { auth, services }) => {
      await resendVerification(auth, services.identity, input.email, services.publicUrl)
      return { emailSent: true }
    },
    verifyEmail: async (_root, { input }, { auth }) => {
      await verifyEmail(auth, input.token)
      return { emailVerified: true }
    },
    logIn: async (_root, { input }, context) => {
      const tokens = await logIn(context.auth, context.services.identity, input, clientOf(context))
      return handOver(tokens, input.transport === 'COOKIE', context)
    },
    refreshSession: async (_root, { input }, context) => {
      const cookie = input.refreshToken ? null : context.cookies.get(refreshCookie)
      const token = input.refreshToken || cookie
      if (!token) throw unauthenticated('Send refreshToken, or the cookie that logIn set.', { reason: 'INVALID_TOKEN' })
      const tokens = await refreshSession(context.auth, context.services.identity, token, clientOf(context))
      return handOver(tokens, cookie !== null, context)
    },
    logOut: async (_root, _args, context) => {
      const { userId, sessionId } = someViewer(context.viewer)
      await context.transaction((tx) => revokeOwnSession(tx, userId, sessionId))
      context.cookies.clear(refreshCookie)
      return { loggedOut: true }
    },
    revokeSession: async (_root, { input }, context) => {
      const { userId, sessionId } = fromGlobalId('Session', input.sessionId, 'input.sessionId')
      const isOwn = userId === someViewer(context.viewer).userId
      const ended = isOwn && (await context.transaction((tx) => revokeOwnSession(tx, userId, sessionId)))
      if (!ended) throw notFound('You have no such session.', { field: 'input.sessionId' })
      return { account: await ownAccount(context) }
    },
    requestPasswordReset: async (_root, { input }, { auth, services }) => {
      await requestPasswordReset(auth, services.identity, input.email, services.publicUrl)
      return { emailSent: true }
    },
    resetPassword: async (_root, { input }, { auth, services }) => {
      await resetPassword(auth, services.identity, input)
      return { passwordChanged: true }
    },
    changePassword: async (_root, { input }, context) => {
      const viewer = someViewer(context.viewer)
      // SES-2 The change itself is made by a role that knows no sessions.
      await context.transaction(async () => {})
      const client = clientOf(context)
      const tokens = await changePassword(context.auth, context.services.identity, viewer.userId, input, client)
      return handOver(tokens, context.cookies.get(refreshCookie) !== null, context)
    },
    changeEmail: async (_root, { input }, context) => {
      const { userId } = someViewer(context.viewer)
      // SES-2 As above.
      await context.transaction(async () => {})
      const { auth, services } = context
      const from = { client: clientOf(context), publicUrl: services.publicUrl }
      await changeEmail(auth, services.identity, userId, input, from)
      return { emailSent: true }
    },
    closeAccount: async (_root, { input }, context) => {
      const { userId } = someViewer(context.viewer)
      // SES-2 As above.
      await context.transaction(async () => {})
      const { auth, services } = context
      await closeAccount(auth, services, userId, input.currentPassword, clientOf(context))
      return { account: await ownAccount(context), backupDays: services.backupDays, kept: keptAfterErasing }
    },
    cancelClosure: async (_root, _args, context) => {
      const { userId } = someViewer(context.viewer)
      // SES-2 As above.
      await context.transaction(async () => {})
      await cancelClosure(context.auth, userId)
      return { account: await ownAccount(context) }
    },
    updateAccount: async (_root, { input }, context) => {
      const { userId } = someViewer(context.viewer)
      refuseNulls(input, ['fullName', 'timeZone', 'dayStartMinutes', 'weekStart', 'locale', 'metadata'])
      const changes = {
        fullName:
          input.fullName == null ? undefined : requireText(input.fullName, { field: 'input.fullName', max: 200 }),
        username: input.username == null ? input.username : checkedUsername(input.username, 'input.username'),
        timeZone: input.timeZone ?? undefined,
        dayStartMinutes: numberOf(input.dayStartMinutes, { least: -720, most: 720, field: 'input.dayStartMinutes' }),
        weekStart: numberOf(input.weekStart, { least: 1, most: 7, field: 'input.weekStart' }),
        locale: input.locale ?? undefined,
        metadata: input.metadata ?? undefined,
      }
      const { isExpected, version } = await context.transaction((tx) =>
        changeAccount(tx, userId, changes, input.expectedVersion ?? null),
      )
      if (!isExpected) throw staleVersion(version)
      return { account: await ownAccount(context) }
    },
  },
}

/** What of an account, and of the person, needs nothing of their row but the id, which the token says. */
const knownById = {
  id: true,
  merits: true,
  targets: true,
  reflections: true,
  relations: true,
  user: { id: true, deeds: true, entries: true, dashboard: true },
} as const

/** The account for a document that asks nothing of its row: so that what it asks is read at once, not behind the row. */
function accountById({ viewer }: Context): AccountRow {
  return { userId: someViewer(viewer).userId } as AccountRow
}

async function ownAccount({ viewer, loaders }: Context) {
  return found(await loaders.account.load(someViewer(viewer).userId))
}

function numberOf(value: number | null | undefined, bounds: Parameters<typeof checkedNumber>[1]): number | undefined {
  return value == null ? undefined : checkedNumber(value, bounds)
}

function staleVersion(currentVersion: number) {
  const message = `The account has version ${currentVersion} by now: read it again.`
  return conflict(message, { reason: 'STALE_VERSION', currentVersion, field: 'input.expectedVersion' })
}

/** The tokens as the client wants them. */
function handOver({ access, refresh }: SessionTokens, asCookie: boolean, { cookies }: Context) {
  if (asCookie) cookies.set(refreshCookie, refresh, refreshLifetimeSeconds)
  return {
    accessToken: access.token,
    accessTokenExpiresAt: access.expiresAt,
    refreshToken: asCookie ? null : refresh,
  }
}

/** How `node(id:)` reads this domain's objects: an account and its sessions are its holder's alone. */
export const identityNodes = {
  User: ({ userId }: { userId: string }, { loaders }: Context) => loaders.user.load(userId),
  Account: ({ userId }: { userId: string }, { loaders }: Context) => loaders.account.load(userId),
  Session: async ({ userId, sessionId }: { userId: string; sessionId: string }, { loaders, viewer }: Context) =>
    userId === viewer?.userId ? loaders.session.load(sessionId) : null,
}
