-- SUR-1 Where points are: what a move has done so far, how fast moves are, and that one file of an owner's is one object.

alter table scan_moves add column source_key text;
comment on column scan_moves.source_key is 'The object that is moved, noted before anything is done: it is deleted last. Null: not begun, or there was nothing to do.';

-- The moves of which the rate is measured.
-- squawk-ignore require-concurrent-index-creation
create index scan_moves_finished_idx on scan_moves (kind, finished_at) where status = 'succeeded';

-- Bytes a second of the middle one of the last moves, whoever asked for them; null when there was none. Small files say little.
create function scan_move_rate(of_kind scan_move_kind) returns float8
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select percentile_cont(0.5) within group (order by rate)
  from (
    select bytes / greatest(extract(epoch from finished_at - started_at), 0.001)::float8 as rate
    from scan_moves
    where kind = of_kind and status = 'succeeded' and source_key is not null and bytes >= 1000000
    order by finished_at desc
    limit 20
  ) as latest;
end;
alter function scan_move_rate(scan_move_kind) owner to kitaab_definer;
revoke execute on function scan_move_rate(scan_move_kind) from public;
grant execute on function scan_move_rate(scan_move_kind) to kitaab_app, kitaab_worker;

-- A file that the owner has already is the object that it is, wherever that is by now. Decided under the owner's lock, which a move takes,
-- too: what was stored for this row is then named by nothing, and removed by a job.
create function share_points() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  known record;
begin
  perform lock_owners(array[new.user_id]);
  select object_key, storage_tier into known from lidar_scans
  where user_id = new.user_id and sha256 = new.sha256 and object_key is not null
  limit 1;
  if found then
    new.object_key := known.object_key;
    new.storage_tier := known.storage_tier;
  end if;
  return new;
end
$$;
alter function share_points() owner to kitaab_definer;
revoke execute on function share_points() from public;
create trigger share_points before insert on lidar_scans
  for each row when (new.object_key is not null) execute function share_points();

-- Written at most once a day.
create or replace function note_scan_read(owner bigint, scan bigint) returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update lidar_scans set last_read_at = now()
  where user_id = owner and scan_id = scan and coalesce(last_read_at, '-infinity') <= now() - interval '1 day'
    and (owner = app_user_id() or project_id = any (app_readable_projects()));
end;
