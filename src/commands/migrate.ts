import { Command } from 'commander'
import { loadConfig } from '../config.ts'
import type { Connections } from '../platform/database/connections.ts'
import { postgisAdvice } from '../platform/database/migration-sequences.ts'
import {
  migrateDown,
  migrateUp,
  migrationStates,
  newestMigration,
  surveysState,
} from '../platform/database/migrator.ts'
import { ensurePartitions } from '../platform/database/partitions.ts'
import { withDatabase } from './database.ts'
import { Failed, say } from './run.ts'

/** `kitaab migrate up|down|status` */
export function migrateCommand(): Command {
  const command = new Command('migrate').description(
    'Bring the database schema up to date, take back a step, or show both.',
  )
  command.command('up').description('apply every pending migration').action(up)
  command
    .command('down')
    .description('take back the newest migration; what only it can hold is lost')
    .option('--yes', 'yes, lose that data')
    .action(down)
  command.command('status').description('list the migrations; exit 1 when the schema is not current').action(status)
  return command
}

function withConfigured(work: (connections: Connections) => Promise<void>): Promise<void> {
  return withDatabase(loadConfig(), 'kitaab migrate', work)
}

function up(): Promise<void> {
  return withConfigured(async (connections) => {
    const applied = await migrateUp({ connections })
    await ensurePartitions(connections)
    for (const name of applied) say(`applied ${name}`)
    say(applied.length === 0 ? 'The schema is current: nothing to apply.' : 'The schema is current.')
    const { postgis } = await surveysState({ connections })
    // On a server that does not have it nobody is reminded each time: "kitaab doctor" tells.
    const advice = postgis === 'missing' ? null : postgisAdvice(postgis, connections.forAdministrator().database)
    if (advice !== null) say(advice)
  })
}

function down({ yes }: { yes?: boolean }): Promise<void> {
  return withConfigured(async (connections) => {
    const newest = await newestMigration({ connections })
    if (newest === null) return say('No migration is applied: nothing to take back.')
    if (!yes) throw new Error(`This takes back ${newest} and loses the data that only it can hold: say so with --yes.`)
    for (const name of await migrateDown({ connections })) say(`took back ${name}`)
  })
}

function status(): Promise<void> {
  return withConfigured(async (connections) => {
    const states = await migrationStates({ connections })
    for (const { name, appliedAt, known } of states) {
      const note = known ? '' : '  (unknown to this version of Kitaab)'
      console.log(`${(appliedAt ?? 'pending').padEnd(24)}  ${name}${note}`)
    }
    if (states.some(({ appliedAt, known }) => appliedAt === null || !known)) throw new Failed()
  })
}
