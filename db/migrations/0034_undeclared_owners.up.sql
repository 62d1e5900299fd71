-- Most transactions declare no other owner: then nobody's shares are looked for. What policies call is now plain SQL, which the planner
-- takes into the statement; only where an owner is declared does it call what sees all shares.

create function items_of_declared_owners() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return array(
    select deed_item_id from item_access
    where user_id = any (app_owners()) and viewer_id = coalesce(app_preview_viewer(), app_user_id())
      and (expires_at is null or expires_at > now()) and user_id = coalesce(app_preview_owner(), user_id)
  );
create function deeds_of_declared_owners() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return array(
    select distinct deed_id from item_access
    where user_id = any (app_owners()) and viewer_id = coalesce(app_preview_viewer(), app_user_id())
      and (expires_at is null or expires_at > now()) and user_id = coalesce(app_preview_owner(), user_id)
  );
alter function items_of_declared_owners() owner to kitaab_definer;
alter function deeds_of_declared_owners() owner to kitaab_definer;
revoke execute on function items_of_declared_owners(), deeds_of_declared_owners() from public;
grant execute on function items_of_declared_owners(), deeds_of_declared_owners() to kitaab_app;

create or replace function app_readable_items() returns bigint[]
  language sql stable
  return case
    when coalesce(current_setting('app.owners', true), '') in ('', '{}') then array[]::bigint[]
    else items_of_declared_owners()
  end;
create or replace function app_readable_deeds() returns bigint[]
  language sql stable
  return case
    when coalesce(current_setting('app.owners', true), '') in ('', '{}') then array[]::bigint[]
    else deeds_of_declared_owners()
  end;
