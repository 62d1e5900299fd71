import { sql } from 'kysely'
import type { MessageAuthor, UserRole } from '../../../generated/database.ts'
import { addDays } from '../../../platform/civil-dates.ts'
import type { Database } from '../../../platform/database/types.ts'
import type { DemoAccount, DemoDeed, DemoGrant, DemoItem, DemoLetter, DemoReflection, DemoRelation } from './world.ts'

/** Whether nobody has an account. */
export async function isEmpty(db: Database): Promise<boolean> {
  return (await db.selectFrom('users').select('user_id').limit(1).executeTakeFirst()) === undefined
}

/** The same, and until the transaction ends nobody else gets one. */
export async function lockWhileEmpty(tx: Database): Promise<boolean> {
  await sql`lock table users in share row exclusive mode`.execute(tx)
  return isEmpty(tx)
}

/** Who has an account among these addresses, and its id. */
export function usersByEmail(db: Database, emails: readonly string[]) {
  return db.selectFrom('users').where('email', 'in', emails).select(['user_id as userId', 'email']).execute()
}

/** Who acts from here on in this transaction: histories and audits name them. */
export async function actAs(tx: Database, userId: string): Promise<void> {
  await sql`select set_config('app.user_id', ${userId}, true)`.execute(tx)
}

/** Answers the new person's id and civil date. */
export async function insertPerson(tx: Database, person: DemoAccount, passwordHash: string, role: UserRole = 'member') {
  return tx
    .insertInto('users')
    .values({
      email: person.email,
      username: person.username,
      full_name: person.fullName,
      password_hash: passwordHash,
      email_verified: true,
      role,
      time_zone: person.timeZone,
      day_start_minutes: person.dayStartMinutes,
      week_start: person.weekStart,
      locale: person.locale,
    })
    .returning(['user_id as userId', sql<string>`civil_date(now(), time_zone, day_start_minutes)`.as('today')])
    .executeTakeFirstOrThrow()
}

/** A scale's values from the lowest; empty for counts. */
export interface DemoScaleIds {
  readonly scaleId: string | null
  readonly valueIds: readonly string[]
}

/** What a deed is measured by: now, and on the days before it changed. */
export interface DemoScales {
  readonly scale: DemoScaleIds
  readonly before: (DemoScaleIds & { readonly until: string }) | null
}

export async function insertDeed(
  tx: Database,
  userId: string,
  deed: DemoDeed,
  place: { order: number; today: string },
) {
  const { deedId } = await tx
    .insertInto('deeds')
    .values({
      user_id: userId,
      category_type: deed.category,
      name: deed.name,
      description: deed.description ?? null,
      measure_type: deed.scale === undefined ? 'count' : 'scale',
      unit: deed.unit ?? null,
      display_order: place.order,
    })
    .returning('deed_id as deedId')
    .executeTakeFirstOrThrow()
  return { deedId, ...(await insertScales(tx, { userId, deedId }, deed, place.today)) }
}

async function insertScales(
  tx: Database,
  key: { userId: string; deedId: string },
  { scale: values, scaleBefore }: DemoDeed,
  today: string,
): Promise<DemoScales> {
  if (values === undefined) return { scale: { scaleId: null, valueIds: [] }, before: null }
  const lineages = new Map(values.map(({ name }) => [name, crypto.randomUUID()]))
  if (scaleBefore === undefined) {
    const scale = await insertScale(tx, key, values, { versionNumber: 1, effective: '(,)', lineages })
    return { scale, before: null }
  }
  const until = addDays(today, -scaleBefore.untilDaysAgo)
  const first = { versionNumber: 1, effective: `(,${until}]`, lineages }
  const before = await insertScale(tx, key, scaleBefore.values, first)
  const scale = await insertScale(tx, key, values, { versionNumber: 2, effective: `(${until},)`, lineages })
  return { scale, before: { ...before, until } }
}

async function insertScale(
  tx: Database,
  { userId, deedId }: { userId: string; deedId: string },
  values: NonNullable<DemoDeed['scale']>,
  version: { versionNumber: number; effective: string; lineages: ReadonlyMap<string, string> },
): Promise<DemoScaleIds> {
  const { scaleId } = await tx
    .insertInto('scales')
    .values({ user_id: userId, deed_id: deedId, version_number: version.versionNumber, effective: version.effective })
    .returning('scale_id as scaleId')
    .executeTakeFirstOrThrow()
  const rows = await tx
    .insertInto('scale_values')
    .values(
      values.map(({ name, score, color }, index) => ({
        user_id: userId,
        scale_id: scaleId,
        deed_id: deedId,
        value_name: name,
        value_order: index + 1,
        score,
        color,
        lineage_key: version.lineages.get(name) ?? crypto.randomUUID(),
      })),
    )
    .returning(['scale_value_id as valueId', 'value_order as order'])
    .execute()
  return { scaleId, valueIds: rows.sort((a, b) => a.order - b.order).map(({ valueId }) => valueId) }
}

