import { Command, InvalidArgumentError, Option } from 'commander'
import { type Config, ConfigError, loadConfig } from '../config.ts'
import { type DateOrder, dateOrders } from '../domains/transfer/csv/dates.ts'
import { type ColumnNames, csvFields } from '../domains/transfer/csv/fields.ts'
import type { ImportPlan } from '../domains/transfer/import-plan.ts'
import type { ImportReport } from '../domains/transfer/import-report.ts'
import { quoted } from '../domains/transfer/quoted.ts'
import { importFormats } from '../domains/transfer/readers.ts'
import type { ImportFormat } from '../domains/transfer/rules/import-shown.ts'
import type { Connections } from '../platform/database/connections.ts'
import { makeLog } from '../platform/log.ts'
import { ensureSchema, withDatabase } from './database.ts'
import { importKitaab, textOfArchive } from './import-archive.ts'
import {
  addScanOptions,
  bringScan,
  isScanFormat,
  misuseOfScanOptions,
  type ScanFormat,
  type ScanOptions,
  scanFormats,
} from './import-scan.ts'
import { textOfReport } from './import-text.ts'
import { progressBar } from './progress-bar.ts'
import { describeError, exitCodes, Failed } from './run.ts'

interface Options extends ScanOptions {
  format: ImportFormat | ScanFormat | 'kitaab'
  user: string
  dateOrder?: DateOrder
  columns?: ColumnNames
  dryRun?: boolean
  json?: boolean
}

const help = `
loop: the folder or the zip that Loop Habit Tracker's "Export as CSV" wrote. A habit becomes a deed with one item of its
name, and is found again by the next import, also after a rename here. Importing the same file twice changes nothing; a
day that was recorded otherwise here gets the file's value, and keeps its note where the file has none.

loop-backup: the .db file of Loop's "Export full backup": the same habits, so that either may follow the other.

habitbull: the CSV file that HabitBull's export wrote. A habit is known by its category and name. Of two rows of one day
the later is taken. Dates such as 03/04/2026 are read by the rows of the file that can only be day or month first; where
there is none, say which with --date-order.

csv: a table in UTF-8 with a row for each day of an item, separated by commas, semicolons or tabs. Its columns are date,
deed, item, value and note, or what --columns says; item and note may be missing, and a row without an item is one of the
deed's own name. Deeds and items are found again by the names they had when they were imported first, else by the names
they have here; what is not there is made, as something good that is counted. Amounts have at most 3 places, after a point,
or after a comma where that separates no cells. A row without a value says nothing. Dates and rows as with habitbull.

kitaab: the zip that an export of Kitaab wrote (exportMyData), into an account that is empty. Each line of it is checked, and one
that can't be taken refuses all, with file, line and reason. docs/export-format.md says what comes back and what does not.

las, laz, xyz: a file of points, as a scan of the project of surveys that --project names; docs/surveys.md goes through it. xyz is
text: x, y and z in each line. A file that the project has already is known again, and one that is broken is refused with its
byte or line. Ctrl-C leaves nothing of it.

All goes in at once or not at all. Rows of other apps' exports that can't be taken are listed with the reason, and the rest goes in.

Exit codes: 0 everything went in, 3 some rows were left out, 1 nothing was written because of an error,
2 wrong usage, 78 wrong configuration. With --dry-run the same.`

/** `date=Datum,value=Menge`: a name may hold commas. */
function columnNames(text: string): ColumnNames {
  return Object.fromEntries(text.split(/,(?=\s*\w+=)/).map(columnName))
}

function columnName(pair: string): [string, string] {
  const [, field = pair, name = ''] = /^\s*([^=]*)=(.*)$/s.exec(pair) ?? []
  const known = csvFields.some((each) => each === field)
  if (known && name.trim() !== '') return [field, name]
  const problem = known ? `${quoted(field)} has no name.` : `There is no field ${quoted(field)}.`
  throw new InvalidArgumentError(`${problem} Give ${csvFields.join(', ')}, each as field=name.`)
}

/** `kitaab import` */
export function importCommand(): Command {
  const command = new Command('import')
    .description(
      "Import another app's export into a person's diary, an export of Kitaab into an empty account, or a file of points into a project of surveys.",
    )
    .argument('<path>', 'the file')
    .addOption(
      new Option('--format <format>', 'what it is')
        .choices([...Object.keys(importFormats), 'kitaab', ...scanFormats])
        .makeOptionMandatory(),
    )
    .requiredOption('--user <email>', 'the address of the person')
    .addOption(
      new Option('--date-order <order>', 'habitbull, csv: what comes first in 03/04/2026, day or month').choices(
        dateOrders,
      ),
    )
    .addOption(
      new Option('--columns <names>', "csv: the table's own names, as in date=Datum,value=Menge").argParser(
        columnNames,
      ),
    )
  return addScanOptions(command)
    .option('--dry-run', 'report what would happen, and write nothing')
    .option('--json', 'print the report as JSON, or why there is none as {"dryRun": ..., "error": "..."}')
    .addHelpText('after', help)
    .action(importExport)
}

async function importExport(path: string, options: Options, command: Command): Promise<void> {
  const misuse = misuseOfScanOptions(options.format, options)
  if (misuse !== null) command.error(misuse)
  try {
    await importFile(path, options)
  } catch (error) {
    // What is wrong with the configuration is no result of an import.
    if (!options.json || error instanceof ConfigError) throw error
    console.log(JSON.stringify({ dryRun: options.dryRun ?? false, error: describeError(error) }, null, 2))
    throw new Failed()
  }
}

async function importFile(path: string, options: Options): Promise<void> {
  const config = loadConfig()
  const dryRun = options.dryRun ?? false
  if (isScanFormat(options.format)) return bringScan(config, path, { ...options, format: options.format })
  if (options.format === 'kitaab') {
    const report = await importKitaab(config, { path, email: options.user, dryRun })
    console.log(options.json ? JSON.stringify({ dryRun, ...report }, null, 2) : textOfArchive(report, { dryRun }))
    return
  }
  const format = importFormats[options.format]
  const plan = await format.read(path, options)
  const report = await withDatabase(config, 'kitaab import', (connections) =>
    write(config, connections, { plan, source: format.source, options }),
  )
  console.log(options.json ? JSON.stringify({ dryRun, ...report }, null, 2) : textOfReport(report, { dryRun }))
  if (report.problems.length > 0) process.exitCode = exitCodes.partial
}

interface Work {
  readonly plan: ImportPlan
  readonly source: string
  readonly options: Options
}

async function write(config: Config, connections: Connections, { plan, source, options }: Work): Promise<ImportReport> {
  await ensureSchema(config, connections)
  const { makeDomainDatabases } = await import('../databases.ts')
  const { importAs } = await import('../domains/transfer/import-as.ts')
  // Results alone go to standard output.
  const log = makeLog({ level: config.logLevel, destination: { write: (line) => process.stderr.write(line) } })
  const databases = makeDomainDatabases({ connections, log })
  const bar = progressBar('Importing')
  try {
    const { user, dryRun = false } = options
    return await importAs(databases, plan, { email: user, dryRun, source, log, onProgress: bar.show })
  } finally {
    bar.stop()
    await databases.stop()
  }
}
