import { Command } from 'commander'
import { type Config, ConfigError, loadConfig, variablesSet } from '../config.ts'
import { lookAtDatabase } from './doctor/database.ts'
import type { Finding } from './doctor/finding.ts'
import { lookAtMachine } from './doctor/machine.ts'
import { lookAtNeighbours } from './doctor/neighbours.ts'
import { lookAtObjects } from './doctor/objects.ts'
import { Failed } from './run.ts'

/** `kitaab doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Look at everything that the service needs, and say what to do about what is wrong.')
    .option('--json', 'print the findings as JSON: [{ check, ok, message, remedy }]')
    .addHelpText('after', '\nExit codes: 0 all is well, 1 something is wrong, 78 a variable has a bad value.')
    .action(doctor)
}

async function doctor({ json = false }: { json?: boolean }): Promise<void> {
  const config = configured(json)
  const findings = [
    { check: 'configuration', ok: true, message: describeConfig(config), remedy: null },
    ...(await lookAtMachine(config)),
    ...(await lookAtObjects(config)),
    ...(await lookAtNeighbours(config)),
    ...(await lookAtDatabase(config)),
  ]
  print(findings, json)
  if (findings.some(({ ok }) => !ok)) throw new Failed()
}

/** With a bad configuration there is nothing else to look at. */
function configured(json: boolean): Config {
  try {
    return loadConfig()
  } catch (error) {
    if (json && error instanceof ConfigError) {
      const remedy = 'see .env.example'
      print([{ check: 'configuration', ok: false, message: error.problems.join(' '), remedy }], json)
    }
    throw error
  }
}

/** Names alone: values may be secret. */
function describeConfig({ database }: Config): string {
  const set = variablesSet()
  const where = database.kind === 'embedded' ? 'its own PostgreSQL' : 'a PostgreSQL by address'
  return `${where}; ${set.length === 0 ? 'no variable is set' : `set: ${set.join(', ')}`}`
}

function print(findings: readonly Finding[], json: boolean): void {
  if (json) console.log(JSON.stringify(findings, null, 2))
  else for (const finding of findings) console.log(lineOf(finding))
}

function lineOf({ check, ok, message, remedy }: Finding): string {
  return `${ok ? 'ok   ' : 'WRONG'}  ${check}: ${message}${remedy === null ? '' : `: ${remedy}`}`
}
