import type { UserId } from '../../../platform/database/types.ts'
import type { Seals } from '../../../platform/sealed-values.ts'
import { openedContent, sealedContent } from '../../resources/sealing.ts'
import type { Column, Values } from '../queries/archive/insert.ts'
import type { ArchiveRow } from '../queries/archive/select.ts'

/** Whose resources they are, and what seals them. */
export interface Sealing {
  readonly ownerId: UserId
  readonly seals: Seals
}

/** A resource as its owner wrote it. What no key opens any more has neither description nor metadata. */
export function openedResource(row: ArchiveRow, { ownerId, seals }: Sealing): ArchiveRow {
  const { resourceId, ciphertext, ...told } = row
  if (ciphertext === null) return told
  const content = openedContent(String(ciphertext), { ownerId, resourceId: String(resourceId) }, seals)
  return { ...told, description: content?.description ?? null, metadata: content?.metadata ?? null }
}

export const sealedColumns: readonly Column[] = [
  { name: 'resource_id', type: 'bigint' },
  { name: 'ciphertext', type: 'text' },
  { name: 'key_id', type: 'text' },
]

/** What is stored of a resource that an archive tells of: of a sensitive one the content, sealed for its new place. */
export function sealedValues(row: ArchiveRow, resourceId: string, { ownerId, seals }: Sealing): Values {
  const metadata = (row.metadata ?? {}) as Readonly<Record<string, unknown>>
  if (row.isSensitive !== true) return { resource_id: resourceId, metadata }
  const content = { description: row.description as string | null, metadata }
  const ciphertext = sealedContent(content, { ownerId, resourceId }, seals)
  const keyId = ciphertext.split('.')[1]
  return { resource_id: resourceId, ciphertext, key_id: keyId, description: null, metadata: {} }
}
