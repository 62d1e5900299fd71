-- The roles, the extensions and the ownership that the migrations need. Run by a superuser, in the database that Kitaab
-- is to use, before the first migration and again after an upgrade: every statement may be repeated.
-- On the embedded server the migrator runs this file itself; on a server of your own:
--
--     psql "$SUPERUSER_URL" -v ON_ERROR_STOP=1 -f db/roles.sql
--
-- No password is set here. Give each role that logs in over a network one of its own:
--
--     alter role kitaab_admin password '...';   -- and kitaab_auth, kitaab_app, kitaab_worker, kitaab_readonly

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('kitaab_admin', 'login'),       -- owns database and schema, migrates
      ('kitaab_definer', 'nologin'),   -- owns the definer functions (db/definer-functions.txt)
      ('kitaab_auth', 'login'),        -- identity before there is a viewer
      ('kitaab_app', 'login'),         -- everything a viewer does
      ('kitaab_worker', 'login'),      -- jobs
      ('kitaab_readonly', 'login')     -- the reporting schema
    ) as role (name, may_login)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      execute format('create role %I', wanted.name);
    end if;
    -- Said again for a role that was there: one that bypasses row-level security would make every policy idle.
    execute format('alter role %I %s nosuperuser nobypassrls nocreaterole nocreatedb noreplication inherit', wanted.name, wanted.may_login);
  end loop;

  -- New databases let everyone connect and make temporary tables; a function's search path must never meet those.
  execute format('alter database %I owner to kitaab_admin', current_database());
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to kitaab_admin, kitaab_auth, kitaab_app, kitaab_worker, kitaab_readonly', current_database());
end
$$;

-- Diaries lie in memory or on flash, where one page costs about what the next does. With the default of 4 the planner sorts all of an
-- owner's entries for a page of twenty, and plans hot statements anew (1 to 2 ms over the partitions) at each run.
alter role kitaab_app set random_page_cost = 1.1;

-- What a session sets at its start, again: a pooler of transactions does not pass that on. Those who come directly set it themselves.
alter role kitaab_app set statement_timeout = '10s';
alter role kitaab_auth set statement_timeout = '2s';
alter role kitaab_readonly set statement_timeout = '2s';
do $$
declare
  pooled text;
begin
  foreach pooled in array '{kitaab_app,kitaab_auth,kitaab_readonly}'::text[] loop
    execute format('alter role %I set idle_in_transaction_session_timeout = ''15s''', pooled);
    execute format('alter role %I set timezone = ''UTC''', pooled);
    execute format('alter role %I set datestyle = ''ISO, YMD''', pooled);
    execute format('alter role %I set intervalstyle = ''iso_8601''', pooled);
  end loop;
end
$$;

-- So that a migration can hand its definer functions over to the role that owns them.
grant kitaab_definer to kitaab_admin;

alter schema public owner to kitaab_admin;
revoke all on schema public from public;
grant usage on schema public to kitaab_definer, kitaab_auth, kitaab_app, kitaab_worker;

create extension if not exists citext with schema public;      -- e-mail addresses compare without case
create extension if not exists btree_gist with schema public;  -- a scale's versions may not overlap per deed

-- For surveys, where the server has it (Debian: postgresql-15-postgis-3); one that is there already, in whatever schema, stays as it is.
-- Without it, and where it can't be made, everything else runs: "kitaab migrate up" then says what to do.
do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'postgis') then
    create extension if not exists postgis with schema public;
  end if;
exception when others then
  raise warning 'PostGIS could not be made: %', sqlerrm;
end
$$;
