-- What is purged: what a person deleted, and what is left of a person who closed the account. And what nobody needs any more.

-- ------------------------------------------------------------------------------------------------ logs can be blanked

-- What was done is never changed. What it tells of a person may be taken out: values and addresses, and nothing else.
create function keep_log() returns trigger
  language plpgsql
as $$
declare
  telling text[] := '{old_values,new_values,ip_address}';
begin
  if to_jsonb(new) - telling is distinct from to_jsonb(old) - telling
     or (new.old_values is not null and new.old_values is distinct from old.old_values)
     or (new.new_values is not null and new.new_values is distinct from old.new_values)
     or (new.ip_address is not null and new.ip_address is distinct from old.ip_address) then
    perform refuse('KT409', 'append_only', format('Rows of %s are never changed.', tg_argv[0]));
  end if;
  return new;
end
$$;
drop trigger refuse_update on audit_log;
create trigger keep_log before update on audit_log for each row execute function keep_log('audit_log');
drop trigger refuse_update on entry_history;
create trigger keep_log before update on entry_history for each row execute function keep_log('entry_history');

-- From where an erased person wrote for others. A partitioned table takes no concurrent index.
-- squawk-ignore require-concurrent-index-creation
create index entry_history_delegate_idx on entry_history (changed_by_user_id) where changed_by_user_id <> user_id and ip_address is not null;

-- ------------------------------------------------------------------------------------------------ change_log

-- Drops the months of change_log that ended more than 90 days ago, and before `until`. Its owner's rights, for the worker owns no table.
create function drop_old_changes(until date) returns integer
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp set timezone = 'UTC' set lock_timeout = '5s'
as $$
declare
  old_part record;
  dropped integer := 0;
begin
  for old_part in
    select part.relname from pg_inherits join pg_class as part on part.oid = inhrelid
    where inhparent = 'public.change_log'::regclass and part.relnamespace = 'public'::regnamespace
      and (regexp_match(pg_get_expr(part.relpartbound, part.oid), $re$TO \('(.*)'\)$re$))[1]::timestamptz
        <= least(until, (now() - interval '90 days')::date)
    order by part.relname
  loop
    execute format('drop table public.%I', old_part.relname);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$$;
revoke execute on function drop_old_changes(date) from public;
grant execute on function drop_old_changes(date) to kitaab_worker;
