import { type FirstOf, firstPages, manyPerKey, onePerKey, ownersOf } from '../../platform/database/batching.ts'
import type { Database, UserId } from '../../platform/database/types.ts'
import type { ViewerDatabase } from '../../platform/database/viewer-database.ts'
import { type Viewer, viewerIdOf } from '../../platform/viewer.ts'
import { type CalculationKey, calculationsByKeys, scansOfCalculations } from './queries/calculations.ts'
import { type HillshadeKey, hillshadesByKeys, hillshadesOfScans } from './queries/hillshades.ts'
import { lastMoves, movesByKeys, type ScanMoveKey } from './queries/moves.ts'
import { accessToProjects, type ProjectPermissionKey, projectPermissionsByKeys } from './queries/permissions.ts'
import { boundsOfProjects, type ProjectKey, projectsByKeys } from './queries/projects.ts'
import { filesOfScans } from './queries/scan-files.ts'
import { type ScanImportKey, scanImportsByKeys } from './queries/scan-imports.ts'
import {
  firstScansOfProjects,
  type ScanKey,
  type ScanOrder,
  type ScanPage,
  scansByKeys,
  shapesOfScans,
} from './queries/scans.ts'

const projectKey = ({ ownerId, projectId }: ProjectKey): ProjectKey => ({ ownerId, projectId })
const scanImportKey = ({ ownerId, scanImportId }: ScanImportKey): ScanImportKey => ({ ownerId, scanImportId })
const scanKey = ({ ownerId, scanId }: ScanKey): ScanKey => ({ ownerId, scanId })
const calculationKey = ({ ownerId, calculationId }: CalculationKey): CalculationKey => ({ ownerId, calculationId })
const hillshadeKey = ({ ownerId, hillshadeId }: HillshadeKey): HillshadeKey => ({ ownerId, hillshadeId })

export function surveyLoaders(db: ViewerDatabase, viewer: Viewer | null) {
  const viewerId = viewerIdOf(viewer)
  const reading = (keys: readonly { ownerId: string }[]) => db.reading(ownersOf(keys))
  return {
    /** A project that the viewer may see. */
    project: onePerKey((keys: readonly ProjectKey[]) => projectsByKeys(reading(keys), viewerId, keys), projectKey),
    boundsOfProject: onePerKey((keys: readonly ProjectKey[]) => boundsOfProjects(reading(keys), keys), projectKey),
    /** By whom a project of the viewer's own is seen. */
    accessToProject: manyPerKey(
      (projectIds: readonly string[]) => accessToProjects(db, viewerId, projectIds),
      ({ projectId }) => projectId,
    ),
    projectPermission: onePerKey(
      (keys: readonly ProjectPermissionKey[]) => projectPermissionsByKeys(reading(keys), viewerId, keys),
      ({ ownerId, projectPermissionId }): ProjectPermissionKey => ({ ownerId, projectPermissionId }),
    ),
    /** The first scans of a project. */
    firstScansOfProject: onePerKey(
      (keys: readonly FirstOf<OrderedProject>[]) =>
        firstPages(keys, (some, first) => firstScans(reading(some), viewerId, some, first)),
      ({ key }) => key,
    ),
    /** A scan that the viewer may see. */
    scan: onePerKey((keys: readonly ScanKey[]) => scansByKeys(reading(keys), viewerId, keys), scanKey),
    geometryOfScan: onePerKey((keys: readonly ScanKey[]) => shapesOfScans(reading(keys), keys, 'lidar_geom'), scanKey),
    footprintOfScan: onePerKey((keys: readonly ScanKey[]) => shapesOfScans(reading(keys), keys, 'footprint'), scanKey),
    /** A move of a scan that the viewer may see. */
    scanMove: onePerKey(
      (keys: readonly ScanMoveKey[]) => movesByKeys(reading(keys), viewerId, keys),
      ({ ownerId, scanMoveId }) => ({ ownerId, scanMoveId }),
    ),
    lastMoveOfScan: onePerKey((keys: readonly ScanKey[]) => lastMoves(reading(keys), viewerId, keys), scanKey),
    ...workLoaders(db, viewerId),
  }
}

/** What is made of scans, and what they are made of. */
function workLoaders(db: ViewerDatabase, viewerId: UserId) {
  const reading = (keys: readonly { ownerId: string }[]) => db.reading(ownersOf(keys))
  return {
    /** A calculation that the viewer may see. */
    calculation: onePerKey(
      (keys: readonly CalculationKey[]) => calculationsByKeys(reading(keys), viewerId, keys),
      calculationKey,
    ),
    scansOfCalculation: manyPerKey(
      (keys: readonly CalculationKey[]) => scansOfCalculations(reading(keys), keys),
      calculationKey,
    ),
    /** A hillshade that the viewer may see, by its own key, and the last one of a scan. */
    hillshade: onePerKey(
      (keys: readonly HillshadeKey[]) => hillshadesByKeys(reading(keys), viewerId, keys),
      hillshadeKey,
    ),
    hillshadeOfScan: onePerKey((keys: readonly ScanKey[]) => hillshadesOfScans(reading(keys), viewerId, keys), scanKey),
    /** The file of a scan whose row the viewer has seen. */
    fileOfScan: onePerKey((keys: readonly ScanKey[]) => filesOfScans(reading(keys), keys), scanKey),
    scanImport: onePerKey(
      (keys: readonly ScanImportKey[]) => scanImportsByKeys(reading(keys), viewerId, keys),
      scanImportKey,
    ),
  }
}

/** A project, and the order of its scans. */
interface OrderedProject extends ProjectKey {
  readonly order: ScanOrder
}

/** A document hardly asks for two orders: those of one are a statement. In the order of the keys. */
async function firstScans(db: Database, viewerId: UserId, keys: readonly OrderedProject[], first: number) {
  const orders = [...Map.groupBy(keys, ({ order }) => order)]
  const pages = new Map<OrderedProject, ScanPage>()
  await Promise.all(
    orders.map(async ([order, projects]) => {
      const found = await firstScansOfProjects(db, viewerId, { projects, order }, first)
      for (const [index, page] of found.entries()) {
        const key = projects[index]
        if (key) pages.set(key, page)
      }
    }),
  )
  return keys.flatMap((key) => pages.get(key) ?? [])
}
