-- What a person's own archive needs when it comes back: changes of entries that others made elsewhere, and entries as they were.

-- ------------------------------------------------------------------------------------------------ history

-- Who did it where it was imported from, as that archive says: no user of this database. And how it had come in there.
alter table entry_history
  add column imported_actor text constraint entry_history_imported_actor_check check (char_length(imported_actor) between 1 and 200),
  add column imported_origin entry_origin;
comment on column entry_history.imported_actor is 'Who made the change, as an archive says that was imported; changed_by_user_id is then who imported it. Only the owner is shown it.';

-- ------------------------------------------------------------------------------------------------ entries

-- An archive brings the history with its entries, and entries of deleted items, which come back when those are restored. So the worker that
-- imports one says so (`set local app.archive = 'on'`), and its statements are checked by this instead of check_entries(). Nobody else can.
create function check_archived_entries() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  fault record;
begin
  perform log_changes(array(
    select (user_id, 'Entry', deed_item_id || ':' || entry_date, 'created', version)::logged_change from new_rows order by deed_item_id, entry_date
  ));
  select
    case
      when (deeds.measure_type = 'scale') <> (e.scale_value_id is not null) then 'measure_mismatch'
      when e.entry_date > civil_date(now(), users.time_zone, users.day_start_minutes) + 1 then 'date_out_of_range'
      else 'scale_version_mismatch'
    end as reason,
    e.deed_item_id || ':' || e.entry_date as place
  into fault
  from new_rows as e
  join users on users.user_id = e.user_id
  join deed_items as item on item.user_id = e.user_id and item.deed_item_id = e.deed_item_id
  join deeds on deeds.user_id = item.user_id and deeds.deed_id = item.deed_id
  left join scales on scales.user_id = e.user_id and scales.scale_id = e.scale_id
  left join scale_values on scale_values.user_id = e.user_id and scale_values.scale_value_id = e.scale_value_id
  where (deeds.measure_type = 'scale') <> (e.scale_value_id is not null)
    or e.entry_date > civil_date(now(), users.time_zone, users.day_start_minutes) + 1
    or scales.deed_id <> item.deed_id or scale_values.deleted_at is not null
    -- A day that was cleared may since have come under another version.
    or (e.deleted_at is null and not scales.effective @> e.entry_date)
  limit 1;
  if found then
    perform refuse('KT400', fault.reason, case fault.reason
      when 'measure_mismatch' then 'A deed is recorded by its measure: a value of its scale, or a count.'
      when 'date_out_of_range' then 'A day is recorded until tomorrow.'
      else 'The value is not of the version of the scale that is effective on that day.'
    end, fault.place);
  end if;
  update scales set locked_at = now()
  where user_id in (select user_id from new_rows) and scale_id in (select scale_id from new_rows) and locked_at is null;
  return null;
end
$$;
alter function check_archived_entries() owner to kitaab_definer;
revoke execute on function check_archived_entries() from public;
drop trigger check_entries_of_insert on entries;
create trigger check_entries_of_insert after insert on entries
  referencing new table as new_rows for each statement
  when (current_user <> 'kitaab_worker' or current_setting('app.archive', true) is distinct from 'on')
  execute function check_entries();
create trigger check_archived_entries after insert on entries
  referencing new table as new_rows for each statement
  when (current_user = 'kitaab_worker' and current_setting('app.archive', true) = 'on')
  execute function check_archived_entries();

-- ------------------------------------------------------------------------------------------------ numbers

-- What is imported is numbered before it is written: rows name each other.
grant usage on sequence deeds_deed_id_seq, deed_items_deed_item_id_seq, scales_scale_id_seq, scale_values_scale_value_id_seq, goals_goal_id_seq
  to kitaab_worker;

-- ------------------------------------------------------------------------------------------------ exports

insert into enqueueable_tasks (task) values ('export_data');
-- One at a time, five a day: a person's exports by when they were asked for.
-- squawk-ignore require-concurrent-index-creation
create index jobs_exports_idx on jobs (user_id, created_at) where kind = 'data_export';
