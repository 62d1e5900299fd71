import type { KeptKind, KeptRows } from '../../platform/cache/kept-rows.ts'
import { onePerKey } from '../../platform/database/batching.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import {
  type ServiceSettingRow,
  type SettingRow,
  serviceSettingsByKeys,
  settingOf,
  settingsByKeys,
  versionedSettingsByKeys,
} from './queries.ts'

export function settingLoaders(db: Database, viewer: Viewer | null, kept: KeptRows | null) {
  const viewerId = viewerIdOf(viewer)
  return {
    /** SET-1 A setting by its key: the viewer's own, else that of the service. */
    setting: onePerKey(
      (keys: readonly string[]) =>
        kept ? settingsWithKept(kept, { db, viewerId, keys }) : settingsByKeys(db, viewerId, keys),
      ({ key }) => key,
    ),
  }
}

const twoHours = 2 * 60 * 60_000

interface Wanted {
  readonly db: Database
  readonly viewerId: UserId
  readonly keys: readonly string[]
}

/** What is the viewer's own is read; what is the service's is kept for all who are told of it. */
async function settingsWithKept(kept: KeptRows, { db, viewerId, keys }: Wanted): Promise<SettingRow[]> {
  const kind: KeptKind<Version, ServiceSettingRow> = {
    name: 'setting',
    keepMs: twoHours,
    versionOf: ({ key, version, serviceUpdatedAt }) => [key, version, serviceUpdatedAt],
    read: (versions) =>
      serviceSettingsByKeys(
        db,
        versions.map(({ key }) => key),
      ),
    isSame: (version, row) => version.key === row.key,
  }
  const own = await versionedSettingsByKeys(db, viewerId, keys)
  const told = own.filter(({ version }) => version !== null)
  const service = await kept.rowsOf(kind, told)
  const serviceOf = new Map(told.map(({ key }, index) => [key, service[index] ?? null]))
  return own
    .filter(({ key, ownVersion }) => ownVersion !== null || serviceOf.get(key))
    .map((each) => settingOf(each, serviceOf.get(each.key) ?? null))
}

type Version = Pick<Awaited<ReturnType<typeof versionedSettingsByKeys>>[number], 'key' | 'version' | 'serviceUpdatedAt'>