/** The items below one parent, in their order. Answers the ids by name. */
export async function insertItems(
  tx: Database,
  place: { userId: string; deedId: string; parentId: string | null },
  items: readonly DemoItem[],
): Promise<Map<string, string>> {
  const rows = await tx
    .insertInto('deed_items')
    .values(
      items.map(({ name, description, isPrivate }, index) => ({
        user_id: place.userId,
        deed_id: place.deedId,
        parent_deed_item_id: place.parentId,
        name,
        description: description ?? null,
        is_private: isPrivate ?? false,
        display_order: index,
      })),
    )
    .returning(['deed_item_id as itemId', 'name'])
    .execute()
  return new Map(rows.map(({ itemId, name }) => [name, itemId]))
}

export interface NewDemoEntry {
  readonly itemId: string
  readonly date: string
  readonly scaleId: string | null
  readonly valueId: string | null
  readonly count: string | null
  readonly notes: string | null
}

/** All of them in one statement, as whoever acts; an entry that is there gets the new value and notes. */
export async function recordEntries(tx: Database, userId: string, entries: readonly NewDemoEntry[]): Promise<void> {
  await sql`
    insert into entries (user_id, deed_item_id, entry_date, scale_id, scale_value_id, count_value, notes)
    select ${userId}, * from unnest(
      ${entries.map(({ itemId }) => itemId)}::bigint[], ${entries.map(({ date }) => date)}::date[],
      ${entries.map(({ scaleId }) => scaleId)}::bigint[], ${entries.map(({ valueId }) => valueId)}::bigint[],
      ${entries.map(({ count }) => count)}::numeric[], ${entries.map(({ notes }) => notes)}::text[]
    )
    on conflict (user_id, deed_item_id, entry_date) do update set
      scale_id = excluded.scale_id, scale_value_id = excluded.scale_value_id, count_value = excluded.count_value,
      notes = excluded.notes, updated_by_user_id = excluded.updated_by_user_id
  `.execute(tx)
}

export async function insertReflections(
  tx: Database,
  userId: string,
  reflections: readonly (Pick<DemoReflection, 'type' | 'message'> & { date: string })[],
): Promise<void> {
  await tx
    .insertInto('reflection_messages')
    .values(reflections.map(({ date, type, message }) => ({ user_id: userId, reflection_date: date, type, message })))
    .execute()
}

export async function insertLetter(
  tx: Database,
  letter: Pick<DemoLetter, 'hoursAgo' | 'isRead' | 'content'> & {
    ownerId: string
    authorId: string
    side: MessageAuthor
  },
): Promise<void> {
  const sentAt = sql<string>`now() - make_interval(hours => ${letter.hoursAgo}::integer)`
  await tx
    .insertInto('messages')
    .values({
      user_id: letter.ownerId,
      author: letter.side,
      author_id: letter.authorId,
      content: letter.content,
      created_at: sentAt,
      read_at: letter.isRead ? sql<string>`${sentAt} + interval '1 hour'` : null,
    })
    .execute()
}

/** The requester asks, the requestee answers: each as themselves. Answers the relation's id. */
export async function insertRelation(
  tx: Database,
  { accepted }: DemoRelation,
  people: { requesterId: string; requesteeId: string; sentTo: string },
): Promise<string> {
  await actAs(tx, people.requesterId)
  const { relationId } = await tx
    .insertInto('relations')
    .values({ requestee_id: people.requesteeId, requester_id: people.requesterId, sent_to: people.sentTo })
    .returning('relation_id as relationId')
    .executeTakeFirstOrThrow()
  await actAs(tx, people.requesteeId)
  if (accepted) {
    await tx
      .updateTable('relations')
      .set({ status: 'accepted' })
      .where('requestee_id', '=', people.requesteeId)
      .where('relation_id', '=', relationId)
      .execute()
  }
  return relationId
}

/** The accepted relation of these two; it must be there. */
export async function relationBetween(
  tx: Database,
  { requesterId, requesteeId }: { requesterId: string; requesteeId: string },
): Promise<string> {
  const { relationId } = await tx
    .selectFrom('relations')
    .where('requestee_id', '=', requesteeId)
    .where('requester_id', '=', requesterId)
    .where('status', '=', 'accepted')
    .where('deleted_at', 'is', null)
    .select('relation_id as relationId')
    .executeTakeFirstOrThrow()
  return relationId
}

export async function insertGrant(
  tx: Database,
  grant: DemoGrant,
  place: { ownerId: string; relationId: string; requesterId: string; itemId: string },
): Promise<void> {
  await tx
    .insertInto('permissions')
    .values({
      user_id: place.ownerId,
      relation_id: place.relationId,
      requester_id: place.requesterId,
      deed_item_id: place.itemId,
      permission_type: grant.type,
      shares_notes: grant.sharesNotes,
    })
    .execute()
}
