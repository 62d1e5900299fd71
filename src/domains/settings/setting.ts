import type { Database, UserId } from '../../platform/database/types.ts'
import { notFound } from '../../platform/graphql/errors.ts'
import { checkAgainst, checkedSchema, type JsonSchema } from './json-schemas.ts'
import {
  deleteUserSettingRow,
  holdSetting,
  holdUserSetting,
  type UserSettingRow,
  upsertSetting,
  upsertUserSetting,
} from './queries.ts'
import { checkVersion } from './rules.ts'

/** What an administrator sets; undefined is left as it is, null is removed. */
export interface SettingRequest {
  readonly key: string
  readonly value: unknown
  readonly jsonSchema: JsonSchema | null | undefined
  readonly isPublic: boolean | undefined
  readonly description: string | null | undefined
  readonly expectedVersion: number | null
}

/** SET-1 Sets the value of the service for a key. */
export async function setSetting(tx: Database, request: SettingRequest): Promise<void> {
  const { key, value, expectedVersion } = request
  const held = await holdSetting(tx, key)
  checkVersion(expectedVersion, held?.version ?? 0)
  const { jsonSchema = held?.jsonSchema ?? null, isPublic = held?.isPublic ?? false } = request
  const { description = held?.description ?? null } = request
  if (request.jsonSchema) checkedSchema(request.jsonSchema, 'input.jsonSchema')
  checkAgainst(jsonSchema, value, 'input.value')
  await upsertSetting(tx, { key, value, jsonSchema, isPublic, description })
}

export interface UserSettingRequest {
  readonly key: string
  readonly value: unknown
  readonly expectedVersion: number | null
}

/** SET-1 Sets the viewer's own value for a key. It fits the schema of the service's, where the viewer is told of one. */
export async function setUserSetting(
  tx: Database,
  ownerId: UserId,
  { key, value, expectedVersion }: UserSettingRequest,
): Promise<UserSettingRow> {
  const { jsonSchema, own } = await holdUserSetting(tx, ownerId, key)
  checkVersion(expectedVersion, own?.version ?? 0)
  checkAgainst(jsonSchema, value, 'input.value')
  return upsertUserSetting(tx, ownerId, { key, value })
}

/** Deletes the viewer's own value: that of the service holds again. NOT_FOUND when there is none. */
export async function deleteUserSetting(
  tx: Database,
  ownerId: UserId,
  { key, expectedVersion }: Omit<UserSettingRequest, 'value'>,
): Promise<void> {
  const { own } = await holdUserSetting(tx, ownerId, key)
  if (!own) throw notFound('You have no setting with this key.', { field: 'input.key' })
  checkVersion(expectedVersion, own.version)
  await deleteUserSettingRow(tx, ownerId, key)
}
