-- What every table stands on: who is looking, how a rule is refused, versions, civil days.

-- To own a function a role needs CREATE on its schema. kitaab_definer cannot log in, and its functions make no objects.
grant create on schema public to kitaab_definer;

-- ------------------------------------------------------------------------------------------------ who is looking

-- The viewer. A setting that was reset reads '', whose cast would fail; no viewer, no rows.
create function app_user_id() returns bigint
  language sql stable parallel safe
  return nullif(current_setting('app.user_id', true), '')::bigint;

-- The owners whose shared rows this transaction declared that it reads: '{5,7}'.
create function app_owners() returns bigint[]
  language sql stable parallel safe
  return nullif(current_setting('app.owners', true), '')::bigint[];

-- For the audit log: the request and the address that caused a change.
create function app_request_id() returns text
  language sql stable parallel safe
  return nullif(current_setting('app.request_id', true), '');

create function app_ip() returns inet
  language sql stable parallel safe
  return nullif(current_setting('app.ip', true), '')::inet;

-- ------------------------------------------------------------------------------------------------ refusing

-- How a trigger refuses. SQLSTATE KT400 answers BAD_USER_INPUT, KT404 NOT_FOUND, KT409 CONFLICT; the constraint's name in capitals
-- is the reason. `detail` is for machines (an id, a date), `message` for people; neither quotes another person's data.
create function refuse(code text, reason text, message text, detail text default '') returns void
  language plpgsql parallel safe
as $$
begin
  raise exception using errcode = code, constraint = reason, message = message, detail = detail;
end
$$;

-- ------------------------------------------------------------------------------------------------ versions

-- version + 1 when something changes, and only then; created_at stays.
create function raise_version() returns trigger
  language plpgsql
as $$
begin
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

-- For logs: what is written stays as it was written.
create function refuse_update() returns trigger
  language plpgsql
as $$
begin
  perform refuse('KT409', 'append_only', format('Rows of %s are never changed.', tg_table_name));
  return null;
end
$$;

-- ------------------------------------------------------------------------------------------------ names

-- What makes two names the same: NFC, no case. ICU's rules, so that the database's own locale plays no part.
create function name_key(name text) returns text
  language sql immutable strict parallel safe
  return lower(normalize(name, nfc) collate "und-x-icu");

-- ------------------------------------------------------------------------------------------------ policies

-- Row-level security, on and forced, and the roles that stand above a viewer. Without its policy even the owner of a
-- table would see nothing, and a data migration would change 0 rows in silence.
create procedure protect_table(name regclass)
  language plpgsql
as $$
declare
  staff text;
begin
  execute format('alter table %s enable row level security', name);
  execute format('alter table %s force row level security', name);
  foreach staff in array '{kitaab_admin,kitaab_definer,kitaab_worker}'::text[] loop
    execute format('create policy %I on %s to %I using (true) with check (true)', staff, name, staff);
  end loop;
  execute format('grant select, insert, update, delete on %s to kitaab_definer, kitaab_worker', name);
end
$$;
revoke execute on procedure protect_table(regclass) from public;

-- ------------------------------------------------------------------------------------------------ civil days

-- DAY-1 The civil date of an instant: what the wall clock of the zone says, less the start of the day.
-- Where clocks are set back, the wall clock shows a stretch twice; a day that began in its first run has begun (DAY-2: the
-- date never falls while time rises), so in the second run its date stands although the clock is before its start again.
-- Immutable as far as PostgreSQL's zone data are: never to stand in an index.
create function civil_date(instant timestamptz, time_zone text, day_start_minutes integer) returns date
  language plpgsql immutable strict parallel safe
as $$
declare
  clock timestamp := instant at time zone time_zone;
  day date := (clock - make_interval(mins => day_start_minutes))::date;
  -- No clock was ever set back by more than 3 hours since 1970, so 4 hours ago is before the change, if there was one.
  offset_before interval := ((instant - interval '4 hours') at time zone time_zone) - ((instant - interval '4 hours') at time zone 'UTC');
  next_start timestamp;
  next_started timestamptz;
begin
  if clock - (instant at time zone 'UTC') >= offset_before then
    return day;
  end if;
  next_start := (day + 1) + make_interval(mins => day_start_minutes);
  next_started := (next_start - offset_before) at time zone 'UTC';
  if next_started <= instant and next_started at time zone time_zone = next_start then
    return day + 1;
  end if;
  return day;
end
$$;

-- The first instant of a civil date, and of what follows it where the zone left that date out (Apia, 30 December 2011).
create function day_starts_at(day date, time_zone text, day_start_minutes integer) returns timestamptz
  language plpgsql immutable strict parallel safe
as $$
declare
  guess timestamptz := (day + make_interval(mins => day_start_minutes)) at time zone time_zone;
  before bigint;
  reached bigint;
  middle bigint;
begin
  if civil_date(guess, time_zone, day_start_minutes) = day
     and civil_date(guess - interval '1 microsecond', time_zone, day_start_minutes) < day then
    return guess;
  end if;
  -- A day start that falls into an hour left out or shown twice. Civil dates never fall, and zones change on whole seconds.
  before := extract(epoch from guess)::bigint - 30 * 3600;
  reached := before + 60 * 3600;
  while reached - before > 1 loop
    middle := (before + reached) / 2;
    if civil_date(to_timestamp(middle), time_zone, day_start_minutes) >= day then
      reached := middle;
    else
      before := middle;
    end if;
  end loop;
  return to_timestamp(reached);
end
$$;

-- DAY-2 PostgreSQL alone says which zones there are. Reads every zone file (some 20 ms): for writes only.
create function is_time_zone(name text) returns boolean
  language sql stable strict
  return exists (select from pg_timezone_names as zone where zone.name = is_time_zone.name);
