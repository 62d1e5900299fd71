/** What a viewer may do with an item of somebody's (SHA-4); for the owner all of it. */
export interface Access {
  ownerId: string
  itemId: string
  /** The item, what is below it, and their entries. */
  mayRead: boolean
  /** Record, overwrite and clear entries (SHA-7). */
  mayRecord: boolean
  sharesNotes: boolean
  /** How many days back of the owner's today one may record; null is as far as dates go: the owner. */
  backfillDays: number | null
  /** When reading ends by itself; null when it does not. */
  expiresAt: string | null
}

export interface AccessKey {
  ownerId: string
  itemId: string
}

/** The owner always may. */
export function ownersAccess({ ownerId, itemId }: AccessKey): Access {
  return { ownerId, itemId, mayRead: true, mayRecord: true, sharesNotes: true, backfillDays: null, expiresAt: null }
}

/** What nobody granted. */
export function noAccess({ ownerId, itemId }: AccessKey): Access {
  return { ownerId, itemId, mayRead: false, mayRecord: false, sharesNotes: false, backfillDays: 0, expiresAt: null }
}

/** What one viewer may do with one item, as it stood before or after a change. */
export interface GrantedAccess {
  viewerId: string
  itemId: string
  mayRecord: boolean
  sharesNotes: boolean
  backfillDays: number
  /** Null when reading, recording or notes never end. */
  expiresAt: string | null
  writeExpiresAt: string | null
  notesExpiresAt: string | null
}

/** Items on which somebody would see or do more than before. */
export interface AccessGain {
  viewerId: string
  itemIds: string[]
}

/** SHA-10 What a change gives to others: per viewer the items that show more, or for longer, than before. */
export function accessGains(before: readonly GrantedAccess[], after: readonly GrantedAccess[]): AccessGain[] {
  const held = new Map(before.map((access) => [`${access.viewerId}:${access.itemId}`, access]))
  const gains = new Map<string, AccessGain>()
  for (const access of after) {
    const was = held.get(`${access.viewerId}:${access.itemId}`)
    if (was && !isWider(access, was)) continue
    const gain = gains.get(access.viewerId) ?? { viewerId: access.viewerId, itemIds: [] }
    gains.set(access.viewerId, gain)
    gain.itemIds.push(access.itemId)
  }
  return [...gains.values()]
}

function isWider(now: GrantedAccess, was: GrantedAccess): boolean {
  if (now.mayRecord && (!was.mayRecord || now.backfillDays > was.backfillDays)) return true
  if (now.sharesNotes && !was.sharesNotes) return true
  return (
    lasts(now.expiresAt, was.expiresAt) ||
    (now.mayRecord && lasts(now.writeExpiresAt, was.writeExpiresAt)) ||
    (now.sharesNotes && lasts(now.notesExpiresAt, was.notesExpiresAt))
  )
}

/** Whether it ends later. Both are PostgreSQL's text of an instant in UTC, whose order is that of time but for the fraction. */
function lasts(now: string | null, was: string | null): boolean {
  if (was === null) return false
  return now === null || instant(now) > instant(was)
}

/** `2026-11-20 18:30:00.25+00` with all six decimal places, so that texts compare as instants do. */
function instant(text: string): string {
  const [seconds = '', fraction = ''] = text.replace(/\+00$/, '').split('.')
  return `${seconds}.${fraction.padEnd(6, '0')}`
}

/** How two people are connected when several relations could be named: what is accepted, then what waits for the viewer. */
export function closestRelation<Row extends { status: string; direction: string }>(
  relations: readonly Row[],
): Row | null {
  const accepted = relations.filter((relation) => relation.status === 'accepted')
  const connected = accepted.length > 0 ? accepted : relations.filter((relation) => relation.status === 'pending')
  const first = accepted.length > 0 ? 'SENT' : 'RECEIVED'
  return connected.find((relation) => relation.direction === first) ?? connected[0] ?? null
}
