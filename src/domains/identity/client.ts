import { isIP } from 'node:net'
import type { Client } from './queries/sessions.ts'

const mostUserAgent = 512

/** Where a client speaks from, as the database takes it. */
export function clientOf({ ip, userAgent }: { ip: string; userAgent: string | null }): Client {
  return { ip: plainAddress(ip), userAgent: userAgent?.slice(0, mostUserAgent) ?? null }
}

/**
 * SES-1 Whom guesses are counted against: an address, of IPv6 the /64 that a single customer has to itself. What is no address at all
 * (a proxy in front may write anything) counts as one.
 */
export function guessingAddress(ip: string | null): string {
  const address = plainAddress(ip ?? '') ?? '0.0.0.0'
  return address.includes(':') ? `${networkOf(address)}::/64` : address
}

/** Without the zone of a link-local address (`fe80::1%eth0`), and IPv4 as such. */
function plainAddress(ip: string): string | null {
  const address = (ip.split('%')[0] ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(address) ? address : null
}

/** The first four groups of an IPv6 address. */
function networkOf(address: string): string {
  const [before = '', after] = address.split('::')
  const head = before === '' ? [] : before.split(':')
  const tail = after ? after.split(':') : []
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length)
  return [...head, ...Array.from({ length: zeros }, () => '0'), ...tail].slice(0, 4).join(':')
}
