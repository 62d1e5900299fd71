import type { Context } from '../../context.ts'
import type { Resolvers } from '../../generated/graphql.ts'
import { found, ownKey, someViewer } from '../../platform/graphql/found.ts'
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-ids.ts'
import { requireText } from '../../platform/graphql/text.ts'
import { markReadUpTo, markThreadRead, replyToThread } from './answering.ts'
import { inboxPage, insertMessage, type MessageKey, messagesOfThread, type ThreadKey } from './queries.ts'

const pageSize = 20
const longestMessage = 8_000

export const resolvers: Resolvers = {
  Query: {
    inbox: (_root, { first, after = null }, { db, viewer }) =>
      inboxPage(db, someViewer(viewer).userId, { first: first ?? pageSize, after }),
  },

  Account: {
    messages: ({ userId }, { first, after = null }, { db }) =>
      messagesOfThread(db, userId, userId, { first: first ?? pageSize, after }),
    unreadMessages: async ({ userId }, _args, { loaders }) => (await loaders.unreadAnswers.load(userId))?.unread ?? 0,
  },

  Message: {
    id: (message) => toGlobalId('Message', message),
  },

  Thread: {
    id: (thread) => toGlobalId('Thread', thread),
    name: async ({ ownerId }, _args, { loaders }) => (await loaders.nameOfPerson.load(ownerId))?.name ?? '',
    lastMessage: async ({ ownerId, lastMessageId }, _args, { loaders }) =>
      found(await loaders.message.load({ ownerId, messageId: lastMessageId })),
    async messages({ ownerId }, { first, after }, { db, viewer, loaders }) {
      const size = first ?? pageSize
      if (after != null) return messagesOfThread(db, someViewer(viewer).userId, ownerId, { first: size, after })
      return found(await loaders.firstMessagesOfThread.load({ ownerId, first: size })).page
    },
  },

  Mutation: {
    async sendMessage(_root, { input }, { viewer, transaction }) {
      const { userId } = someViewer(viewer)
      const content = requireText(input.content, { field: 'input.content', max: longestMessage })
      const message = { ownerId: userId, author: 'user' as const, authorId: userId, content }
      return { message: await transaction((tx) => insertMessage(tx, message)) }
    },
    async markMessagesRead(_root, { input }, { viewer, transaction, loaders }) {
      const upTo = ownKey(fromGlobalId('Message', input.upTo, 'input.upTo'), viewer)
      await transaction((tx) => markReadUpTo(tx, upTo.ownerId, upTo, 'support'))
      return { account: found(await loaders.account.load(upTo.ownerId)) }
    },
    async replyToThread(_root, { input }, { viewer, transaction, loaders, auth, services }) {
      const { userId } = someViewer(viewer)
      const { ownerId } = fromGlobalId('Thread', input.threadId, 'input.threadId')
      const content = requireText(input.content, { field: 'input.content', max: longestMessage })
      const message = await transaction((tx) => replyToThread(tx, userId, { ownerId, content }, { auth, services }))
      return { message, thread: found(await loaders.thread.load({ ownerId })) }
    },
    async markThreadRead(_root, { input }, { viewer, transaction, loaders }) {
      const { userId } = someViewer(viewer)
      const { ownerId } = fromGlobalId('Thread', input.threadId, 'input.threadId')
      const upTo = fromGlobalId('Message', input.upTo, 'input.upTo')
      await transaction((tx) => markThreadRead(tx, userId, { ownerId }, upTo))
      return { thread: found(await loaders.thread.load({ ownerId })) }
    },
  },
}

/** How `node(id:)` reads this domain's objects: what is not the viewer's own, for support alone. */
export const supportNodes = {
  Message: (key: MessageKey, context: Context) =>
    key.ownerId === context.viewer?.userId
      ? context.loaders.message.load(key)
      : forSupport(context, ({ loaders }) => loaders.message.load(key)),
  Thread: (key: ThreadKey, context: Context) => forSupport(context, ({ loaders }) => loaders.thread.load(key)),
}

/** SES-2 The document did not say that it needs the role, so session, status and role are checked here. */
async function forSupport<Row>(context: Context, read: (context: Context) => Promise<Row>): Promise<Row | null> {
  if (context.viewer?.role !== 'support') return null
  await context.transaction(async () => {})
  return read(context)
}
