-- SUR-1 Scans by where, when and what they are, over all projects that the viewer may see.

-- Under the policies none of these conditions uses an index: this looks on the viewer's behalf, answers keys alone, and the rows are then
-- read as the viewer. Null is no condition; `beyond` is the part of a box on the other side of the 180th meridian. Planned for the values at
-- hand each time, so that a condition which is not asked for costs nothing.
create function find_scans(
  within_projects bigint[], box geometry, beyond geometry, shape geometry, place geography, metres float8,
  captured_from timestamptz, captured_to timestamptz, wanted jsonb, tier storage_tier
) returns table (owner_id bigint, scan_id bigint)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_custom_plan set enable_seqscan = off
as $$
declare
  viewer bigint := app_user_id();
  owners bigint[];
  visible bigint[];
  data_below jsonb[];
begin
  if viewer is null then
    return;
  end if;
  if not st_isvalid(shape) then
    perform refuse('KT400', 'invalid_geometry', 'The shape crosses or touches itself where it must not: a polygon has simple rings, holes inside.');
  end if;
  select array_agg(distinct project.user_id), array_agg(project.project_id) into owners, visible
  from projects as project
  where project.deleted_at is null and (within_projects is null or project.project_id = any (within_projects)) and (
    project.user_id = viewer or exists (
      select from project_permissions as shared
      where shared.requester_id = viewer and shared.user_id = project.user_id and shared.project_id = project.project_id
        and shared.revoked_at is null and (shared.expires_at is null or shared.expires_at > now())
    )
  ) and project.user_id in (
    select viewer
    union all
    select shared.user_id from project_permissions as shared where shared.requester_id = viewer and shared.revoked_at is null
  );
  if wanted is not null then
    data_below := array(select owned_metadata(project, wanted) from unnest(visible) as project);
  end if;
  return query
  select scan.user_id, scan.scan_id from lidar_scans as scan
  where scan.user_id = any (owners) and scan.project_id = any (visible) and scan.deleted_at is null
    and (box is null or st_intersects(scan.footprint, box) or (beyond is not null and st_intersects(scan.footprint, beyond)))
    and (shape is null or st_intersects(scan.footprint, shape))
    and (place is null or st_dwithin(scan.footprint::geography, place, metres))
    and (captured_from is null or scan.captured_at >= captured_from)
    and (captured_to is null or scan.captured_at < captured_to)
    and (data_below is null or owned_metadata(scan.project_id, scan.scan_data) @> any (data_below))
    and (tier is null or scan.storage_tier = tier);
end
$$;
alter function find_scans(bigint[], geometry, geometry, geometry, geography, float8, timestamptz, timestamptz, jsonb, storage_tier) owner to kitaab_definer;
revoke execute on function find_scans(bigint[], geometry, geometry, geometry, geography, float8, timestamptz, timestamptz, jsonb, storage_tier) from public;
grant execute on function find_scans(bigint[], geometry, geometry, geometry, geography, float8, timestamptz, timestamptz, jsonb, storage_tier) to kitaab_app;
