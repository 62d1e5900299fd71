import type { ReflectionType } from '../../generated/database.ts'
import { badUserInput, conflict } from '../../platform/graphql/errors.ts'

/** What somebody wants to write down; `date` null is their today. */
export interface WriteRequest {
  readonly date: string | null
  readonly type: ReflectionType
  readonly message: string
  readonly expectedVersion: number | null
}

/** The day that is written about, and what stands there; null: nothing, or what was deleted. */
export interface JournalDay {
  readonly date: string
  readonly latestDate: string
  readonly written: { readonly version: number; readonly message: string } | null
}

export type WriteStatus = 'CREATED' | 'UPDATED' | 'UNCHANGED'

/** A reflection as its owner sees it. */
export interface ReflectionRow {
  readonly ownerId: string
  readonly reflectionId: string
  readonly date: string
  readonly type: ReflectionType
  readonly message: string
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}

export interface Written {
  readonly status: WriteStatus
  readonly reflection: ReflectionRow
}

export const longestReflection = 20_000

const earliestDate = '1900-01-01'

/** DAY-5 What writing comes to. Throws BAD_USER_INPUT, DATE_OUT_OF_RANGE, or CONFLICT, STALE_VERSION. */
export function decideWrite({ message, expectedVersion }: WriteRequest, day: JournalDay): WriteStatus {
  const { date, latestDate, written } = day
  if (date < earliestDate || date > latestDate) {
    throw badUserInput(`You can write about days from ${earliestDate} to ${latestDate}.`, {
      reason: 'DATE_OUT_OF_RANGE',
      field: 'input.date',
      earliestDate,
      latestDate,
    })
  }
  checkVersion(expectedVersion, written?.version ?? 0)
  if (!written) return 'CREATED'
  return written.message === message ? 'UNCHANGED' : 'UPDATED'
}

/** ENT-8 CONFLICT, STALE_VERSION unless the version is the expected one, or none is; 0: there is nothing. */
export function checkVersion(expectedVersion: number | null, currentVersion: number): void {
  if (expectedVersion === null || expectedVersion === currentVersion) return
  throw conflict('It was changed since you read it. Look at it again before you overwrite it.', {
    reason: 'STALE_VERSION',
    field: 'input.expectedVersion',
    currentVersion,
  })
}
