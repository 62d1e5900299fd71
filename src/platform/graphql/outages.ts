import type { GraphQLError } from 'graphql'
import { ObjectsUnavailable } from '../objects/objects.ts'
import { unavailable } from './errors.ts'

/** What the system says when a disk, or this user's share of it, is full, and what PostgreSQL says. */
const fullDisk = new Set<unknown>(['ENOSPC', 'EDQUOT', '53100'])
/** Seconds: somebody must do something first. */
const patience = 60

/**
 * What the caller is told of a failure that is neither the caller's fault nor a defect, but for whoever runs the service to mend; it is
 * to be logged all the same. Null: it is something else.
 */
export function outageOf(error: unknown): GraphQLError | null {
  if (typeof error !== 'object' || error === null) return null
  const { code, originalError, cause } = error as { code?: unknown; originalError?: unknown; cause?: unknown }
  if (fullDisk.has(code)) return diskFull()
  if (error instanceof ObjectsUnavailable) return filesUnavailable()
  return outageOf(originalError ?? cause)
}

function diskFull() {
  return unavailable(
    'A disk of the server is full, so this was not done. Whoever runs the service must make room; then send it again.',
    { reason: 'DISK_FULL', retryAfter: patience },
  )
}

function filesUnavailable() {
  return unavailable(
    'Files can be neither read nor written right now, so this was not done. Send it again later; if that lasts, tell whoever runs the service.',
    { reason: 'FILES_UNAVAILABLE', retryAfter: patience },
  )
}
