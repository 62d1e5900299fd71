// What the hand-written peers read and write: roots by their arguments, children in batches for the rows of their parents. Every statement is
// prepared by name, as pg's documentation teaches; the pool is as large as everyone's.
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE, max: 10 })
pool.on('error', () => {})

const ask = async (name, text, values, client = pool) => (await client.query({ name, text, values })).rows

const amount = (column) => `trim_scale(${column})::text`
const entryColumns = `e.user_id as owner, e.deed_item_id as "itemId", e.scale_value_id as "scaleValueId",
  e.deed_item_id || ':' || e.entry_date as id, e.entry_date::text as date, ${amount('e.count_value')} as count, e.notes, e.version`
const itemColumns = `i.user_id as owner, i.deed_item_id as id, i.deed_id as "deedId", i.parent_deed_item_id as "parentId", i.level, i.name`
const deedColumns = `d.user_id as owner, d.deed_id as id, d.name, upper(d.category_type::text) as category`
const keys = `unnest($1::bigint[], $2::bigint[]) as k (owner, id)`
const inRange = `e.user_id = $1 and e.entry_date between $2 and $3 and e.deleted_at is null`
const notExpired = `(a.expires_at is null or a.expires_at > now())`

export async function access({ owner, viewer, item }) {
  const [row] = await ask(
    'access',
    `select a.may_write from item_access as a where a.user_id = $1 and a.viewer_id = $2 and a.deed_item_id = $3 and ${notExpired}`,
    [owner, viewer, item],
  )
  return { mayRead: row !== undefined, mayRecord: row?.may_write === true }
}

export const entries = ({ owner, from, to, first }) =>
  ask('entries', `select ${entryColumns} from entries as e where ${inRange} order by e.entry_date desc limit $4`, [
    owner,
    from,
    to,
    first,
  ])

export const sharedEntries = ({ owner, viewer, from, to, first }) =>
  ask(
    'shared_entries',
    `select ${entryColumns} from item_access as a join entries as e on e.user_id = a.user_id and e.deed_item_id = a.deed_item_id
      where a.user_id = $1 and a.viewer_id = $4 and ${notExpired} and ${inRange} order by e.entry_date desc limit $5`,
    [owner, from, to, viewer, first],
  )

const totalColumns = `count(*)::integer as "entryCount", count(distinct e.entry_date)::integer as "recordedDays",
  ${amount('sum(e.count_value)')} as "countTotal", ${amount('round(avg(v.normalized_score), 6)')} as "averageScore"`
const totalSources = `entries as e join deed_items as i on i.user_id = e.user_id and i.deed_item_id = e.deed_item_id and i.deleted_at is null
  join deeds as d on d.user_id = i.user_id and d.deed_id = i.deed_id
  left join scale_values as v on v.user_id = e.user_id and v.scale_value_id = e.scale_value_id where ${inRange}`

export const totals = ({ owner, from, to }) =>
  ask(
    'totals',
    `select upper(d.category_type::text) as category, ${totalColumns} from ${totalSources} group by d.category_type`,
    [owner, from, to],
  )

export const deedTotals = ({ owner, from, to }) =>
  ask('deed_totals', `select d.deed_id as "deedId", ${totalColumns} from ${totalSources} group by d.deed_id`, [
    owner,
    from,
    to,
  ])

export const deeds = ({ owner }) =>
  ask('deeds', `select ${deedColumns} from deeds as d where d.user_id = $1 and d.deleted_at is null and d.is_active`, [
    owner,
  ])

export const merits = ({ owner }) =>
  ask(
    'merits',
    `select g.user_id as owner, g.goal_id as id, g.title from goals as g
      where g.user_id = $1 and g.kind = 'merit' and g.deleted_at is null order by g.goal_id`,
    [owner],
  )

/** Rows of a statement whose keys are two arrays, once per key however often it is asked for. */
async function rowsOfKeys(name, text, owners, ids, ...more) {
  const distinct = new Map(owners.map((owner, at) => [`${owner}:${ids[at]}`, [owner, ids[at]]]))
  const pairs = [...distinct.values()]
  return ask(name, text, [pairs.map(([owner]) => owner), pairs.map(([, id]) => id), ...more])
}

async function oneEach(name, text, rows, idOf, ...more) {
  const asked = rows.filter((row) => idOf(row) !== null)
  if (asked.length === 0) return rows.map(() => null)
  const owners = asked.map((row) => row.owner)
  const found = await rowsOfKeys(name, text, owners, asked.map(idOf), ...more)
  const byKey = new Map(found.map((row) => [`${row.owner}:${row.key ?? row.id}`, row]))
  return rows.map((row) => byKey.get(`${row.owner}:${idOf(row)}`) ?? null)
}

