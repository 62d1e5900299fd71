import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'

// What a user may make this service send something to: public addresses alone, or it could be turned against machines beside it.

const reserved = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  reserved.addSubnet(net, bits, 'ipv4')
// Of IPv6 what stands for an IPv4 address, or for no host; all outside of 2000::/3 is reserved anyway.
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  reserved.addSubnet(net, bits, 'ipv6')
const unicast = new BlockList()
unicast.addSubnet('2000::', 3, 'ipv6')

/** Whether an IP address is one that anybody in the internet reaches. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !reserved.check(address, 'ipv4')
  return family === 6 && unicast.check(address, 'ipv6') && !reserved.check(address, 'ipv6')
}

/** Why nothing is sent to this address, as far as it tells by itself; null when it may be. Names are looked at when they resolve. */
export function addressProblem(url: URL, { mayBePrivate }: { mayBePrivate: boolean }): string | null {
  if (url.protocol !== 'https:' && !(mayBePrivate && url.protocol === 'http:')) return 'It is no https address.'
  if (url.username || url.password) return 'It holds a name or a password.'
  if (mayBePrivate) return null
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host)) return isPublicAddress(host) ? null : 'It is no public address.'
  return host.includes('.') && !/\.(?:local|localhost|internal|home\.arpa)\.?$/.test(host)
    ? null
    : 'It is no public address.'
}

/** The name resolved to an address that nothing is sent to. */
export class PrivateAddress extends Error {
  readonly code = 'EPRIVATE'
}

/** As `net.connect` calls its `lookup`. */
type Found = (error: NodeJS.ErrnoException | null, found: LookupAddress[] | string, family?: number) => void

/** `lookup` of a request that connects to public addresses alone: what a name says at that moment counts, not what it said before. */
export function lookupPublic(hostname: string, options: { all?: boolean }, found: Found): void {
  lookup(hostname, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
    const [first] = addresses ?? []
    if (error || !first) return found(error, [])
    if (!addresses.every(({ address }) => isPublicAddress(address)))
      return found(new PrivateAddress('The name leads to an address that nothing is sent to.'), [])
    if (options.all) found(null, addresses)
    else found(null, first.address, first.family)
  })
}
