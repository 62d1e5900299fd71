-- What hillshades are drawn from stays in the store, until its account is erased.
delete from enqueueable_tasks where task = 'make_hillshade';
drop table hillshades;
drop function check_hillshade();

drop trigger settle_calculation on calculations;
drop function settle_calculation();
drop index calculations_unfinished_idx;
revoke insert on calculations from kitaab_app;
grant insert (
  user_id, project_id, kind, asked_by_user_id, parameters, inputs_hash, algorithm_version, result, is_repeated, status, progress, started_at, finished_at
) on calculations to kitaab_app;
drop policy kitaab_app_insert on calculation_scans;
create policy kitaab_app_insert on calculation_scans for insert to kitaab_app with check (
  user_id = (select app_user_id()) or project_id = any ((select app_writable_projects())::bigint[])
);
drop policy kitaab_app_insert on calculations;
create policy kitaab_app_insert on calculations for insert to kitaab_app with check (
  asked_by_user_id = (select app_user_id())
  and (user_id = (select app_user_id()) or project_id = any ((select app_writable_projects())::bigint[]))
);
