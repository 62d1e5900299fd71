import { isIP } from 'node:net'
import pg from 'pg'
import type { Statement } from './flight.ts'
import type { RequestInfo, UserId, ViewerIdentity } from './types.ts'

/**
 * `set local` takes no parameters, so these values stand in the text: each is proved to be digits here, whoever calls.
 * Throws a TypeError: an id that came from outside was parsed long before.
 */
export function assertUserId(id: UserId): UserId {
  if (!/^\d{1,19}$/.test(id)) throw new TypeError('A user id is made of digits.')
  return id
}

/** The owners that a statement declares, sorted and without doubles, as the text of a bigint array: `{5,7}`. */
export function ownersText(owners: readonly UserId[]): string {
  const distinct = [...new Set(owners.map(assertUserId))]
  return `{${distinct.sort(byNumber).join(',')}}`
}

function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}

export const noOwners = '{}'

export function setOwners(owners: string): string {
  return `set local app.owners = '${owners}'`
}

/** Begins a group of reads of one viewer, or of nobody: then the policies show no rows. */
export function beginReading(viewer: ViewerIdentity | null, owners: string): string {
  const begin = `begin isolation level repeatable read read only; ${setViewer(viewer)}`
  return owners === noOwners ? begin : `${begin}; ${setOwners(owners)}`
}

/** The same for statements that go out together before one Sync, which is one transaction: it stands before them. */
export function enterReading(viewer: ViewerIdentity | null, owners: string): Statement {
  if (viewer?.previewedBy === undefined)
    return { text: enterText, values: [viewer ? assertUserId(viewer.userId) : '', owners] }
  return { text: enterPreviewText, values: [assertUserId(viewer.previewedBy), assertUserId(viewer.userId), owners] }
}

const enterText = `select set_config('app.user_id', $1, true), set_config('app.owners', $2, true),
  set_config('transaction_read_only', 'on', true)`

const enterPreviewText = `select set_config('app.user_id', '', true), set_config('app.preview_owner', $1, true),
  set_config('app.preview_viewer', $2, true), set_config('app.owners', $3, true), set_config('transaction_read_only', 'on', true)`

/**
 * Several statements see one snapshot where this stands before them; connections for reads begin so by themselves, but where a pooler leaves
 * their options out. It lasts until the transaction ends, as all of `transaction_isolation` does.
 */
export const oneSnapshot: Statement = { text: "set transaction_isolation to 'repeatable read'", values: [] }

function setViewer(viewer: ViewerIdentity | null): string {
  if (!viewer) return "set local app.user_id = ''"
  const viewerId = assertUserId(viewer.userId)
  if (viewer.previewedBy === undefined) return `set local app.user_id = '${viewerId}'`
  const ownerId = assertUserId(viewer.previewedBy)
  return `set local app.user_id = ''; set local app.preview_owner = '${ownerId}'; set local app.preview_viewer = '${viewerId}'`
}

/** What `enter_as` is told when a transaction begins. */
export interface Entering {
  readonly viewer: ViewerIdentity
  readonly request: RequestInfo
  readonly owners: readonly UserId[]
  readonly origin: string | undefined
}

/** Begins a transaction of the viewer; `enter` answers the row of `enter_as`, for SES-2. */
export function beginWriting({ viewer, request, owners, origin }: Entering) {
  const values = [
    assertUserId(viewer.userId),
    viewer.sessionId,
    request.requestId?.replaceAll('\0', '') ?? null,
    inet(request.ip) ?? null,
    ownersText(owners),
    origin ?? null,
  ]
  return {
    begin: { text: 'begin isolation level read committed', values: [] },
    enter: { text: 'select role, status, session_is_live from enter_as($1, $2, $3, $4, $5, $6)', values },
  }
}

/** Begins a transaction of `kitaab_auth`, which sees every account; `actorId`, if known, is who acts, for the audit log. */
export function beginAuthenticating(request: RequestInfo, actorId: UserId | undefined): string {
  const settings = {
    'app.user_id': actorId === undefined ? '' : assertUserId(actorId),
    'app.request_id': request.requestId ?? '',
    'app.ip': inet(request.ip) ?? '',
  }
  const set = Object.entries(settings).map(([name, value]) => `set local ${name} = ${literal(value)}`)
  return `begin isolation level read committed; ${set.join('; ')}`
}

function literal(value: string | undefined): string {
  return value === undefined ? 'null' : pg.escapeLiteral(value.replaceAll('\0', ''))
}

/** An address that PostgreSQL takes: without the zone of a link-local one (`fe80::1%eth0`). */
function inet(ip: string | undefined): string | undefined {
  const address = ip?.split('%')[0]
  return address !== undefined && isIP(address) ? address : undefined
}
