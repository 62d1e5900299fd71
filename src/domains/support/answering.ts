import type { MessageAuthor } from '../../generated/database.ts'
import type { AuthDatabase } from '../../platform/database/auth-database.ts'
import type { Transaction } from '../../platform/database/listeners.ts'
import type { UserId } from '../../platform/database/types.ts'
import { badUserInput, notFound } from '../../platform/graphql/errors.ts'
import { mailPerson } from '../identity/mail-person.ts'
import type { IdentityServices } from '../identity/services.ts'
import { answeredMail } from './mails.ts'
import {
  insertMessage,
  isFirstUnreadAnswer,
  type MessageKey,
  type MessageRow,
  markRead,
  messagesByKeys,
  type ThreadKey,
  threadsByKeys,
} from './queries.ts'

/** What tells people of an answer. */
export interface Post {
  readonly auth: AuthDatabase
  readonly services: { readonly identity: IdentityServices; readonly publicUrl: string }
}

/** Answers a thread; a mail tells its person, unless one did within the hour. NOT_FOUND for whoever is not of support. */
export async function replyToThread(
  tx: Transaction,
  staffId: UserId,
  { ownerId, content }: ThreadKey & { readonly content: string },
  { auth, services }: Post,
): Promise<MessageRow> {
  await requireThread(tx, staffId, { ownerId })
  const message = await insertMessage(tx, { ownerId, author: 'support', authorId: staffId, content })
  if (await isFirstUnreadAnswer(tx, message)) {
    tx.afterCommit(() =>
      mailPerson(auth, services.identity, ownerId, (reader) => answeredMail(reader, services.publicUrl)),
    )
  }
  return message
}

/**
 * Marks what a person wrote as read, up to a message of their thread: of another one it is BAD_USER_INPUT, reason INVALID_ID.
 * NOT_FOUND for whoever is not of support.
 */
export async function markThreadRead(
  tx: Transaction,
  staffId: UserId,
  thread: ThreadKey,
  upTo: MessageKey,
): Promise<void> {
  await requireThread(tx, staffId, thread)
  if (upTo.ownerId !== thread.ownerId) {
    throw badUserInput('The message is of another thread.', { reason: 'INVALID_ID', field: 'input.upTo' })
  }
  await markReadUpTo(tx, staffId, upTo, 'user')
}

/** Marks what one side wrote as read, up to a message that the reader sees. NOT_FOUND. */
export async function markReadUpTo(tx: Transaction, readerId: UserId, upTo: MessageKey, author: MessageAuthor) {
  const [message] = await messagesByKeys(tx, readerId, [upTo])
  if (!message) throw notFound('There is no such message.', { field: 'input.upTo' })
  await markRead(tx, upTo, author)
}

async function requireThread(tx: Transaction, staffId: UserId, { ownerId }: ThreadKey): Promise<void> {
  const [thread] = await threadsByKeys(tx, staffId, [{ ownerId }])
  if (!thread) throw notFound('There is no such thread.', { field: 'input.threadId' })
}
