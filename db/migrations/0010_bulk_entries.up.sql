-- Many entries in one statement (ENT-5). A session that has seen a statement with one row keeps its plan, which joined old and new rows by
-- comparing each with each: 250,000 times for 500 rows. What follows takes as long as there are rows, whatever was planned first.

create or replace function check_entries() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  changes logged_change[];
  scale_ids bigint[];
  fault record;
begin
  if tg_op = 'INSERT' then
    select array_agg((user_id, 'Entry', deed_item_id || ':' || entry_date, 'created', version)::logged_change order by deed_item_id, entry_date),
      array_agg(distinct scale_id) filter (where scale_id is not null)
    into changes, scale_ids
    from new_rows;
  else
    select
      array_agg((
        n.user_id, 'Entry', n.deed_item_id || ':' || n.entry_date,
        case when n.deleted_at is null then 'updated' else 'deleted' end, n.version
      )::logged_change order by n.deed_item_id, n.entry_date),
      array_agg(distinct n.scale_id) filter (where n.scale_id is not null)
    into changes, scale_ids
    from new_rows as n
    where (n.user_id, n.deed_item_id, n.entry_date, n.version) not in (select user_id, deed_item_id, entry_date, version from old_rows);
  end if;
  if changes is null then
    return null;
  end if;
  perform log_changes(changes);

  select e.deed_item_id, e.entry_date,
    case
      when item.deleted_at is not null or deeds.deleted_at is not null then 'item_deleted'
      when (deeds.measure_type = 'scale') <> (e.scale_value_id is not null) then 'measure_mismatch'
      when scales.deed_id <> item.deed_id or not scales.effective @> e.entry_date then 'scale_version_mismatch'
      when scale_values.deleted_at is not null then 'scale_version_mismatch'
    end as reason
  into fault
  from new_rows as e
  join deed_items as item on item.user_id = e.user_id and item.deed_item_id = e.deed_item_id
  join deeds on deeds.user_id = item.user_id and deeds.deed_id = item.deed_id
  left join scales on scales.user_id = e.user_id and scales.scale_id = e.scale_id
  left join scale_values on scale_values.user_id = e.user_id and scale_values.scale_value_id = e.scale_value_id
  where e.deleted_at is null and (
    item.deleted_at is not null or deeds.deleted_at is not null
    or (deeds.measure_type = 'scale') <> (e.scale_value_id is not null)
    or scales.deed_id <> item.deed_id or not scales.effective @> e.entry_date or scale_values.deleted_at is not null
  )
  limit 1;
  if found then
    perform refuse(
      case fault.reason when 'item_deleted' then 'KT404' when 'measure_mismatch' then 'KT400' else 'KT409' end, fault.reason,
      case fault.reason
        when 'item_deleted' then 'There is no such item.'
        when 'measure_mismatch' then 'A deed is recorded by its measure: a value of its scale, or a count.'
        else 'The value is not of the version of the scale that is effective on that day.'
      end,
      fault.deed_item_id || ':' || fault.entry_date);
  end if;

  if scale_ids is not null then
    update scales set locked_at = now()
    where user_id in (select user_id from new_rows) and scale_id = any (scale_ids) and locked_at is null;
  end if;

  if tg_op = 'INSERT' then
    insert into entry_history (user_id, deed_item_id, entry_date, action, new_values, changed_by_user_id, origin, version)
    select user_id, deed_item_id, entry_date, 'created', entry_values(scale_id, scale_value_id, count_value, notes), updated_by_user_id, origin, version
    from new_rows
    order by deed_item_id, entry_date;
  else
    insert into entry_history (user_id, deed_item_id, entry_date, action, old_values, new_values, changed_by_user_id, origin, version)
    select user_id, deed_item_id, entry_date,
      case when held is null then 'cleared' when held_before is null then 'restored' else 'updated' end::entry_action,
      held_before, held, updated_by_user_id, origin, version
    from (
      select *, lag(held) over by_version as held_before, lag(version) over by_version as version_before
      from (
        select user_id, deed_item_id, entry_date, version, updated_by_user_id, origin, false as is_new,
          case when deleted_at is null then entry_values(scale_id, scale_value_id, count_value, notes) end as held
        from old_rows
        union all
        select user_id, deed_item_id, entry_date, version, updated_by_user_id, origin, true,
          case when deleted_at is null then entry_values(scale_id, scale_value_id, count_value, notes) end
        from new_rows
      ) as both_rows
      window by_version as (partition by user_id, deed_item_id, entry_date order by is_new)
    ) as paired
    where is_new and version <> version_before
    order by deed_item_id, entry_date;
  end if;
  return null;
end
$$;
