import type { ViewerDatabase } from './platform/database/viewer-database.ts'
import type { Viewer } from './platform/viewer.ts'

/** All batched reads of a request, each domain's beside the others'. */
export function makeLoaders(_db: ViewerDatabase, _viewer: Viewer | null) {
  return {}
}

export type Loaders = ReturnType<typeof makeLoaders>
