import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { AuthDatabase } from '../../../platform/database/auth-database.ts'
import { toGlobalId } from '../../../platform/graphql/global-ids.ts'
import { requireText } from '../../../platform/graphql/text.ts'
import { activeAccount } from '../../identity/active-account.ts'
import { shownFileName } from '../../uploads/uploads.ts'
import { refusalOf } from '../constraint-errors.ts'
import type { PointCloudFormat } from '../point-clouds/point-cloud.ts'
import { writableProjects } from '../queries/projects.ts'
import { hasSurveys } from '../queries/readiness.ts'
import { type FileFacts, knownFile } from '../queries/scan-files.ts'
import { longestCrs } from '../rules/coordinate-systems.ts'
import { namedProject } from '../rules/named-project.ts'
import { ScanRefused } from '../rules/scan-refused.ts'
import { longest } from '../rules.ts'
import { importScan, readScan, type ScanImportParts, type WantedScan } from './import-scan.ts'

/** A file of points on this machine, and what whoever brings it says of it. */
export interface BroughtScan {
  readonly path: string
  readonly format: PointCloudFormat
  /** The address of the person in whose name it comes in. */
  readonly email: string
  /** The name or the id of a project in which they may write. */
  readonly project: string
  /** Null: as the file is called, without its ending. */
  readonly name: string | null
  /** RFC 3339; null: that of the file. */
  readonly capturedAt: string | null
  /** Null: that of the file. */
  readonly crs: string | null
}

/** What became of it. Ids are those of the API. */
export interface ScanReport {
  readonly project: { readonly id: string; readonly name: string }
  /** Null: it was only tried, and would be added. */
  readonly scan: { readonly id: string } | null
  /** The project had the file already: it is this scan, and nothing was added. */
  readonly isKnown: boolean
  /** `bounds`: minimum x, y, z, maximum x, y, z. */
  readonly file: Pick<FileFacts, (typeof reported)[number]>
}

const reported = ['fileName', 'format', 'formatVersion', 'bytes', 'sha256', 'pointCount', 'crs', 'bounds'] as const

export interface ImportScanAsParts extends Omit<ScanImportParts, 'progress'> {
  readonly auth: AuthDatabase
  readonly onProgress: (share: number) => void
  /** Reads all of it, reports it, and writes nothing. */
  readonly dryRun: boolean
}

/**
 * SUR-1 Adds a file as a scan in somebody's name: all of it, or nothing. The same file is not stored twice. Rejects with `ScanRefused` and
 * `AccountUnavailable`, whose messages say what to do, and with the signal's reason.
 */
export async function importScanAs(
  { auth, onProgress, dryRun, ...parts }: ImportScanAsParts,
  brought: BroughtScan,
): Promise<ScanReport> {
  const { worker } = parts
  await refuseWhatIsNoFile(brought.path)
  if (!(await hasSurveys(worker)))
    throw new ScanRefused(
      'Surveys need PostGIS, which the database does not have. "npm run kitaab -- doctor" says what to do.',
    )
  const { userId } = await activeAccount(auth, brought.email)
  const projects = (await writableProjects(worker, userId)).map((row) => ({ ...row, id: toGlobalId('Project', row) }))
  const project = namedProject(projects, brought.project)
  const wanted = { ...wantedScan(brought), project, addedById: userId }
  const progress = { show: onProgress, shown: async () => {} }
  const imported = dryRun
    ? await tried({ ...parts, progress }, wanted)
    : await importScan({ ...parts, progress }, wanted).catch((error: unknown) => {
        const refusal = refusalOf(error)
        throw refusal === null ? error : new ScanRefused(refusal)
      })
  const { facts, scanId, isKnown } = imported
  return {
    project: { id: project.id, name: project.name },
    scan: scanId === null ? null : { id: toGlobalId('Scan', { ownerId: project.ownerId, scanId }) },
    isKnown,
    file: Object.fromEntries(reported.map((key) => [key, facts[key]])) as ScanReport['file'],
  }
}

async function refuseWhatIsNoFile(file: string): Promise<void> {
  const about = await stat(file).catch(() => null)
  if (!about?.isFile()) throw new ScanRefused(`There is no file ${file} that can be read.`)
}

function wantedScan({
  path: file,
  format,
  name,
  capturedAt,
  crs,
}: BroughtScan): Omit<WantedScan, 'project' | 'addedById'> {
  return {
    file: { path: file, format },
    fileName: shownFileName(path.basename(file)),
    draft: {
      name: requireText(name ?? path.parse(file).name, { field: '--name', max: longest.name }),
      capturedAt,
      data: {},
    },
    crs: crs === null ? null : requireText(crs, { field: '--crs', max: longestCrs }),
    name: `brought-${randomUUID()}`,
  }
}

/** What `importScan` would answer. */
async function tried(parts: ScanImportParts, wanted: WantedScan) {
  const { facts } = await readScan(parts, wanted)
  const { scanId } = await knownFile(parts.worker, wanted.project, facts.sha256)
  return { facts, scanId, isKnown: scanId !== null }
}
