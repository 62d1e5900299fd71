import type { Loaders } from './loaders.ts'
import type { AuthDatabase } from './platform/database/auth-database.ts'
import type { Database, UserId } from './platform/database/types.ts'
import type { RunTransaction, ViewerDatabase } from './platform/database/viewer-database.ts'
import type { Cookies } from './platform/graphql/caller.ts'
import type { Viewer } from './platform/viewer.ts'
import type { Services } from './services.ts'

/** What every resolver gets. Made anew for each request; nothing in it outlives the answer. */
export interface Context {
  viewer: Viewer | null
  /** Reads as the viewer. Another owner's rows appear only through `db.reading([ownerId])`. */
  db: ViewerDatabase
  /** Writes as the viewer, in one transaction; afterwards `loaders` are fresh. */
  transaction: RunTransaction
  /** For `identity` before there is a viewer; no other domain touches it. */
  auth: AuthDatabase
  /** For `analytics`: numbers about many people, read as `kitaab_readonly`; no other domain touches it. */
  reporting: Database
  loaders: Loaders
  services: Services
  requestId: string
  ip: string
  userAgent: string | null
  /** Of a browser; sent by the server they are HTTP-only, Secure and for this host alone. */
  cookies: Cookies
  /** Aborted when the request took too long, or its client left. */
  signal: AbortSignal
  /**
   * From here on the request reads as this person, what the viewer shares with them and nothing else: `viewer`, `db` and `loaders` are
   * theirs, and nothing is written. Only for a document that asks nothing beside; the right to look is checked before.
   */
  lookAs(this: Context, viewerId: UserId): void
}
