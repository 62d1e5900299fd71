-- What PostGraphile's documentation puts into the database: custom queries, a computed column, a custom mutation, and smart comments.
drop type if exists bench_total, bench_progress, bench_recorded cascade;
create type bench_total as (category text, deed bigint, entry_count integer, recorded_days integer, count_total text, average_score text);
create type bench_progress as (ratio double precision, value text);
create type bench_recorded as (written boolean, date date, count text, progress text);

create or replace function access_of(owner bigint, viewer bigint, item bigint) returns setof item_access language sql stable rows 1 as $$
  select * from item_access as a
  where a.user_id = owner and a.viewer_id = viewer and a.deed_item_id = item and (a.expires_at is null or a.expires_at > now())
$$;

create or replace function entries_of(owner bigint, from_date date, to_date date) returns setof entries language sql stable rows 200 as $$
  select * from entries as e where e.user_id = owner and e.entry_date between from_date and to_date and e.deleted_at is null
  order by e.entry_date desc
$$;

create or replace function shared_entries_of(owner bigint, viewer bigint, from_date date, to_date date) returns setof entries
language sql stable rows 100 as $$
  select e.* from item_access as a join entries as e on e.user_id = a.user_id and e.deed_item_id = a.deed_item_id
  where a.user_id = owner and a.viewer_id = viewer and (a.expires_at is null or a.expires_at > now())
    and e.user_id = owner and e.entry_date between from_date and to_date and e.deleted_at is null
  order by e.entry_date desc
$$;

create or replace function totals_of(owner bigint, from_date date, to_date date) returns setof bench_total language sql stable rows 10 as $$
  select case when grouping(d.deed_id) = 1 then upper(d.category_type::text) end, d.deed_id, count(*)::integer,
    count(distinct e.entry_date)::integer, trim_scale(sum(e.count_value))::text, trim_scale(round(avg(v.normalized_score), 6))::text
  from entries as e
    join deed_items as i on i.user_id = e.user_id and i.deed_item_id = e.deed_item_id and i.deleted_at is null
    join deeds as d on d.user_id = i.user_id and d.deed_id = i.deed_id
    left join scale_values as v on v.user_id = e.user_id and v.scale_value_id = e.scale_value_id
  where e.user_id = owner and e.entry_date between from_date and to_date and e.deleted_at is null
  group by grouping sets ((d.category_type), (d.deed_id))
$$;

create or replace function deeds_of(owner bigint) returns setof deeds language sql stable rows 5 as $$
  select * from deeds as d where d.user_id = owner and d.deleted_at is null and d.is_active
$$;

create or replace function merits_of(owner bigint) returns setof goals language sql stable rows 5 as $$
  select * from goals as g where g.user_id = owner and g.kind = 'merit' and g.deleted_at is null order by g.goal_id
$$;

-- A computed column of goals.
create or replace function goals_progress(g goals, as_of date) returns bench_progress language sql stable as $$
  select least(1, p.value / c.target_value)::double precision, trim_scale(p.value)::text
  from goal_items as c left join scale_values as least_value on least_value.user_id = c.user_id and least_value.scale_value_id = c.scale_value_id
  cross join lateral (
    select coalesce(
      case c.metric when 'count_sum' then sum(e.count_value) else count(*) filter (where v.value_order >= least_value.value_order) end, 0
    ) as value
    from deed_items as i join entries as e on e.user_id = i.user_id and e.deed_item_id = i.deed_item_id
    left join scale_values as v on v.user_id = e.user_id and v.scale_value_id = e.scale_value_id
    where i.user_id = c.user_id and (i.deed_item_id = c.deed_item_id or i.parent_deed_item_id = c.deed_item_id) and i.deleted_at is null
      and e.entry_date between g.start_date and least(as_of, g.end_date) and e.deleted_at is null
  ) as p
  where c.user_id = g.user_id and c.goal_id = g.goal_id and c.deleted_at is null
$$;

-- A custom mutation: one statement, so one transaction.
create or replace function record_entry(owner bigint, item bigint, date date, count numeric) returns bench_recorded language plpgsql volatile as $$
declare
  changed boolean;
  progress text;
begin
  insert into entries as e (user_id, deed_item_id, entry_date, count_value, created_by_user_id, updated_by_user_id, origin)
  values (owner, item, record_entry.date, record_entry.count, owner, owner, 'manual')
  on conflict (user_id, deed_item_id, entry_date) do update set count_value = excluded.count_value, updated_by_user_id = excluded.updated_by_user_id
  where e.count_value <> excluded.count_value;
  changed := found;
  select string_agg((goals_progress(g, g.end_date)).value, ',' order by g.goal_id) into progress
  from deed_items as i
    join goal_items as c on c.user_id = i.user_id and c.deed_item_id in (i.deed_item_id, i.parent_deed_item_id) and c.deleted_at is null
    join goals as g on g.user_id = c.user_id and g.goal_id = c.goal_id and g.deleted_at is null
  where i.user_id = owner and i.deed_item_id = item;
  return (changed, record_entry.date, trim_scale(record_entry.count)::text, progress)::bench_recorded;
end
$$;

-- Lists where nobody turns pages.
comment on function access_of(bigint, bigint, bigint) is '@behavior -connection +list';
comment on function entries_of(bigint, date, date) is '@behavior -connection +list';
comment on function shared_entries_of(bigint, bigint, date, date) is '@behavior -connection +list';
comment on function totals_of(bigint, date, date) is '@behavior -connection +list';
comment on function deeds_of(bigint) is '@behavior -connection +list';
comment on function merits_of(bigint) is '@behavior -connection +list';
