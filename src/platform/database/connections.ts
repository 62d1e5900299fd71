import type pg from 'pg'
import { superuser } from './embedded/cluster.ts'
import type { EmbeddedServer } from './embedded/server.ts'
import { sessionOptions } from './session-settings.ts'
import { typeParsers } from './type-parsers.ts'

/** The roles that db/roles.sql makes and that somebody connects as. */
export type Role = 'kitaab_admin' | 'kitaab_app' | 'kitaab_auth' | 'kitaab_worker' | 'kitaab_readonly'

/** How to reach the database as each role: on the embedded server, or by the addresses of the configuration. */
export interface Connections {
  forRole(role: Role, database?: string): pg.ClientConfig
  /** The administrator's login as it is: the superuser of an embedded server, of another server perhaps one. */
  forAdministrator(database?: string): pg.ClientConfig
  /** False: statements go unnamed, for a pooler that hands connections on and knows nothing of what was prepared on them. */
  readonly namesStatements?: boolean
}

/** Addresses of a server that somebody else runs. A role without one of its own uses `app`, or where it needs a session `direct`. */
export interface DatabaseAddresses {
  readonly app: URL
  readonly auth?: URL | undefined
  readonly worker?: URL | undefined
  readonly readonly?: URL | undefined
  /** Not through a pooler of transactions: for whoever needs a session, which are the worker and the administrator. */
  readonly direct?: URL | undefined
  readonly admin?: URL | undefined
  readonly namesStatements?: boolean
  /** `null` = without TLS; else the server's certificate is verified, against `ca` (PEM) if given. */
  readonly tls: { readonly ca?: string | undefined } | null
}

/** Connections to the embedded server, whose socket lets its roles in by their name. */
export function embeddedConnections(server: Pick<EmbeddedServer, 'connection'>, database?: string): Connections {
  return {
    forRole: (role, other) => server.connection(role, other ?? database),
    forAdministrator: (other) => server.connection(superuser, other ?? database),
  }
}

/**
 * Connections by address. A login that is not the wanted role itself becomes it at the start of the session (`-c role=`), so
 * it must be a member of that role; PgBouncer does not pass this on, so behind it each role needs an address of its own.
 */
export function addressedConnections(addresses: DatabaseAddresses): Connections {
  const addressOf = (role: Role) => {
    if (role === 'kitaab_auth') return addresses.auth ?? addresses.app
    if (role === 'kitaab_readonly') return addresses.readonly ?? addresses.app
    if (role === 'kitaab_worker') return addresses.worker ?? addresses.direct ?? addresses.app
    return role === 'kitaab_admin' ? (addresses.admin ?? addresses.direct ?? addresses.app) : addresses.app
  }
  return {
    namesStatements: addresses.namesStatements ?? true,
    forRole(role, database) {
      const address = addressOf(role)
      const isRole = decodeURIComponent(address.username) === role
      return addressed(address, addresses.tls, database, sessionOptions(isRole ? {} : { role }))
    },
    forAdministrator: (database) => addressed(addressOf('kitaab_admin'), addresses.tls, database, sessionOptions()),
  }
}

function addressed(
  address: URL,
  tls: DatabaseAddresses['tls'],
  database: string | undefined,
  options: string,
): pg.ClientConfig {
  const socketFolder = address.searchParams.get('host')
  return {
    host: socketFolder ?? decodeURIComponent(address.hostname),
    port: Number(address.port || 5432),
    user: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
    database: database ?? decodeURIComponent(address.pathname.slice(1)),
    ssl: tls === null ? false : { rejectUnauthorized: true, ...(tls.ca === undefined ? {} : { ca: tls.ca }) },
    types: typeParsers,
    options,
  }
}
