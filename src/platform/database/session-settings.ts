/**
 * What every session is set to, as the `options` of its start-up packet: PostgreSQL alone converts time zones, and prints
 * instants in UTC. All three are parameters that PgBouncer (1.20 and later) follows for each client.
 */
const settings = { TimeZone: 'UTC', DateStyle: 'ISO,YMD', IntervalStyle: 'iso_8601' }

/** The `options` text of a connection, with further settings if any (`role`, say: not through PgBouncer). */
export function sessionOptions(further: Record<string, string> = {}): string {
  return Object.entries({ ...settings, ...further })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
}
