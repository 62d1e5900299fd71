create or replace function app_readable_items() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return array(
    select deed_item_id from item_access
    where user_id = any (app_owners()) and viewer_id = coalesce(app_preview_viewer(), app_user_id())
      and (expires_at is null or expires_at > now()) and user_id = coalesce(app_preview_owner(), user_id)
  );
create or replace function app_readable_deeds() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return array(
    select distinct deed_id from item_access
    where user_id = any (app_owners()) and viewer_id = coalesce(app_preview_viewer(), app_user_id())
      and (expires_at is null or expires_at > now()) and user_id = coalesce(app_preview_owner(), user_id)
  );
drop function items_of_declared_owners(), deeds_of_declared_owners();
