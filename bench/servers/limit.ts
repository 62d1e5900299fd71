// The limit: what a request costs when nothing but the statement is left. Bare `node:http`, one hand-written statement per workload, prepared
// by name, flat rows, a pool of ten connections that sees everything: no tokens, no permissions beyond the statement's, no limits, no log.
import { createServer, type IncomingMessage } from 'node:http'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE, max: 10 })
pool.on('error', () => {})

type Values = Record<string, string | number>
interface Statement {
  readonly text: string
  values(ask: Values): (string | number | undefined)[]
  rows?(rows: Record<string, unknown>[]): unknown[]
}

const amount = (column: string) => `trim_scale(${column})::text`
const entryColumns = `e.entry_date::text as date, ${amount('e.count_value')} as count, e.notes, e.version, v.value_name as value,
  e.deed_item_id::integer as item, i.name as "itemName", i.level::integer as level`
const entrySources = `entries as e
  join deed_items as i on i.user_id = e.user_id and i.deed_item_id = e.deed_item_id and i.deleted_at is null
  left join scale_values as v on v.user_id = e.user_id and v.scale_value_id = e.scale_value_id`
const inRange = `e.user_id = $1 and e.entry_date between $2 and $3 and e.deleted_at is null`

const statements: Record<string, Statement> = {
  permission: {
    text: `select may_write from item_access
      where user_id = $1 and viewer_id = $2 and deed_item_id = $3 and (expires_at is null or expires_at > now())`,
    values: ({ owner, viewer, item }) => [owner, viewer, item],
    rows: ([row]) => [{ mayRead: row !== undefined, mayRecord: row?.may_write === true }],
  },
  'dashboard-wide': {
    text: `select ${entryColumns}, d.deed_id::integer as deed, d.name as "deedName", upper(d.category_type::text) as category
      from ${entrySources} join deeds as d on d.user_id = i.user_id and d.deed_id = i.deed_id where ${inRange} order by e.entry_date desc`,
    values: ({ owner, from, to }) => [owner, from, to],
  },
  'dashboard-totals': {
    text: `select case when grouping(d.deed_id) = 1 then upper(d.category_type::text) end as category, d.deed_id::integer as deed,
        count(*)::integer as "entryCount", count(distinct e.entry_date)::integer as "recordedDays",
        ${amount('sum(e.count_value)')} as "countTotal", ${amount('round(avg(v.normalized_score), 6)')} as "averageScore"
      from ${entrySources} join deeds as d on d.user_id = i.user_id and d.deed_id = i.deed_id where ${inRange}
      group by grouping sets ((d.category_type), (d.deed_id))`,
    values: ({ owner, from, to }) => [owner, from, to],
    rows: (rows) =>
      rows.map(({ category, deed, countTotal, ...rest }) =>
        category === null ? { deed, countTotal, ...rest } : { category, ...rest },
      ),
  },
  hierarchy: {
    text: `select d.deed_id::integer as deed, d.name as "deedName", upper(d.category_type::text) as category, i.deed_item_id::integer as item,
        i.parent_deed_item_id::integer as parent, i.level::integer as level, i.name, l.date, l.count, l.value
      from deeds as d join deed_items as i on i.user_id = d.user_id and i.deed_id = d.deed_id and i.deleted_at is null
      left join lateral (
        select e.entry_date::text as date, ${amount('e.count_value')} as count, v.value_name as value
        from entries as e left join scale_values as v on v.user_id = e.user_id and v.scale_value_id = e.scale_value_id
        where e.user_id = i.user_id and e.deed_item_id = i.deed_item_id and e.deleted_at is null order by e.entry_date desc limit 1
      ) as l on true
      where d.user_id = $1 and d.deleted_at is null and d.is_active`,
    values: ({ owner }) => [owner],
  },
  shared: {
    text: `select ${entryColumns} from item_access as a join ${entrySources.replace('entries as e', 'entries as e on e.user_id = a.user_id and e.deed_item_id = a.deed_item_id')}
      where a.user_id = $1 and a.viewer_id = $4 and (a.expires_at is null or a.expires_at > now()) and ${inRange} order by e.entry_date desc limit 100`,
    values: ({ owner, from, to, viewer }) => [owner, from, to, viewer],
  },
  merits: {
    text: `select g.goal_id::integer as merit, g.title, c.target_value as target, ${amount('coalesce(p.value, 0)')} as value
      from goals as g join goal_items as c on c.user_id = g.user_id and c.goal_id = g.goal_id and c.deleted_at is null
      left join scale_values as least on least.user_id = c.user_id and least.scale_value_id = c.scale_value_id
      cross join lateral (
        select case c.metric when 'count_sum' then sum(e.count_value) else count(*) filter (where v.value_order >= least.value_order) end as value
        from deed_items as i join entries as e on e.user_id = i.user_id and e.deed_item_id = i.deed_item_id
        left join scale_values as v on v.user_id = e.user_id and v.scale_value_id = e.scale_value_id
        where i.user_id = c.user_id and (i.deed_item_id = c.deed_item_id or i.parent_deed_item_id = c.deed_item_id) and i.deleted_at is null
          and e.entry_date between g.start_date and least($2::date, g.end_date) and e.deleted_at is null
      ) as p
      where g.user_id = $1 and g.kind = 'merit' and g.deleted_at is null order by g.goal_id`,
    values: ({ owner, to }) => [owner, to],
    rows: (rows) =>
      rows.map(({ merit, title, target, value }) => ({
        merit,
        title,
        ratio: Math.round(Math.min(1, Number(value) / Number(target)) * 1_000_000) / 1_000_000,
        value,
      })),
  },
  // From the entries of everybody: what it costs where nothing is kept.
  analytics: {
    text: `select $1::date::text as "from", upper(category_type::text) as category, count(distinct user_id)::integer as people,
        sum(entries)::integer as "entryCount", count(*)::integer as "recordedDays", ${amount('round(sum(score) / sum(scored), 6)')} as "averageScore"
      from (
        select e.user_id, e.entry_date, d.category_type, count(*) as entries, sum(v.normalized_score) as score, nullif(count(v.normalized_score), 0) as scored
        from ${entrySources} join deeds as d on d.user_id = i.user_id and d.deed_id = i.deed_id and d.deleted_at is null
        where e.entry_date >= $1::date and e.entry_date < $1::date + interval '1 month' and e.deleted_at is null
        group by e.user_id, e.entry_date, d.category_type
      ) as days group by category_type`,
    values: ({ from }) => [from],
  },
  // History, change log and sequence are written by the schema's own triggers, for every server alike.
  record: {
    text: `with before as (
        select count_value from entries where user_id = $1 and deed_item_id = $2 and entry_date = $3 and deleted_at is null
      ), written as (
        insert into entries (user_id, deed_item_id, entry_date, count_value, created_by_user_id, updated_by_user_id, origin)
        values ($1, $2, $3, $4, $1, $1, 'manual')
        on conflict (user_id, deed_item_id, entry_date) do update set count_value = excluded.count_value, updated_by_user_id = excluded.updated_by_user_id
        where entries.count_value <> excluded.count_value returning 1
      )
      select exists (select from written) as written, (
        select sum(e.count_value) from goals as g join goal_items as c on c.user_id = g.user_id and c.goal_id = g.goal_id
        join deed_items as i on i.user_id = c.user_id and (i.deed_item_id = c.deed_item_id or i.parent_deed_item_id = c.deed_item_id)
        join entries as e on e.user_id = i.user_id and e.deed_item_id = i.deed_item_id and e.entry_date between g.start_date and g.end_date
        where g.user_id = $1 and c.metric = 'count_sum'
      ) as progress`,
    values: ({ owner, item, date, value }) => [owner, item, date, value],
  },
}

async function answer(name: string, ask: Values): Promise<unknown[]> {
  const statement = statements[name]
  if (!statement) throw new Error(`no workload ${name}`)
  const { rows } = await pool.query({ name, text: statement.text, values: statement.values(ask) })
  if (name === 'record')
    return [{ status: rows[0].written ? 'WRITTEN' : 'UNCHANGED', date: ask.date, count: String(ask.value) }]
  return statement.rows ? statement.rows(rows) : rows
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

createServer(async (request, response) => {
  try {
    const rows = await answer(request.url?.slice(1) ?? '', JSON.parse(await bodyOf(request)))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ rows }))
  } catch (error) {
    response.statusCode = 500
    response.end(String(error))
  }
}).listen(Number(process.env.PORT), '127.0.0.1')
