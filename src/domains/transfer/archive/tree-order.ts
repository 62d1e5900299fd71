import { UnreadableExport } from '../import-plan.ts'
import type { ReadRow } from './store-rows.ts'

const deepest = 10

/** TREE-1 Items level by level: each behind its parent. Throws `UnreadableExport` when one is below itself, or too deep. */
export function itemsByLevel(items: readonly ReadRow[]): ReadRow[][] {
  const children = Map.groupBy(items, ({ row }) => row.parent as number | null)
  const levels: ReadRow[][] = []
  let placed = 0
  for (
    let level = children.get(null) ?? [];
    level.length > 0;
    level = level.flatMap(({ row }) => children.get(Number(row.number)) ?? [])
  ) {
    if (levels.length === deepest)
      throw problem(level[0], `is below ${deepest} others, and a tree has ${deepest} levels`)
    levels.push(level)
    placed += level.length
  }
  if (placed < items.length) {
    const reached = new Set(levels.flat())
    throw problem(
      items.find((item) => !reached.has(item)),
      'is below itself',
    )
  }
  return levels
}

function problem(item: ReadRow | undefined, what: string): UnreadableExport {
  return new UnreadableExport(`items.jsonl, line ${item?.number}: ${what}. Nothing was imported.`)
}
