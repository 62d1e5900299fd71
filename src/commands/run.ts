import { type Command, CommanderError } from 'commander'
import { ConfigError } from '../config.ts'

/** What the process answers to its caller. `partial`: it was done but for what is listed. 78 is EX_CONFIG of sysexits.h, 130 what shells say of Ctrl-C. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, partial: 3, config: 78, interrupted: 130 } as const

/** A command ended with a result that its caller must notice, all of it already printed. */
export class Failed extends Error {}

/** Runs the command that the arguments name. What goes wrong becomes a line on stderr and the process's exit code. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  throwOnUsage(program)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Commander would end the process itself, and with 1; a command added to another does not take over this setting. */
function throwOnUsage(command: Command): void {
  command.exitOverride().showHelpAfterError('(--help shows what there is)')
  command.commands.forEach(throwOnUsage)
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof Failed) return exitCodes.failure
  if (error instanceof ConfigError) {
    for (const problem of error.problems) console.error(problem)
    return exitCodes.config
  }
  console.error(describeError(error))
  return exitCodes.failure
}

/** What went wrong, for a person at a terminal; a mistake of the program itself with its stack. */
export function describeError(error: unknown): string {
  // A connection that failed over IPv6 and IPv4 has two reasons and no message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describeError).join('; ')
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) {
    return error.stack ?? error.message
  }
  if (!(error instanceof Error)) return String(error)
  const remedy = remedies[(error as NodeJS.ErrnoException).code ?? '']
  return remedy === undefined ? error.message : `${error.message}: ${remedy}`
}

const nameTheSigner = "name the certificate that signed the server's in DATABASE_CA"
/** What to do about errors of Node that a configuration can cause. */
const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'set another PORT',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: nameTheSigner,
  SELF_SIGNED_CERT_IN_CHAIN: nameTheSigner,
  DEPTH_ZERO_SELF_SIGNED_CERT: nameTheSigner,
}

/** A sentence for the person who started the command; results go to stdout. */
export function say(line: string): void {
  console.error(line)
}
