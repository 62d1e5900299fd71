import { type InferResult, sql } from 'kysely'
import type { MessageAuthor } from '../../generated/database.ts'
import { anyOf, pairsIn } from '../../platform/database/any-of.ts'
import { keysetPage, type SortColumn } from '../../platform/database/keyset.ts'
import { keysetFirstPages } from '../../platform/database/keyset-first-pages.ts'
import type { Page } from '../../platform/database/page.ts'
import type { Database, UserId } from '../../platform/database/types.ts'

interface PageOptions {
  readonly first: number
  readonly after: string | null
}

// ------------------------------------------------------------------------------------------------ messages

const columns = [
  'messages.user_id as ownerId',
  'messages.message_id as messageId',
  'messages.author',
  'messages.content',
  'messages.created_at as createdAt',
  'messages.read_at as readAt',
] as const

/** The viewer's own messages; to support, those of everybody. */
function visibleMessages(db: Database, viewerId: UserId) {
  return db
    .selectFrom('messages')
    .where(sql<boolean>`(messages.user_id = ${viewerId} or (select app_has_role('support')))`)
    .select(columns)
}

export type MessageRow = InferResult<ReturnType<typeof visibleMessages>>[number]
export type MessagePage = Page<MessageRow>

export interface MessageKey {
  readonly ownerId: UserId
  readonly messageId: string
}

export function messagesByKeys(db: Database, viewerId: UserId, keys: readonly MessageKey[]) {
  const pairs = keys.map(({ ownerId, messageId }) => [ownerId, messageId] as const)
  return visibleMessages(db, viewerId)
    .where(pairsIn(['messages.user_id', 'messages.message_id'], pairs))
    .execute()
}

const latestFirst: readonly SortColumn[] = [{ column: 'messages.message_id', direction: 'desc' }]
const scopeOfThread = (ownerId: UserId) => ['messages', ownerId]

/** A page of what a person and support wrote to each other, 1..100, the latest first. */
export function messagesOfThread(
  db: Database,
  viewerId: UserId,
  ownerId: UserId,
  page: PageOptions,
): Promise<MessagePage> {
  const messages = visibleMessages(db, viewerId).where('messages.user_id', '=', ownerId)
  return keysetPage(db, messages, { ...page, order: latestFirst, scope: scopeOfThread(ownerId) })
}

/** The first pages of `messagesOfThread` for many threads, in one statement; in the order of the keys. */
export function firstMessagesOfThreads(
  db: Database,
  viewerId: UserId,
  keys: readonly ThreadKey[],
  first: number,
): Promise<MessagePage[]> {
  const messages = visibleMessages(db, viewerId).where(sql<boolean>`messages.user_id = wanted.owner_id`)
  return keysetFirstPages(db, messages, {
    columns: { owner_id: 'bigint' },
    lists: keys.map(({ ownerId }) => ({ values: { owner_id: ownerId }, scope: scopeOfThread(ownerId) })),
    order: latestFirst,
    first,
  })
}

/** How many answers of support these people have not marked as read. */
export async function unreadAnswers(db: Database, ownerIds: readonly UserId[]) {
  return db
    .selectFrom('messages')
    .where('messages.user_id', '=', anyOf(ownerIds))
    .where('messages.author', '=', 'support')
    .where('messages.read_at', 'is', null)
    .groupBy('messages.user_id')
    .select(['messages.user_id as ownerId', sql<number>`count(*)::integer`.as('unread')])
    .execute()
}

export function insertMessage(
  db: Database,
  { ownerId, author, authorId, content }: { ownerId: UserId; author: MessageAuthor; authorId: UserId; content: string },
): Promise<MessageRow> {
  return db
    .insertInto('messages')
    .values({ user_id: ownerId, author, author_id: authorId, content })
    .returning(columns)
    .executeTakeFirstOrThrow()
}

/** Marks what one side wrote in a thread as read by the other, up to a message; what was read before stays so. */
export async function markRead(db: Database, { ownerId, messageId }: MessageKey, author: MessageAuthor): Promise<void> {
  await db
    .updateTable('messages')
    .where('user_id', '=', ownerId)
    .where('author', '=', author)
    .where('message_id', '<=', messageId)
    .where('read_at', 'is', null)
    .set({ read_at: sql<string>`now()` })
    .execute()
}

/** Whether an answer is the only one of the hour that its person has not read: then it is worth a mail. */
export async function isFirstUnreadAnswer(db: Database, { ownerId, messageId }: MessageKey): Promise<boolean> {
  const before = await db
    .selectFrom('messages')
    .where('user_id', '=', ownerId)
    .where('author', '=', 'support')
    .where('read_at', 'is', null)
    .where('message_id', '<>', messageId)
    .where('created_at', '>', sql<string>`now() - interval '1 hour'`)
    .select('message_id')
    .limit(1)
    .executeTakeFirst()
  return before === undefined
}

// ------------------------------------------------------------------------------------------------ threads

export interface ThreadKey {
  readonly ownerId: UserId
}

/** For support alone: the threads of everybody who wrote, but the viewer's own. */
function threads(db: Database, viewerId: UserId) {
  return db
    .selectFrom('message_threads')
    .where('message_threads.user_id', '<>', viewerId)
    .where(sql<boolean>`(select app_has_role('support'))`)
    .select([
      'message_threads.user_id as ownerId',
      'message_threads.unread_count as unreadCount',
      'message_threads.last_message_id as lastMessageId',
    ])
}

export type ThreadRow = InferResult<ReturnType<typeof threads>>[number]
export type ThreadPage = Page<ThreadRow>

export function threadsByKeys(db: Database, viewerId: UserId, keys: readonly ThreadKey[]) {
  const ownerIds = keys.map(({ ownerId }) => ownerId)
  return threads(db, viewerId).where('message_threads.user_id', '=', anyOf(ownerIds)).execute()
}

/** A page of the inbox, 1..100: threads with unread messages first, then by their last message. */
export function inboxPage(db: Database, viewerId: UserId, page: PageOptions): Promise<ThreadPage> {
  return keysetPage(db, threads(db, viewerId), {
    ...page,
    order: [
      { column: sql`message_threads.unread_count > 0`, direction: 'desc' },
      { column: 'message_threads.last_message_id', direction: 'desc' },
    ],
    scope: ['inbox', viewerId],
  })
}

/** The names of people who wrote, for support alone. */
export async function namesOfPeople(db: Database, ownerIds: readonly UserId[]) {
  const { rows } = await sql<{ ownerId: UserId; name: string }>`
    select user_id as "ownerId", name from people_of_threads(${ownerIds}::bigint[])`.execute(db)
  return rows
}
