import type { Config } from '../config.ts'
import type { ArchiveReport } from '../domains/transfer/archive/import-archive.ts'
import type { Connections } from '../platform/database/connections.ts'
import { withKysely } from '../platform/database/migrator.ts'
import type { Tables } from '../platform/database/types.ts'
import { makeLog } from '../platform/log.ts'
import { ensureSchema, withDatabase } from './database.ts'
import { progressBar } from './progress-bar.ts'

export interface ImportArchiveCommand {
  readonly path: string
  readonly email: string
  readonly dryRun: boolean
}

/** `kitaab import --format kitaab`: what an export of Kitaab wrote, into an empty account. */
export function importKitaab(config: Config, command: ImportArchiveCommand): Promise<ArchiveReport> {
  return withDatabase(config, 'kitaab import', (connections) => write(config, connections, command))
}

async function write(
  config: Config,
  connections: Connections,
  { path, ...options }: ImportArchiveCommand,
): Promise<ArchiveReport> {
  await ensureSchema(config, connections)
  const { makeDomainDatabases } = await import('../databases.ts')
  const { keyRingOf, sealsOf } = await import('../domains/identity/services/key-ring.ts')
  const { importArchiveAs } = await import('../domains/transfer/archive/import-archive-as.ts')
  const log = makeLog({ level: config.logLevel, destination: { write: (line) => process.stderr.write(line) } })
  const databases = makeDomainDatabases({ connections, log })
  const seals = sealsOf(keyRingOf(config, log))
  const bar = progressBar('Importing')
  try {
    // The one role that may write versions, times and deletions as they were.
    return await withKysely<ArchiveReport, Tables>(connections.forRole('kitaab_worker'), (worker) =>
      importArchiveAs({ auth: databases.auth, worker }, path, {
        ...options,
        seals,
        now: new Date(),
        onProgress: bar.show,
      }),
    )
  } finally {
    bar.stop()
    await databases.stop()
  }
}

export function textOfArchive({ files }: ArchiveReport, { dryRun }: { dryRun: boolean }): string {
  const lines = files.filter(({ rows }) => rows > 0).map(({ name, rows }) => `${name.replaceAll('_', ' ')}: ${rows}`)
  return [...lines, dryRun ? 'This was a dry run: nothing was written.' : 'All of it went in.'].join('\n')
}
