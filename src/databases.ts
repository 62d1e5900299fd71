import { constraintErrors } from './constraint-errors.ts'
import { settleAfterEntries, settleAfterTrees } from './domains/progress/evaluator.ts'
import { type Databases, type DatabasesOptions, makeViewerDatabases } from './platform/database/databases.ts'
import { makeListeners } from './platform/database/listeners.ts'

/** The database with all that the domains do about each other's changes, for the service and for commands that write. */
export function makeDomainDatabases(options: Omit<DatabasesOptions, 'listeners' | 'constraintErrors'>): Databases {
  const listeners = makeListeners()
  listeners.on('entriesChanged', settleAfterEntries)
  listeners.on('treesChanged', settleAfterTrees)
  return makeViewerDatabases({ ...options, listeners, constraintErrors })
}
