import type { Page } from '../../platform/database/page.ts'
import { badUserInput, conflict } from '../../platform/graphql/errors.ts'
import type { AdminUserRow } from '../administration/queries/accounts.ts'

/** A setting as a viewer has it: their own value, else that of the service, as far as they are told. */
export interface SettingRow {
  readonly key: string
  readonly value: unknown
  readonly defaultValue: unknown
  readonly jsonSchema: Record<string, unknown> | null
  readonly description: string | null
  readonly isPublic: boolean | null
  readonly version: number | null
  readonly own: UserSettingRow | null
}

export type SettingPage = Page<SettingRow>

/** A setting of a person's own. */
export interface UserSettingRow {
  readonly key: string
  readonly value: unknown
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}

/** A version of a setting of the service, with who made it as far as they are there. */
export interface ShownChange {
  readonly version: number
  readonly value: unknown
  readonly jsonSchema: Record<string, unknown> | null
  readonly isPublic: boolean
  readonly description: string | null
  readonly changedBy: AdminUserRow | null
  readonly changedAt: string
}
export type ShownChangePage = Page<ShownChange>

export const longestDescription = 2_000

const key = /^[a-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/
const longestKey = 100

/** The key, or BAD_USER_INPUT, INVALID_TEXT. */
export function settingKey(text: string, field: string): string {
  if (text.length <= longestKey && key.test(text)) return text
  throw badUserInput(
    `A key has 1..${longestKey} characters: words of letters, digits, - and _ with dots between them, the first in lower case, such as \`journal.prompts\`.`,
    { reason: 'INVALID_TEXT', field },
  )
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
