alter policy kitaab_app_select on permissions
  using (user_id = (select app_user_id()) or requester_id = (select app_user_id()));

drop function end_unanswered_requests(integer), withdraw_request(bigint), request_relation(text), lock_relations(bigint, bigint[]);

drop trigger follow_relation on relations;
drop function follow_relation();

create or replace function track_relations() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  changes logged_change[];
begin
  if tg_op = 'INSERT' then
    select array_agg((side.owner_id, 'Relation', relation_id::text, 'created', version)::logged_change) into changes
    from new_rows cross join lateral (values (requestee_id), (requester_id)) as side (owner_id);
  elsif tg_op = 'DELETE' then
    select array_agg((side.owner_id, 'Relation', relation_id::text, 'deleted', version)::logged_change) into changes
    from old_rows cross join lateral (values (requestee_id), (requester_id)) as side (owner_id);
  else
    select array_agg((side.owner_id, 'Relation', n.relation_id::text, case when n.deleted_at is null then 'updated' else 'deleted' end, n.version)::logged_change)
    into changes
    from new_rows as n
    join old_rows as o on o.requestee_id = n.requestee_id and o.relation_id = n.relation_id
    cross join lateral (
      select n.requestee_id
      union all
      select n.requester_id where (n.status = 'accepted') <> (o.status = 'accepted') or (n.deleted_at is null) <> (o.deleted_at is null)
    ) as side (owner_id)
    where n.version <> o.version;
  end if;
  if changes is not null then
    perform log_changes(changes);
  end if;
  return null;
end
$$;

alter policy kitaab_app_update on relations
  using (requestee_id = (select app_user_id()) or requester_id = (select app_user_id()));
alter policy kitaab_app_select on relations
  using (requestee_id = (select app_user_id()) or requester_id = (select app_user_id()));

-- squawk-ignore ban-drop-table
drop table relation_request_targets;
-- squawk-ignore ban-drop-table
drop table relation_requests;

alter policy kitaab_app_select on item_access
  using (user_id = (select app_user_id()) or viewer_id = (select app_user_id()));

create or replace function app_visible_users() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return array(
    select requester_id from relations
    where requestee_id = app_user_id() and status in ('pending', 'accepted') and deleted_at is null
    union
    select requestee_id from relations
    where requester_id = app_user_id() and status = 'accepted' and deleted_at is null
  );

create or replace function app_items_with_notes() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return array(
    select deed_item_id from item_access
    where user_id = any (app_owners()) and viewer_id = app_user_id() and shares_notes and (notes_expires_at is null or notes_expires_at > now())
  );

create or replace function app_readable_deeds() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return array(
    select distinct deed_id from item_access
    where user_id = any (app_owners()) and viewer_id = app_user_id() and (expires_at is null or expires_at > now())
  );

create or replace function app_readable_items() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return array(
    select deed_item_id from item_access
    where user_id = any (app_owners()) and viewer_id = app_user_id() and (expires_at is null or expires_at > now())
  );

drop function app_preview_viewer();
drop function app_preview_owner();
