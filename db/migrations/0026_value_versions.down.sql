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
  if new is distinct from old then
    new.version := old.version + 1;
    new.updated_at := now();
  end if;
  return new;
end
$$;

alter table entries
  drop column value_version,
  drop column value_updated_at,
  drop column value_updated_by_user_id,
  drop column value_origin;
