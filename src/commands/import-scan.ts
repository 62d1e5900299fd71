import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Config } from '../config.ts'
import type { ScanReport } from '../domains/surveys/scan-imports/import-scan-as.ts'
import { withoutControls } from '../domains/transfer/quoted.ts'
import type { Connections } from '../platform/database/connections.ts'
import { withKysely } from '../platform/database/migrator.ts'
import type { Tables } from '../platform/database/types.ts'
import { parseInstant } from '../platform/graphql/dates.ts'
import { makeLog } from '../platform/log.ts'
import { ensureSchema, openOrJoin } from './database.ts'
import { endOfProcess } from './ending.ts'
import { progressBar } from './progress-bar.ts'
import { exitCodes, say } from './run.ts'

export const scanFormats = ['las', 'laz', 'xyz'] as const
export type ScanFormat = (typeof scanFormats)[number]

export interface ScanOptions {
  project?: string
  name?: string
  capturedAt?: string
  crs?: string
}

interface BringOptions extends ScanOptions {
  readonly format: ScanFormat
  readonly user: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

export function isScanFormat(format: string): format is ScanFormat {
  return scanFormats.some((each) => each === format)
}

export function addScanOptions(command: Command): Command {
  return command
    .option('--project <project>', 'las, laz, xyz: the project, by its name or its id')
    .option('--name <name>', 'las, laz, xyz: what the scan is to be called; else as the file')
    .addOption(
      new Option(
        '--captured-at <time>',
        'las, laz, xyz: when it was made, as in 2026-03-01T09:30:00Z; else as the file says',
      ).argParser(instant),
    )
    .option(
      '--crs <crs>',
      'las, laz, xyz: the coordinate system of the points, as in EPSG:26910; else as the file says',
    )
}

function instant(text: string): string {
  try {
    return parseInstant(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

/** What options say that goes not together; null: it does. */
export function misuseOfScanOptions(format: string, { project, name, capturedAt, crs }: ScanOptions): string | null {
  if (isScanFormat(format))
    return project === undefined ? 'error: name the project that gets the scan with --project' : null
  if ([project, name, capturedAt, crs].every((option) => option === undefined)) return null
  return `error: --project, --name, --captured-at and --crs go with --format ${scanFormats.join(', ')} alone`
}

/** `kitaab import --format las`: a file of points, as a scan. Ctrl-C takes back what was begun; a second one ends the process at once. */
export async function bringScan(config: Config, path: string, options: BringOptions): Promise<void> {
  const { project = '', dryRun = false } = options
  const interrupted = new AbortController()
  void endOfProcess().reached.then(() => interrupted.abort())
  const { signal } = interrupted
  try {
    const report = await withOpenDatabase(config, (connections) =>
      write(config, connections, { path, signal, options: { ...options, project, dryRun } }),
    )
    console.log(options.json ? JSON.stringify({ dryRun, ...report }, null, 2) : textOfScan(report, { dryRun }))
  } catch (error) {
    if (!signal.aborted) throw error
    say('Stopped: nothing was added.')
    process.exitCode = exitCodes.interrupted
  }
}

/** Waits for the work also when a signal ends it: what was begun is taken back through this database. */
async function withOpenDatabase<Result>(
  config: Config,
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  const database = await openOrJoin(config, 'kitaab import')
  try {
    return await work(database.connections)
  } finally {
    await database.stop()
  }
}

interface Work {
  readonly path: string
  readonly signal: AbortSignal
  readonly options: BringOptions & { readonly project: string; readonly dryRun: boolean }
}

async function write(config: Config, connections: Connections, { path, signal, options }: Work): Promise<ScanReport> {
  await ensureSchema(config, connections)
  const { makeDomainDatabases } = await import('../databases.ts')
  const { importScanAs } = await import('../domains/surveys/scan-imports/import-scan-as.ts')
  const { openObjects } = await import('../platform/objects/places.ts')
  const log = makeLog({ level: config.logLevel, destination: { write: (line) => process.stderr.write(line) } })
  const databases = makeDomainDatabases({ connections, log })
  const bar = progressBar('Importing')
  const { user, project, dryRun, format, name = null, capturedAt = null, crs = null } = options
  try {
    // Who does the same for what is sent.
    return await withKysely<ScanReport, Tables>(connections.forRole('kitaab_worker'), (worker) =>
      importScanAs(
        {
          auth: databases.auth,
          worker,
          objects: openObjects(config.objects.hot),
          signal,
          onProgress: bar.show,
          dryRun,
        },
        { path, format, email: user, project, name, capturedAt, crs },
      ),
    )
  } finally {
    bar.stop()
    await databases.stop()
  }
}

function textOfScan({ project, scan, isKnown, file }: ScanReport, { dryRun }: { dryRun: boolean }): string {
  const [west, south, low, east, north, high] = file.bounds.map(shownCoordinate)
  const kind = [file.format.toUpperCase(), file.formatVersion].filter((part) => part !== null).join(' ')
  const lines = [
    `${file.fileName}: ${kind}, ${file.pointCount} points, ${file.bytes} bytes, SHA-256 ${file.sha256}`,
    `  x ${west} to ${east}, y ${south} to ${north}, z ${low} to ${high}, in ${shownSystem(file.crs)}`,
    ending(project.name, scan?.id ?? null, { isKnown, dryRun }),
  ]
  // Names are somebody's: what they hold moves no cursor.
  return lines.map(withoutControls).join('\n')
}

/** Without what a scale and an offset leave of themselves in the last digits of a double. */
function shownCoordinate(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/** Well-known text by the name in it. */
function shownSystem(crs: string): string {
  return /^[^"]*"(?<name>[^"]+)"/.exec(crs)?.groups?.name ?? crs
}

function ending(
  project: string,
  scan: string | null,
  { isKnown, dryRun }: { isKnown: boolean; dryRun: boolean },
): string {
  const tried = dryRun ? ' This was a dry run: nothing was written.' : ''
  if (isKnown)
    return `The project "${project}" has this file already: it is the scan ${scan}, and nothing was added.${tried}`
  return dryRun
    ? `It would become a scan of the project "${project}".${tried}`
    : `It is the scan ${scan} of the project "${project}" now.`
}
