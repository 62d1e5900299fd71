create or replace function note_scan_read(owner bigint, scan bigint) returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update lidar_scans set last_read_at = now()
  where user_id = owner and scan_id = scan and (owner = app_user_id() or project_id = any (app_readable_projects()));
end;
drop trigger share_points on lidar_scans;
drop function share_points(), scan_move_rate(scan_move_kind);
drop index scan_moves_finished_idx;
alter table scan_moves drop column source_key;
