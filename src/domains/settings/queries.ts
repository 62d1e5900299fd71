import { type InferResult, sql } from 'kysely'
import { anyOf } from '../../platform/database/any-of.ts'
import { keysetPage } from '../../platform/database/keyset.ts'
import type { Page } from '../../platform/database/page.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import type { SettingPage, SettingRow, UserSettingRow } from './rules.ts'

export type { SettingRow, UserSettingRow } from './rules.ts'

const ownColumns = [
  'user_settings.key',
  'user_settings.value',
  'user_settings.version',
  'user_settings.created_at as createdAt',
  'user_settings.updated_at as updatedAt',
] as const

const versionColumns = ['setting.version', 'setting.updated_at as serviceUpdatedAt'] as const
const serviceColumns = [
  ...versionColumns,
  'setting.value as defaultValue',
  sql<Record<string, unknown> | null>`setting.json_schema`.as('jsonSchema'),
  'setting.description',
  'setting.is_public as isPublic',
] as const
const ownValueColumns = [
  'own.value as ownValue',
  'own.version as ownVersion',
  'own.created_at as createdAt',
  'own.updated_at as updatedAt',
] as const

/** SET-1 Theirs, else that of the service, as far as the viewer is told; of each key that has either. */
export async function settingsByKeys(
  db: Database,
  viewerId: UserId,
  keys: readonly string[],
): Promise<readonly SettingRow[]> {
  const rows = await eitherByKeys(db, viewerId, keys).select(serviceColumns).execute()
  return rows.map((row) => settingOf(row, row))
}

/** Of the same keys the viewer's own values, and which version the service has: its value is not read. */
export function versionedSettingsByKeys(db: Database, viewerId: UserId, keys: readonly string[]) {
  return eitherByKeys(db, viewerId, keys).select(versionColumns).execute()
}

function eitherByKeys(db: Database, viewerId: UserId, keys: readonly string[]) {
  return db
    .selectFrom(sql<{ key: string }>`unnest(${keys}::text[])`.as<'wanted'>(sql`wanted (key)`))
    .leftJoin('settings as setting', 'setting.key', 'wanted.key')
    .leftJoin('user_settings as own', (join) =>
      join.onRef('own.key', '=', 'wanted.key').on('own.user_id', '=', viewerId).on('own.deleted_at', 'is', null),
    )
    .where((condition) =>
      condition.or([condition('setting.key', 'is not', null), condition('own.key', 'is not', null)]),
    )
    .select(['wanted.key', ...ownValueColumns])
}

/** Those of the service by their keys, as far as the viewer is told. */
export function serviceSettingsByKeys(db: Database, keys: readonly string[]) {
  return db
    .selectFrom('settings as setting')
    .where('setting.key', '=', anyOf(keys, 'text'))
    .select(['setting.key', ...serviceColumns])
    .execute()
}

export type ServiceSettingRow = Awaited<ReturnType<typeof serviceSettingsByKeys>>[number]
type OwnColumns = Awaited<ReturnType<typeof versionedSettingsByKeys>>[number]

/** A page of the settings of the service that the viewer is told of, 1..100, by their keys. */
export async function settingsPage(
  db: Database,
  viewerId: UserId,
  place: { readonly first: number; readonly after: string | null },
): Promise<SettingPage> {
  const rows = db
    .selectFrom('settings as setting')
    .leftJoin('user_settings as own', (join) =>
      join.onRef('own.key', '=', 'setting.key').on('own.user_id', '=', viewerId).on('own.deleted_at', 'is', null),
    )
    .select(['setting.key', ...serviceColumns, ...ownValueColumns])
  const order = [{ column: sql`setting.key collate "C"` }]
  const page = await keysetPage(db, rows, { ...place, order, scope: ['settings', viewerId] })
  return { ...page, rows: page.rows.map((row) => settingOf(row, row)) }
}

/** What the viewer has of a key: their own, and what the service has, as far as they are told. */
export function settingOf(
  { key, ownValue, ownVersion, createdAt, updatedAt }: Omit<OwnColumns, 'version' | 'serviceUpdatedAt'>,
  service: { readonly [Name in keyof Omit<ServiceSettingRow, 'key'>]: ServiceSettingRow[Name] | null } | null,
): SettingRow {
  const own =
    ownVersion === null || createdAt === null || updatedAt === null
      ? null
      : { key, value: ownValue, version: ownVersion, createdAt, updatedAt }
  const { defaultValue = null, jsonSchema = null, description = null, isPublic = null, version = null } = service ?? {}
  return { key, value: own ? own.value : defaultValue, defaultValue, jsonSchema, description, isPublic, version, own }
}

