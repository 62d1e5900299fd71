import type { ResourceStatus } from '../../generated/database.ts'
import { badUserInput, conflict } from '../../platform/graphql/errors.ts'

export type Metadata = Readonly<Record<string, unknown>>

/** A resource as it is stored; of a sensitive one description and metadata are in the cipher text alone. */
export interface ResourceRow {
  readonly ownerId: string
  readonly resourceId: string
  readonly type: string
  readonly name: string
  readonly description: string | null
  readonly metadata: Metadata
  readonly status: ResourceStatus
  readonly isSensitive: boolean
  readonly ciphertext: string | null
  /** The name of the key that sealed it. */
  readonly keyId: string | null
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
  readonly deletedAt: string | null
}

/** What of a resource is sealed when it is sensitive. */
export interface Content {
  readonly description: string | null
  readonly metadata: Metadata
}

/** What a person says of a resource. */
export interface ResourceDraft extends Content {
  readonly type: string
  readonly name: string
  readonly status: ResourceStatus
  readonly isSensitive: boolean
}

export const longest = { type: 50, name: 255, description: 10_000, text: 200, pathPart: 200 } as const
const mostLevels = 8

/** What metadata hold that have this value at this path. BAD_USER_INPUT, OUT_OF_RANGE, INVALID_TEXT. */
export function wantedMetadata(path: readonly string[], value: unknown, field = 'filter.metadata.path'): Metadata {
  if (path.length < 1 || path.length > mostLevels) {
    throw badUserInput(`A path has 1..${mostLevels} parts, the names on the way to the value.`, {
      reason: 'OUT_OF_RANGE',
      field,
    })
  }
  if (path.some((part) => part.length > longest.pathPart || part.includes('\u0000') || !part.isWellFormed())) {
    throw badUserInput(`A part of a path has at most ${longest.pathPart} characters that can be stored.`, {
      reason: 'INVALID_TEXT',
      field,
    })
  }
  return path.reduceRight<unknown>((inner, part) => Object.fromEntries([[part, inner]]), value) as Metadata
}

/** ENT-8 CONFLICT, STALE_VERSION unless the version is the expected one, or none is. */
export function checkVersion(expectedVersion: number | null, currentVersion: number): void {
  if (expectedVersion === null || expectedVersion === currentVersion) return
  throw conflict('It was changed since you read it. Look at it again before you overwrite it.', {
    reason: 'STALE_VERSION',
    field: 'input.expectedVersion',
    currentVersion,
  })
}
