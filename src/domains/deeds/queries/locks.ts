import { sql } from 'kysely'
import type { Database, UserId } from '../../../platform/database/types.ts'
import { conflict } from '../../../platform/graphql/errors.ts'

/**
 * TREE-2 Until the transaction ends nobody else changes this owner's deeds, items or entries. What is read after it, in
 * a later statement, includes all that was committed before. For the owner themself, or whoever acts as them.
 */
export async function lockOwner(tx: Database, ownerId: UserId): Promise<void> {
  await sql`select lock_owner(${ownerId})`.execute(tx)
}

/** ENT-8 CONFLICT, STALE_VERSION with `currentVersion` unless nothing, or the current version, was expected. */
export function checkVersion(current: number, expected: number | null | undefined): void {
  if (expected == null || expected === current) return
  const message = 'It was changed in the meantime: read it again, and decide anew.'
  throw conflict(message, { reason: 'STALE_VERSION', field: 'input.expectedVersion', currentVersion: current })
}
