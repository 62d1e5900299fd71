import type { ResourceStatus } from '../../../generated/database.ts'
import type { Database } from '../../../platform/database/types.ts'
import { insertResource, takeResourceId } from '../../resources/queries.ts'
import { upsertSetting, upsertUserSetting } from '../../settings/queries.ts'
import { actAs } from './queries.ts'

/** A setting of the service, which everybody is told. */
export interface DemoSetting {
  readonly key: string
  readonly value: unknown
  readonly jsonSchema: Readonly<Record<string, unknown>>
  readonly description: string
}

export interface DemoResource {
  readonly type: string
  readonly name: string
  readonly description: string | null
  readonly metadata: Readonly<Record<string, unknown>>
  readonly status: ResourceStatus
}

/** What somebody has besides a diary. */
export interface DemoThings {
  /** By their address. */
  readonly person: string
  readonly settings: readonly { readonly key: string; readonly value: unknown }[]
  readonly resources: readonly DemoResource[]
}

export async function makeSettings(tx: Database, settings: readonly DemoSetting[]): Promise<void> {
  for (const setting of settings) await upsertSetting(tx, { ...setting, isPublic: true })
}

export async function makeThings(tx: Database, ownerId: string, things: DemoThings): Promise<void> {
  await actAs(tx, ownerId)
  for (const setting of things.settings) await upsertUserSetting(tx, ownerId, setting)
  for (const resource of things.resources) {
    const key = { ownerId, resourceId: await takeResourceId(tx) }
    await insertResource(tx, key, { ...resource, isSensitive: false, ciphertext: null })
  }
}
