import type { InferResult } from 'kysely'
import { sql } from 'kysely'
import type { SearchKind } from '../../generated/database.ts'
import { keysetPage } from '../../platform/database/keyset.ts'
import type { Page } from '../../platform/database/page.ts'
import type { Database, UserId } from '../../platform/database/types.ts'

/** What is asked: a text that `searchText` checked, in these kinds. */
export interface Wanted {
  readonly text: string
  readonly kinds: readonly SearchKind[]
}

/**
 * Where the text is found: keys and ranks, no texts. The database's function knows what the viewer may see (SHA-6, SHA-8);
 * what a key stands for is then read as the viewer.
 */
export function documentsFound(db: Database, { text, kinds }: Wanted) {
  const found = sql<Found>`find_documents(${text}, ${kinds}::search_kind[])`.as<'found'>(sql.ref('found'))
  return db
    .selectFrom(found)
    .select([
      'found.owner_id as ownerId',
      'found.kind',
      'found.object_id as objectId',
      sql<string>`found.on_date`.as('date'),
      'found.rank',
    ])
}

interface Found {
  owner_id: UserId
  kind: SearchKind
  object_id: string
  on_date: string
  rank: number
}

export type FoundDocument = InferResult<ReturnType<typeof documentsFound>>[number]

/** A page of what is found, 1..100: the best first, then the latest. */
export function pageOfFound(
  db: Database,
  viewerId: UserId,
  wanted: Wanted,
  { first, after }: { readonly first: number; readonly after: string | null | undefined },
): Promise<Page<FoundDocument>> {
  const columns = ['found.rank', 'found.on_date', 'found.kind', 'found.owner_id', 'found.object_id']
  return keysetPage(db, documentsFound(db, wanted), {
    order: columns.map((column) => ({ column, direction: 'desc' as const })),
    first,
    after,
    scope: ['search', viewerId, wanted],
  })
}

/** Those of these words that the search is about: what to highlight. No word holds a line feed. */
export async function wordsMeant(db: Database, text: string, words: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ meant: string[] }>`select search_matches(${words}::text[], ${text}) as meant`.execute(db)
  return new Set(rows[0]?.meant)
}
