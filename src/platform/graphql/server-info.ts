import { createHash } from 'node:crypto'
import type { Limits } from './limits.ts'

export interface ServerFacts {
  /** Of the service, as in its package. */
  readonly version: string
  readonly limits: Limits
  /** Whether the browser explorer is served. */
  readonly explorer: boolean
  /** Asks the database; rejects with UNAVAILABLE while it can't be reached. */
  postgresVersion(): Promise<string>
  /** What this server has that others may lack, by the names of the schema's `Feature`. */
  features(): Promise<string[]>
}

/** `Query.serverInfo`: what this server is and allows, the same for everyone. `schemaText` is what is served. */
export function serverInfoResolvers(schemaText: string, facts: ServerFacts) {
  const { postgresVersion, features, ...known } = facts
  const answer = { ...known, schemaHash: createHash('sha256').update(schemaText).digest('hex') }
  return {
    Query: { serverInfo: () => answer },
    ServerInfo: { postgresVersion: () => postgresVersion(), features: () => features() },
  }
}