/** The viewer's own settings, by their keys; at most 200. */
export function ownSettings(db: Database, viewerId: UserId): Promise<UserSettingRow[]> {
  return db
    .selectFrom('user_settings')
    .where('user_id', '=', viewerId)
    .where('deleted_at', 'is', null)
    .select(ownColumns)
    .orderBy(sql`key collate "C"`)
    .execute()
}

/** A version of a setting of the service, for administrators. */
function versionsOf(db: Database, key: string) {
  return db
    .selectFrom('setting_history')
    .where('key', '=', key)
    .select([
      'version',
      'value',
      sql<Record<string, unknown> | null>`json_schema`.as('jsonSchema'),
      'is_public as isPublic',
      'description',
      'changed_by_user_id as changedBy',
      'changed_at as changedAt',
    ])
}

export type SettingChangeRow = InferResult<ReturnType<typeof versionsOf>>[number]
export type SettingChangePage = Page<SettingChangeRow>

/** A page of the versions of a setting, 1..100, the latest first. */
export function versionsPage(
  db: Database,
  key: string,
  { first, after }: { first: number; after: string | null },
): Promise<SettingChangePage> {
  const order = [{ column: 'setting_history.version', direction: 'desc' as const }]
  return keysetPage(db, versionsOf(db, key), { order, first, after, scope: ['settingVersions', key] })
}

/** What there is of a key for everybody, held until the transaction ends: two who write the first value come one after the other. */
export async function holdSetting(db: Database, key: string) {
  await sql`select pg_advisory_xact_lock(hashtextextended('kitaab.settings ' || ${key}, 0))`.execute(db)
  return db
    .selectFrom('settings')
    .where('key', '=', key)
    .select([
      'version',
      sql<Record<string, unknown> | null>`json_schema`.as('jsonSchema'),
      'is_public as isPublic',
      'description',
    ])
    .executeTakeFirst()
}

export interface WrittenSetting {
  readonly key: string
  readonly value: unknown
  readonly jsonSchema: Readonly<Record<string, unknown>> | null
  readonly isPublic: boolean
  readonly description: string | null
}

export async function upsertSetting(db: Database, setting: WrittenSetting): Promise<void> {
  const { key, value, jsonSchema, isPublic, description } = setting
  await sql`
    insert into settings (key, value, json_schema, is_public, description)
    values (${key}, ${JSON.stringify(value)}::jsonb, ${jsonSchema && JSON.stringify(jsonSchema)}::jsonb, ${isPublic}, ${description})
    on conflict (key) do update set value = excluded.value, json_schema = excluded.json_schema,
      is_public = excluded.is_public, description = excluded.description`.execute(db)
}

/** What the viewer has of a key, and the schema that they are told of. Held until the transaction ends. */
export async function holdUserSetting(db: Database, ownerId: UserId, key: string) {
  await sql`select lock_owner(${ownerId})`.execute(db)
  const [setting] = await settingsByKeys(db, ownerId, [key])
  return { jsonSchema: setting?.jsonSchema ?? null, own: setting?.own ?? null }
}

/** Sets a value, over what is there or was deleted. */
export async function upsertUserSetting(
  db: Database,
  ownerId: UserId,
  { key, value }: { readonly key: string; readonly value: unknown },
): Promise<UserSettingRow> {
  const { rows } = await sql<UserSettingRow>`
    insert into user_settings (user_id, key, value) values (${ownerId}, ${key}, ${JSON.stringify(value)}::jsonb)
    on conflict (user_id, key) do update set value = excluded.value, deleted_at = null
    returning key, value, version, created_at as "createdAt", updated_at as "updatedAt"`.execute(db)
  const [row] = rows
  if (!row) throw new Error('An upsert answers its row.')
  return row
}

export async function deleteUserSettingRow(db: Database, ownerId: UserId, key: string): Promise<void> {
  await db
    .updateTable('user_settings')
    .where('user_id', '=', ownerId)
    .where('key', '=', key)
    .set({ deleted_at: sql<string>`now()` })
    .execute()
}
