import { sql } from 'kysely'
import type { UploadPurpose } from '../../generated/database.ts'
import type { Database, UserId } from '../../platform/database/types.ts'

export interface UploadRow {
  readonly ownerId: UserId
  readonly uploadId: string
  readonly fileName: string
  readonly purpose: UploadPurpose
  readonly expiresAt: string
  readonly storedAt: string | null
}

const columns = [
  'user_id as ownerId',
  'upload_id as uploadId',
  'file_name as fileName',
  'purpose',
  'expires_at as expiresAt',
  'stored_at as storedAt',
] as const

export function insertUpload(
  tx: Database,
  { userId, fileName, purpose }: Pick<UploadRow, 'fileName' | 'purpose'> & { userId: UserId },
): Promise<UploadRow> {
  return tx
    .insertInto('uploads')
    .values({ user_id: userId, file_name: fileName, purpose })
    .returning(columns)
    .executeTakeFirstOrThrow()
}

/** How many of somebody's, for one purpose, are not removed yet. */
export async function uploadCount(tx: Database, userId: UserId, purpose: UploadPurpose): Promise<number> {
  const { count } = await tx
    .selectFrom('uploads')
    .where('user_id', '=', userId)
    .where('purpose', '=', purpose)
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

export interface UploadKey {
  readonly userId: UserId
  readonly uploadId: string
}

/** Null: there is none, or it is for something else. */
export async function uploadByKey(
  db: Database,
  { userId, uploadId }: UploadKey,
  purpose: UploadPurpose,
): Promise<UploadRow | null> {
  const row = await db
    .selectFrom('uploads')
    .where('user_id', '=', userId)
    .where('upload_id', '=', uploadId)
    .where('purpose', '=', purpose)
    .select(columns)
    .executeTakeFirst()
  return row ?? null
}

/** Keeps the address for one sender, and answers what it is for. Null: another one has it, or it is over. */
export async function claimUpload(tx: Database, key: UploadKey): Promise<UploadPurpose | null> {
  const row = await ofUpload(tx, key)
    .where('claimed_at', 'is', null)
    .where('expires_at', '>', sql<string>`now()`)
    .set({ claimed_at: sql<string>`now()` })
    .returning('purpose')
    .executeTakeFirst()
  return row?.purpose ?? null
}

/** What came in broke off: the address is free again. */
export async function freeUpload(tx: Database, key: UploadKey): Promise<void> {
  await ofUpload(tx, key).where('stored_at', 'is', null).set({ claimed_at: null }).execute()
}

export async function completeUpload(tx: Database, key: UploadKey, bytes: number): Promise<void> {
  await ofUpload(tx, key)
    .set({ stored_at: sql<string>`now()`, bytes: String(bytes) })
    .execute()
}

function ofUpload(tx: Database, { userId, uploadId }: UploadKey) {
  return tx.updateTable('uploads').where('user_id', '=', userId).where('upload_id', '=', uploadId)
}

export async function deleteUpload(worker: Database, { userId, uploadId }: UploadKey): Promise<void> {
  await worker.deleteFrom('uploads').where('user_id', '=', userId).where('upload_id', '=', uploadId).execute()
}

/** Those that were asked for before an instant, at most 1,000. */
export function oldUploads(worker: Database, before: Date): Promise<UploadKey[]> {
  return worker
    .selectFrom('uploads')
    .where('created_at', '<', before.toISOString())
    .select(['user_id as userId', 'upload_id as uploadId'])
    .limit(1_000)
    .execute()
}
