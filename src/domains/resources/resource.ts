import type { Database } from '../../platform/database/types.ts'
import { notFound } from '../../platform/graphql/errors.ts'
import type { Seals } from '../../platform/sealed-values.ts'
import {
  holdResource,
  insertResource,
  markDeleted,
  type ResourceKey,
  type ResourceRow,
  type StoredDraft,
  takeResourceId,
  updateResourceRow,
} from './queries.ts'
import { checkVersion, type ResourceDraft } from './rules.ts'
import { contentOf, sealedContent } from './sealing.ts'

/** RES-1 Makes a resource; of a sensitive one the content is sealed before it reaches the database. */
export async function createResource(
  tx: Database,
  ownerId: string,
  draft: ResourceDraft,
  seals: Seals,
): Promise<ResourceRow> {
  const key = { ownerId, resourceId: await takeResourceId(tx) }
  return insertResource(tx, key, stored(draft, key, seals))
}

/** Changes what is given. What comes to the same as before is not sealed anew, and is no change. */
export async function updateResource(
  tx: Database,
  key: ResourceKey,
  { changes, expectedVersion }: { changes: Partial<ResourceDraft>; expectedVersion: number | null },
  seals: Seals,
): Promise<ResourceRow> {
  const row = await held(tx, key)
  checkVersion(expectedVersion, row.version)
  const { type, name, status, isSensitive } = row
  const before: ResourceDraft = { type, name, status, isSensitive, ...contentOf(row, seals) }
  const after: ResourceDraft = { ...before, ...changes }
  if (isSame(before, after)) return row
  return updateResourceRow(tx, key, stored(after, key, seals))
}

function isSame(before: ResourceDraft, after: ResourceDraft): boolean {
  return (Object.keys(after) as (keyof ResourceDraft)[]).every(
    (name) => JSON.stringify(before[name]) === JSON.stringify(after[name]),
  )
}

function stored(draft: ResourceDraft, key: ResourceKey, seals: Seals): StoredDraft {
  return { ...draft, ciphertext: draft.isSensitive ? sealedContent(draft, key, seals) : null }
}

export async function deleteResource(
  tx: Database,
  key: ResourceKey,
  expectedVersion: number | null,
): Promise<ResourceRow> {
  const row = await held(tx, key)
  checkVersion(expectedVersion, row.version)
  return markDeleted(tx, key, true)
}

export async function restoreResource(tx: Database, key: ResourceKey): Promise<ResourceRow> {
  await held(tx, key, { isDeleted: true })
  return markDeleted(tx, key, false)
}

async function held(tx: Database, key: ResourceKey, options = {}): Promise<ResourceRow> {
  const row = await holdResource(tx, key, options)
  if (!row) throw notFound('There is no such resource.', { field: 'input.resourceId' })
  return row
}
