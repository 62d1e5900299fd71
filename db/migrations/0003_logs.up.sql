-- What changed (change_log, for caches and clients) and who did it (audit_log), and the partitions of what grows.

create type change_op as enum ('created', 'updated', 'deleted');
create type logged_change as (owner_id bigint, entity text, key text, op change_op, version integer);

-- ------------------------------------------------------------------------------------------------ change_log

create table change_log (
  user_id bigint not null,
  seq bigint not null,
  entity text not null,
  key text not null,
  op change_op not null,
  version integer,
  actor_id bigint,
  changed_at timestamptz not null default now(),
  primary key (user_id, seq, changed_at)
) partition by range (changed_at);
comment on table change_log is 'Every change to what an owner''s answers show, numbered per owner without gaps. Kept 90 days. Names owners without a foreign key: it is derived, and one more check per write would pay for nothing.';

call protect_table('change_log');
create policy kitaab_app_select on change_log for select to kitaab_app using (user_id = (select app_user_id()));
grant select on change_log to kitaab_app;
create trigger refuse_update before update on change_log for each row execute function refuse_update();

-- Numbers the changes and raises owner_state.change_seq by as many. Several owners are locked in key order first.
create function log_changes(changes logged_change[]) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  change logged_change := changes[1];
  number bigint;
begin
  -- One change, as nearly always: two plain statements cost a third of what the one below does.
  if cardinality(changes) = 1 then
    update owner_state set change_seq = change_seq + 1 where user_id = change.owner_id returning change_seq into number;
    if found then
      insert into change_log (user_id, seq, entity, key, op, version, actor_id)
      values (change.owner_id, number, change.entity, change.key, change.op, change.version, app_user_id());
    end if;
    return;
  end if;
  perform lock_owners(array(select distinct owner_id from unnest(changes)));
  with changed as (
    select *, row_number() over (partition by owner_id order by place) as nth, count(*) over (partition by owner_id) as total
    from unnest(changes) with ordinality as listed (owner_id, entity, key, op, version, place)
  ), raised as (
    update owner_state set change_seq = change_seq + totals.total
    from (select distinct owner_id, total from changed) as totals
    where owner_state.user_id = totals.owner_id
    returning owner_state.user_id, owner_state.change_seq
  )
  insert into change_log (user_id, seq, entity, key, op, version, actor_id)
  select user_id, change_seq - total + nth, entity, key, op, version, app_user_id()
  from changed join raised on raised.user_id = changed.owner_id;
end
$$;
alter function log_changes(logged_change[]) owner to kitaab_definer;
revoke execute on function log_changes(logged_change[]) from public;

-- Statement trigger. Arguments: entity, owner's column, key column.
-- A row that an update left as it was is no change; one that is now stamped as deleted has gone for whoever reads.
create function track_changes() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  changes logged_change[];
begin
  if tg_op = 'INSERT' then
    select array_agg(((j ->> tg_argv[1])::bigint, tg_argv[0], j ->> tg_argv[2], 'created', (j ->> 'version')::integer)::logged_change)
    into changes
    from (select to_jsonb(n) as j from new_rows as n) as rows;
  elsif tg_op = 'UPDATE' then
    select array_agg((
      (j ->> tg_argv[1])::bigint, tg_argv[0], j ->> tg_argv[2],
      case when j ->> 'deleted_at' is null then 'updated' else 'deleted' end, (j ->> 'version')::integer
    )::logged_change)
    into changes
    from (select to_jsonb(n) as j from new_rows as n except select to_jsonb(o) from old_rows as o) as rows;
  else
    select array_agg(((j ->> tg_argv[1])::bigint, tg_argv[0], j ->> tg_argv[2], 'deleted', (j ->> 'version')::integer)::logged_change)
    into changes
    from (select to_jsonb(o) as j from old_rows as o) as rows;
  end if;
  if changes is not null then
    perform log_changes(changes);
  end if;
  return null;
end
$$;
alter function track_changes() owner to kitaab_definer;
revoke execute on function track_changes() from public;

-- The three triggers of a table. Their name sorts first, so what follows in the same statement already holds the owner's lock.
create procedure track_table(name regclass, entity text, owner_column text, key_column text)
  language plpgsql
as $$
begin
  execute format(
    'create trigger a_track_insert after insert on %s referencing new table as new_rows for each statement execute function track_changes(%L, %L, %L)',
    name, entity, owner_column, key_column);
  execute format(
    'create trigger a_track_update after update on %s referencing old table as old_rows new table as new_rows for each statement execute function track_changes(%L, %L, %L)',
    name, entity, owner_column, key_column);
  execute format(
    'create trigger a_track_delete after delete on %s referencing old table as old_rows for each statement execute function track_changes(%L, %L, %L)',
    name, entity, owner_column, key_column);
end
$$;
revoke execute on procedure track_table(regclass, text, text, text) from public;

-- ------------------------------------------------------------------------------------------------ audit_log

create table audit_log (
  audit_log_id bigint generated by default as identity,
  user_id bigint references users,
  actor_id bigint references users,
  action_type text not null,
  table_name text,
  record_id text,
  old_values jsonb,
  new_values jsonb,
  ip_address inet,
  request_id text,
  created_at timestamptz not null default now(),
  primary key (audit_log_id, created_at),
  constraint audit_log_action_type_check check (action_type ~ '^[a-z][a-z0-9_.]{2,59}$'),
  constraint audit_log_request_id_check check (char_length(request_id) <= 200)
) partition by range (created_at);
comment on column audit_log.user_id is 'Whom it concerns; null: nobody in particular, such as a failed log-in under an unknown address.';
-- What concerns me, newest first.
create index audit_log_user_idx on audit_log (user_id, created_at, audit_log_id);
-- A span of time, over everybody.
create index audit_log_created_at_idx on audit_log using brin (created_at);

