/**
 * What every session is set to, as the `options` of its start-up packet: PostgreSQL alone converts time zones, and prints
 * instants in UTC. A pooler of transactions leaves `options` out; then the same settings of the roles hold (db/roles.sql).
 */
const settings = { TimeZone: 'UTC', DateStyle: 'ISO,YMD', IntervalStyle: 'iso_8601' }

/** The `options` text of a connection, with further settings if any (`role`, say: not through PgBouncer). */
export function sessionOptions(further: Record<string, string> = {}): string {
  return Object.entries({ ...settings, ...further })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
}
