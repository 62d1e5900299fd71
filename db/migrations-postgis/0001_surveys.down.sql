-- All surveys are lost. Objects with points stay in the store: a job that looks for those that nothing names removes them.
delete from enqueueable_tasks where task in ('import_scan', 'move_scan', 'run_calculation');
drop trigger end_project_permissions on relations;
-- With the policies that ask them.
drop function app_readable_projects(), app_writable_projects(), lock_project(bigint, bigint), note_scan_read(bigint, bigint) cascade;
drop table calculation_scans, calculations, scan_moves, scan_imports, lidar_scans, project_permissions, projects;
drop function
  check_projects(), check_project_permission(), track_project_permissions(), end_project_permissions(), track_scans(), check_scan_deletion(),
  check_scans();
drop type storage_tier, point_cloud_format, scan_move_kind, calculation_kind;
