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
    join old_rows as o on o.user_id = n.user_id and o.deed_item_id = n.deed_item_id and o.entry_date = n.entry_date
    where n.version <> o.version;
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
    select n.user_id, n.deed_item_id, n.entry_date,
      case
        when o.deleted_at is null and n.deleted_at is not null then 'cleared'
        when o.deleted_at is not null and n.deleted_at is null then 'restored'
        else 'updated'
      end::entry_action,
      case when o.deleted_at is null then entry_values(o.scale_id, o.scale_value_id, o.count_value, o.notes) end,
      case when n.deleted_at is null then entry_values(n.scale_id, n.scale_value_id, n.count_value, n.notes) end,
      n.updated_by_user_id, n.origin, n.version
    from new_rows as n
    join old_rows as o on o.user_id = n.user_id and o.deed_item_id = n.deed_item_id and o.entry_date = n.entry_date
    where n.version <> o.version
    order by n.deed_item_id, n.entry_date;
  end if;
  return null;
end
$$;
