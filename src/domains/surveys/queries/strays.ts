import { sql } from 'kysely'
import type { Database } from '../../../platform/database/types.ts'

/**
 * As `kitaab_worker`: of these objects those that no scan names in this tier, deleted scans among them. Whoever has points on their way, in
 * or between the tiers, is left out: what these write is named only in the end.
 */
export async function unnamedObjects(
  worker: Database,
  tier: 'hot' | 'cold',
  objects: readonly { readonly ownerId: string; readonly key: string }[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select object.key
    from unnest(${objects.map(({ ownerId }) => ownerId)}::bigint[], ${objects.map(({ key }) => key)}::text[]) as object (owner_id, key)
    where not exists (
      select from lidar_scans as scan
      where scan.user_id = object.owner_id and scan.object_key = object.key and scan.storage_tier = ${tier}::storage_tier
    )
    and not exists (
      select from scan_moves as move where move.user_id = object.owner_id and move.status in ('waiting', 'running')
    )
    and not exists (
      select from scan_imports as import where import.user_id = object.owner_id and import.status in ('waiting', 'running')
    )`.execute(worker)
  return rows.map(({ key }) => key)
}

/** As `kitaab_worker`: of these reliefs, kept as `hillshadeObject` says, those of no hillshade. */
export async function unnamedReliefs(
  worker: Database,
  objects: readonly { readonly ownerId: string; readonly key: string }[],
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select object.key
    from unnest(${objects.map(({ ownerId }) => ownerId)}::bigint[], ${objects.map(({ key }) => key)}::text[]) as object (owner_id, key)
    where not exists (
      select from hillshades as shade
      where shade.user_id = object.owner_id and object.key = 'hillshades/' || shade.user_id || '/' || shade.hillshade_id || '.relief'
    )`.execute(worker)
  return rows.map(({ key }) => key)
}
