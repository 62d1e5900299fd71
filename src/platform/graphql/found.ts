import type { Viewer } from '../viewer.ts'
import { notFound, unauthenticated } from './errors.ts'

/** The row, or NOT_FOUND where there is none that the viewer may see (SHA-8). */
export function found<Row>(row: Row | null | undefined): Row {
  if (row === null || row === undefined) throw notFound()
  return row
}

/** The viewer, or UNAUTHENTICATED where nobody is logged in. */
export function someViewer(viewer: Viewer | null): Viewer {
  if (!viewer) throw unauthenticated()
  return viewer
}

/** The key, or NOT_FOUND when it is of somebody else's: only the owner changes it, and whether it is there is nobody's business. */
export function ownKey<Key extends { ownerId: string }>(key: Key, viewer: Viewer | null): Key {
  if (key.ownerId !== someViewer(viewer).userId) throw notFound()
  return key
}
