import type { Viewer } from '../viewer.ts'
import { notFound, unauthenticated } from './errors.ts'
import { fieldOfId } from './global-ids.ts'

/** The row, or NOT_FOUND where there is none that the viewer may see (SHA-8); `field`: the argument that named it. */
export function found<Row>(row: Row | null | undefined, field?: string): Row {
  if (row === null || row === undefined) throw notFound(undefined, field === undefined ? undefined : { field })
  return row
}

/** The viewer, or UNAUTHENTICATED where nobody is logged in. */
export function someViewer(viewer: Viewer | null): Viewer {
  if (!viewer) throw unauthenticated()
  return viewer
}

/**
 * The key, or NOT_FOUND at the field of its id when it is of somebody else's: only the owner changes it, and whether it is there is
 * nobody's business.
 */
export function ownKey<Key extends { ownerId: string }>(key: Key, viewer: Viewer | null): Key {
  if (key.ownerId === someViewer(viewer).userId) return key
  const field = fieldOfId(key)
  throw notFound(undefined, field === undefined ? undefined : { field })
}