export const itemsOf = (parents) =>
  oneEach(
    'items',
    `select ${itemColumns} from ${keys} join deed_items as i on i.user_id = k.owner and i.deed_item_id = k.id and i.deleted_at is null`,
    parents,
    ({ itemId }) => itemId,
  )

export const deedsOf = (parents) =>
  oneEach(
    'deeds_of_items',
    `select ${deedColumns} from ${keys} join deeds as d on d.user_id = k.owner and d.deed_id = k.id`,
    parents,
    ({ deedId }) => deedId,
  )

export const scaleValuesOf = (parents) =>
  oneEach(
    'scale_values',
    `select v.user_id as owner, v.scale_value_id as id, v.value_name as name
      from ${keys} join scale_values as v on v.user_id = k.owner and v.scale_value_id = k.id`,
    parents,
    ({ scaleValueId }) => scaleValueId,
  )

export const latestEntriesOf = (items) =>
  oneEach(
    'latest_entries',
    `select l.*, k.id as key from ${keys} cross join lateral (
      select ${entryColumns} from entries as e where e.user_id = k.owner and e.deed_item_id = k.id and e.deleted_at is null
      order by e.entry_date desc limit 1) as l`,
    items,
    ({ id }) => id,
  )

export async function itemsOfDeeds(parents) {
  const found = await rowsOfKeys(
    'items_of_deeds',
    `select ${itemColumns} from ${keys} join deed_items as i on i.user_id = k.owner and i.deed_id = k.id and i.deleted_at is null`,
    parents.map(({ owner }) => owner),
    parents.map(({ id }) => id),
  )
  const byDeed = Map.groupBy(found, ({ owner, deedId }) => `${owner}:${deedId}`)
  return parents.map(({ owner, id }) => byDeed.get(`${owner}:${id}`) ?? [])
}

const progressSources = `goals as g on g.user_id = k.owner and g.goal_id = k.id
  join goal_items as c on c.user_id = g.user_id and c.goal_id = g.goal_id and c.deleted_at is null
  left join scale_values as least on least.user_id = c.user_id and least.scale_value_id = c.scale_value_id
  cross join lateral (
    select case c.metric when 'count_sum' then sum(e.count_value) else count(*) filter (where v.value_order >= least.value_order) end as value
    from deed_items as i join entries as e on e.user_id = i.user_id and e.deed_item_id = i.deed_item_id
    left join scale_values as v on v.user_id = e.user_id and v.scale_value_id = e.scale_value_id
    where i.user_id = c.user_id and (i.deed_item_id = c.deed_item_id or i.parent_deed_item_id = c.deed_item_id) and i.deleted_at is null
      and e.entry_date between g.start_date and least($3::date, g.end_date) and e.deleted_at is null
  ) as p`

/** Progress of merits, all as of one day. */
export const progressOf = async (parents, asOf) => {
  const found = await oneEach(
    'progress',
    `select k.owner, k.id, c.target_value as target, ${amount('coalesce(p.value, 0)')} as value from ${keys} join ${progressSources}`,
    parents,
    ({ id }) => id,
    asOf,
  )
  return found.map(({ target, value }) => ({ ratio: Math.min(1, Number(value) / Number(target)), value }))
}

/** In one transaction: the entry, and the merits that count its item. History and change log are written by the schema's triggers. */
export async function recordEntry({ owner, item, date, count }) {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const written = await ask('record', recordText, [owner, item, date, count], client)
    const moved = await ask('moved_merits', movedText, [owner, item], client)
    await client.query('commit')
    return { written: written.length > 0, date, count, merits: moved }
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

const recordText = `insert into entries (user_id, deed_item_id, entry_date, count_value, created_by_user_id, updated_by_user_id, origin)
  values ($1, $2, $3, $4, $1, $1, 'manual')
  on conflict (user_id, deed_item_id, entry_date) do update set count_value = excluded.count_value, updated_by_user_id = excluded.updated_by_user_id
  where entries.count_value <> excluded.count_value returning 1`
const movedText = `select distinct g.user_id as owner, g.goal_id as id, g.title from deed_items as i
  join goal_items as c on c.user_id = i.user_id and c.deed_item_id in (i.deed_item_id, i.parent_deed_item_id) and c.deleted_at is null
  join goals as g on g.user_id = c.user_id and g.goal_id = c.goal_id and g.deleted_at is null
  where i.user_id = $1 and i.deed_item_id = $2`
