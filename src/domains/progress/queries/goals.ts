import { sql } from 'kysely'
import { idsIn, pairsIn } from '../../../platform/database/any-of.ts'
import {
  checkPageSize,
  counter,
  firstPageStatement,
  type KeysetOptions,
  keysetPage,
  pageOf,
} from '../../../platform/database/keyset.ts'
import { keysetFirstPages } from '../../../platform/database/keyset-first-pages.ts'
import type { Page } from '../../../platform/database/page.ts'
import { builder, prepared } from '../../../platform/database/prepared.ts'
import type { Database } from '../../../platform/database/types.ts'

/** One live goal of an owner; goals are seen by their owner alone (SHA-6). */
export type GoalRow = Awaited<ReturnType<typeof goalsByKeys>>[number]
export type GoalItemRow = Awaited<ReturnType<typeof itemsOfGoals>>[number]
export type GoalPage = Page<GoalRow>
export type GoalKind = GoalRow['kind']
export interface GoalKey {
  ownerId: string
  goalId: string
}

/** GOAL-6 Days after its window from which a completion neither comes nor goes. */
export const daysUntilSealed = 7

/** Live goals with the columns of `GoalRow`; `today` is the owner's civil date. */
export function liveGoals(db: Database) {
  return db
    .selectFrom('goals')
    .innerJoin('users', 'users.user_id', 'goals.user_id')
    .where('goals.deleted_at', 'is', null)
    .select([
      'goals.user_id as ownerId',
      'goals.goal_id as goalId',
      'goals.kind',
      'goals.deed_id as deedId',
      'goals.title',
      'goals.description',
      'goals.match_type as match',
      'goals.start_date as startDate',
      'goals.end_date as endDate',
      'goals.is_active as isActive',
      'goals.version',
      'goals.completed_at as completedAt',
      'goals.completed_on as completedOn',
      today.as('today'),
      sql<boolean>`(goals.sealed_at is not null or ${today} > goals.end_date + ${sql.lit(daysUntilSealed)})`.as(
        'isSealed',
      ),
    ])
}

export const today = sql<string>`civil_date(now(), users.time_zone, users.day_start_minutes)`

export function goalsByKeys(db: Database, keys: readonly GoalKey[]) {
  return goalsListed(db, listsOf(keys))
}

interface Listed {
  ownerIds: readonly string[]
  goalIds: readonly string[]
}

const goalsListed = prepared((db, { ownerIds, goalIds }: Listed) =>
  builder(liveGoals(db).where(idsIn(['goals.user_id', 'goals.goal_id'], [ownerIds, goalIds]))),
)

function listsOf(keys: readonly GoalKey[]): Listed {
  return { ownerIds: keys.map(({ ownerId }) => ownerId), goalIds: keys.map(({ goalId }) => goalId) }
}

/** The latest window first. */
const latestFirst = [
  { column: 'goals.start_date', direction: 'desc' as const },
  { column: 'goals.goal_id', direction: 'desc' as const },
]

interface PageOptions {
  first: number
  after?: string | null | undefined
}

/** A page of an owner's goals of one kind, the latest window first; `goalIds` narrows it to those, of which `scope` tells. */
export function goalsOfOwner(
  db: Database,
  { ownerId, kind }: { ownerId: string; kind: GoalKind },
  { goalIds, scope, ...page }: PageOptions & { goalIds?: readonly string[]; scope: unknown },
): Promise<GoalPage> {
  const options = { ...page, order: latestFirst, scope: [`${kind}s`, ownerId, scope] }
  if (!goalIds && page.after == null) return firstGoalsOfOwner(db, { ownerId, kind }, options)
  let goals = ofOwner(db, { ownerId, kind })
  if (goalIds) goals = goals.where('goals.goal_id', '=', sql<string>`any(${goalIds}::bigint[])`)
  return keysetPage(db, goals, options)
}

interface OfOwner {
  ownerId: string
  kind: GoalKind
}

