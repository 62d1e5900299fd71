-- SHA-6 Whoever may not read the notes of an entry is not told either that they changed: not by its version, nor by when, by whom and
-- from where it was changed last. What these are without the changes of notes alone stands beside them, null as long as it is the same.

alter table entries
  add column value_version integer,
  add column value_updated_at timestamptz,
  add column value_updated_by_user_id bigint,
  add column value_origin entry_origin;
comment on column entries.value_version is 'The version as counted by whoever may not read notes; null while no change was of notes alone.';
comment on column entries.value_updated_at is 'When the value changed last; null: at updated_at. As with value_updated_by_user_id and value_origin.';

create or replace function keep_entry() returns trigger
  language plpgsql
as $$
begin
  if (new.user_id, new.deed_item_id, new.entry_date) is distinct from (old.user_id, old.deed_item_id, old.entry_date) then
    perform refuse('KT400', 'entry_key_fixed', 'An entry stays with its item and its day.');
  end if;
  new.created_by_user_id := old.created_by_user_id;
  new.created_at := old.created_at;
  new.updated_at := old.updated_at;
  new.version := old.version;
  new.value_version := old.value_version;
  new.value_updated_at := old.value_updated_at;
  new.value_updated_by_user_id := old.value_updated_by_user_id;
  new.value_origin := old.value_origin;
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := now();
    if (new.scale_id, new.scale_value_id, new.count_value, new.deleted_at)
      is not distinct from (old.scale_id, old.scale_value_id, old.count_value, old.deleted_at) then
      new.value_version := coalesce(old.value_version, old.version);
      new.value_updated_at := coalesce(old.value_updated_at, old.updated_at);
      new.value_updated_by_user_id := coalesce(old.value_updated_by_user_id, old.updated_by_user_id);
      new.value_origin := coalesce(old.value_origin, old.origin);
    else
      new.value_version := old.value_version + 1;
      new.value_updated_at := null;
      new.value_updated_by_user_id := null;
      new.value_origin := null;
    end if;
  end if;
  return new;
end
$$;
