import pg from 'pg'
import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** Second net below not logging such things at all: whatever carries one of these names is cut out. */
const secretNames = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'newPassword',
  'currentPassword',
  'token',
  'accessToken',
  'refreshToken',
  'secretAccessKey',
  'email',
  'notes',
  'variables',
]

/**
 * The process's log: JSON lines to standard output, or to `destination`. Never the values that people send: errors of the
 * database are stripped of row contents, and fields named like secrets are cut out.
 */
export function makeLog({ level, destination }: { level: string; destination?: DestinationStream }): Log {
  const paths = secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`])
  const options = {
    level,
    base: null,
    redact: { paths, censor: '[hidden]' },
    serializers: { err: describeError },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return pino(options, destination ?? standardOutput())
}

/** The same log for lines of which every field is named where it is written: to look for secrets there would be most of such a line's cost. */
export function flatLog(log: Log): Log {
  return log.child({}, { redact: { paths: [], censor: '[hidden]' } })
}

/** A write for each line would hold up whoever waits for the next answer: lines leave together, at the latest after a moment, or with the process. */
function standardOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: false, minLength: 16_000, periodicFlush: 200 })
  process.once('exit', () => {
    try {
      output.flushSync()
    } catch {
      // Whoever read it is gone.
    }
  })
  return output
}

/** Errors of this class of SQLSTATE (data exceptions) repeat the value that did not fit. */
const dataException = '22'
const quoted = /"(?:[^"\\]|\\.)*"/g

/**
 * An error for the log. Of the database's errors `detail`, `where` and `hint` are left out: they hold rows ("Key (email)=(...)
 * already exists"), and quoted values in messages about data are blanked.
 */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error, message: 'Something was thrown that is no error.' }
  const { name, stack = '' } = error
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '))
  const cause = error.cause instanceof Error ? { cause: describeError(error.cause) } : {}
  if (!(error instanceof pg.DatabaseError)) return { type: name, message: error.message, stack: frames, ...cause }
  const { code = '', constraint, table, column, routine } = error
  const message = code.startsWith(dataException) ? error.message.replace(quoted, '"..."') : error.message
  return { type: 'DatabaseError', code, message, constraint, table, column, routine, stack: frames }
}