function ofOwner(db: Database, { ownerId, kind }: OfOwner) {
  return liveGoals(db).where('goals.user_id', '=', ownerId).where('goals.kind', '=', kind)
}

async function firstGoalsOfOwner(db: Database, owner: OfOwner, options: KeysetOptions): Promise<GoalPage> {
  checkPageSize(options.first, 100)
  const rows = await firstOfOwner(db, { ...owner, limit: options.first + 1 })
  return pageOf(
    rows,
    options,
    counter(db, () => ofOwner(db, owner)),
  )
}

const firstOfOwner = prepared((db, values: OfOwner & { limit: number }) =>
  builder(firstPageStatement(ofOwner(db, values), latestFirst, values.limit)),
)

/** All live goals of an owner and kind, to be judged. */
export function allGoalsOfOwner(db: Database, { ownerId, kind }: { ownerId: string; kind: GoalKind }) {
  return ofOwner(db, { ownerId, kind }).execute()
}

export interface DeedKey {
  viewerId: string
  ownerId: string
  deedId: string
}

/** A page of a deed's merits, the latest window first; empty for everybody but its owner. */
export function meritsOfDeed(db: Database, key: DeedKey, page: PageOptions): Promise<GoalPage> {
  const { viewerId, ownerId, deedId } = key
  const merits = liveGoals(db)
    .where('goals.user_id', '=', viewerId)
    .where('goals.user_id', '=', ownerId)
    .where('goals.deed_id', '=', deedId)
  return keysetPage(db, merits, { ...page, order: latestFirst, scope: scopeOfDeed(key) })
}

/** The first pages of `meritsOfDeed` for many deeds, in one statement; in the order of the keys. */
export function firstMeritsOfDeeds(db: Database, keys: readonly DeedKey[], first: number): Promise<GoalPage[]> {
  const merits = liveGoals(db).where(
    sql<boolean>`goals.user_id = wanted.viewer_id and goals.user_id = wanted.owner_id and goals.deed_id = wanted.deed_id`,
  )
  return keysetFirstPages(db, merits, {
    columns: { viewer_id: 'bigint', owner_id: 'bigint', deed_id: 'bigint' },
    lists: keys.map((key) => ({
      values: { viewer_id: key.viewerId, owner_id: key.ownerId, deed_id: key.deedId },
      scope: scopeOfDeed(key),
    })),
    order: latestFirst,
    first,
  })
}

const scopeOfDeed = ({ ownerId, deedId }: DeedKey) => ['meritsOfDeed', ownerId, deedId]

/** What live goals ask for. */
function liveItems(db: Database) {
  return db
    .selectFrom('goal_items')
    .where('goal_items.deleted_at', 'is', null)
    .select([
      'goal_items.user_id as ownerId',
      'goal_items.goal_id as goalId',
      'goal_items.goal_item_id as goalItemId',
      'goal_items.deed_item_id as itemId',
      'goal_items.includes_descendants as includesDescendants',
      'goal_items.metric',
      'goal_items.comparator',
      'goal_items.scale_value_id as scaleValueId',
      'goal_items.scale_match as scaleMatch',
      'goal_items.target_value as target',
    ])
}

/** What goals ask for, in the order in which it was said. */
export function itemsOfGoals(db: Database, keys: readonly GoalKey[]) {
  return itemsListed(db, listsOf(keys))
}

const itemsListed = prepared((db, { ownerIds, goalIds }: Listed) =>
  builder(
    liveItems(db)
      .where(idsIn(['goal_items.user_id', 'goal_items.goal_id'], [ownerIds, goalIds]))
      .orderBy('goal_items.goal_item_id'),
  ),
)

export interface GoalItemKey {
  ownerId: string
  goalItemId: string
}

export function goalItemsByKeys(db: Database, keys: readonly GoalItemKey[]) {
  const pairs = keys.map(({ ownerId, goalItemId }) => [ownerId, goalItemId] as const)
  return liveItems(db)
    .where(pairsIn(['goal_items.user_id', 'goal_items.goal_item_id'], pairs))
    .execute()
}
