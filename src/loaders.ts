import type { Viewer } from './context.ts'
import type { ViewerDatabase } from './platform/database/viewer-database.ts'

/** All batched reads of a request, each domain's beside the others'. */
export function makeLoaders(_db: ViewerDatabase, _viewer: Viewer | null) {
  return {}
}

export type Loaders = ReturnType<typeof makeLoaders>