call protect_table('audit_log');
create policy kitaab_auth_insert on audit_log for insert to kitaab_auth with check (true);
grant insert (user_id, actor_id, action_type, table_name, record_id, old_values, new_values, ip_address, request_id) on audit_log to kitaab_auth;
create policy kitaab_app_select on audit_log for select to kitaab_app using (user_id = (select app_user_id()));
create policy kitaab_app_insert on audit_log for insert to kitaab_app with check (actor_id = (select app_user_id()));
grant select, insert (user_id, actor_id, action_type, table_name, record_id, old_values, new_values, ip_address, request_id) on audit_log to kitaab_app;
create trigger refuse_update before update on audit_log for each row execute function refuse_update();

-- Row trigger. Arguments: owner's column, key column, columns that are not told but by name. An update tells what differs.
create function audit_change() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  becomes jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  record jsonb := coalesce(becomes, was);
  hidden text;
begin
  foreach hidden in array coalesce(tg_argv[2], '{}')::text[] loop
    if was ->> hidden is distinct from becomes ->> hidden then
      was := was || jsonb_build_object(hidden, case when was ->> hidden is not null then 'before' end);
      becomes := becomes || jsonb_build_object(hidden, case when becomes ->> hidden is not null then 'after' end);
    end if;
  end loop;
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(field.key, field.value), jsonb_object_agg(field.key, becomes -> field.key)
    into was, becomes
    from jsonb_each(was) as field
    where field.value is distinct from becomes -> field.key and field.key not in ('version', 'updated_at');
    if was is null then
      return null;
    end if;
  end if;
  insert into audit_log (user_id, actor_id, action_type, table_name, record_id, old_values, new_values, ip_address, request_id)
  values (
    (record ->> tg_argv[0])::bigint, app_user_id(),
    tg_table_name || case tg_op when 'INSERT' then '.created' when 'UPDATE' then '.updated' else '.deleted' end,
    tg_table_name, record ->> tg_argv[1], jsonb_strip_nulls(was), jsonb_strip_nulls(becomes), app_ip(), app_request_id()
  );
  return null;
end
$$;
alter function audit_change() owner to kitaab_definer;
revoke execute on function audit_change() from public;

-- ------------------------------------------------------------------------------------------------ partitions

-- Makes the partitions that are missing. No default partition anywhere: a year of a detached one could then be written twice.
-- It works for whoever starts the service, so it belongs to the owner of the tables and does nothing else. A partition is looked for
-- among its parent's, by name, in whatever schema: archived years stay attached. It is made apart and then attached, so
-- that readers and writers of the other partitions go on.
create function ensure_partitions() returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp set timezone = 'UTC' set lock_timeout = '5s'
as $$
declare
  wanted record;
begin
  perform pg_advisory_xact_lock(hashtext('kitaab.ensure_partitions'));
  for wanted in
    with kept (parent, first, step, label, ahead) as (
      values
        ('entries', date '2015-01-01', interval '1 year', 'YYYY', interval '3 years'),
        ('entry_history', date '2026-01-01', interval '1 year', 'YYYY', interval '3 years'),
        ('audit_log', date '2026-01-01', interval '1 year', 'YYYY', interval '3 years'),
        ('change_log', date_trunc('month', now())::date, interval '1 month', 'YYYY_MM', interval '12 months')
    ), spans (parent, name, starts, ends) as (
      select parent, parent || '_before_' || to_char(first, 'YYYY'), null::date, first from kept where step = '1 year'
      union all
      select parent, parent || '_' || to_char(start, label), start::date, (start + step)::date
      from kept, generate_series(first, now() + ahead, step) as start
    )
    select * from spans
    where to_regclass('public.' || parent) is not null and not exists (
      select from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = to_regclass('public.' || parent) and relname = name
    )
    order by parent, starts nulls first
  loop
    execute format('create table public.%I (like public.%I including defaults including constraints including storage)', wanted.name, wanted.parent);
    execute format('alter table public.%I enable row level security', wanted.name);
    execute format('alter table public.%I force row level security', wanted.name);
    execute format('create policy kitaab_admin on public.%I to kitaab_admin using (true) with check (true)', wanted.name);
    execute format(
      'alter table public.%I attach partition public.%I for values from (%s) to (%L)',
      wanted.parent, wanted.name, coalesce(quote_literal(wanted.starts), 'minvalue'), wanted.ends);
  end loop;
end
$$;
revoke execute on function ensure_partitions() from public;
grant execute on function ensure_partitions() to kitaab_app, kitaab_worker;

select ensure_partitions();

-- ------------------------------------------------------------------------------------------------ identity is tracked

call track_table('users', 'User', 'user_id', 'user_id');
call track_table('sessions', 'Session', 'user_id', 'session_id');

create trigger audit_insert after insert on users
  for each row execute function audit_change('user_id', 'user_id', '{password_hash}');
create trigger audit_update after update on users
  for each row when (
    (old.email, old.username, old.password_hash, old.email_verified, old.role, old.status)
    is distinct from (new.email, new.username, new.password_hash, new.email_verified, new.role, new.status)
  ) execute function audit_change('user_id', 'user_id', '{password_hash}');
create trigger audit_revoked after update on sessions
  for each row when (old.revoked_at is null and new.revoked_at is not null) execute function audit_change('user_id', 'session_id');
