import type { Database } from '../../platform/database/types.ts'
import { unavailable } from '../../platform/graphql/errors.ts'
import type { Seals } from '../../platform/sealed-values.ts'
import { resealResource, sealedResources } from './queries/sealed.ts'
import type { Content, ResourceRow } from './rules.ts'

interface Key {
  readonly ownerId: string
  readonly resourceId: string
}

const placeOf = ({ ownerId, resourceId }: Key) => `resources ${ownerId} ${resourceId}`

export function sealedContent({ description, metadata }: Content, key: Key, seals: Seals): string {
  return seals.seal(JSON.stringify({ description, metadata }), placeOf(key))
}

/** Description and metadata, opened where they are sealed. UNAVAILABLE when no key that is kept opens them. */
export function contentOf(row: ResourceRow, seals: Seals): Content {
  if (row.ciphertext === null) return { description: row.description, metadata: row.metadata }
  const content = openedContent(row.ciphertext, row, seals)
  if (content === null) {
    throw unavailable('What is sealed here can’t be opened: the key that sealed it is not among those that are kept.')
  }
  return content
}

/** What a cipher text of this resource holds; null when no key that is kept opens it. */
export function openedContent(ciphertext: string, key: Key, seals: Seals): Content | null {
  const text = seals.open(ciphertext, placeOf(key))
  return text === null ? null : JSON.parse(text)
}

/**
 * Seals anew what an older key sealed: after a rotation, and long before that key is removed. Answers how many. What nobody can open is
 * left as it is.
 */
export async function resealResources(worker: Database, seals: Seals): Promise<number> {
  let resealed = 0
  for (let after = { ownerId: '0', resourceId: '0' }; ; ) {
    const rows = await sealedResources(worker, after)
    for (const row of rows.filter(({ ciphertext }) => !seals.isCurrent(ciphertext))) {
      const text = seals.open(row.ciphertext, placeOf(row))
      if (text === null) continue
      await resealResource(worker, row, seals.seal(text, placeOf(row)))
      resealed += 1
    }
    const last = rows.at(-1)
    if (!last) return resealed
    after = last
  }
}
