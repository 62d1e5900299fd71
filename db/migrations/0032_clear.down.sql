create or replace function audit_events_for_admins(
  concerned bigint, acting bigint, wanted_action text, wanted_table text, since timestamptz, until timestamptz,
  behind_at timestamptz, behind_source text, behind_id bigint, most integer
) returns table (
  user_id bigint, actor_id bigint, action_type text, table_name text, record_id text, goal_kind goal_kind, changed text[],
  old_values jsonb, new_values jsonb, ip_address inet, request_id text, created_at timestamptz, source text, event_id bigint
)
  language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
  if not app_has_role('admin') then
    return;
  end if;
  return query
  select found.user_id, found.actor_id, found.action_type, found.table_name, found.record_id,
    case when found.table_name = 'goals' then (
      select kind from goals where goals.user_id = found.user_id and goals.goal_id = found.record_id::bigint
    ) end,
    array(
      select key from jsonb_object_keys(coalesce(found.old_values, '{}') || coalesce(found.new_values, '{}')) as key order by key
    ),
    audit_values_for_admins(found.table_name, found.old_values), audit_values_for_admins(found.table_name, found.new_values),
    found.ip_address, found.request_id, found.created_at, found.source, found.event_id
  from (
    (
      select log.user_id, log.actor_id, log.action_type, log.table_name, log.record_id, log.old_values, log.new_values,
        log.ip_address, log.request_id, log.created_at, 'log' as source, log.audit_log_id as event_id
      from audit_log as log
      where (concerned is null or log.user_id = concerned) and (acting is null or log.actor_id = acting)
        and (wanted_action is null or log.action_type = wanted_action) and (wanted_table is null or log.table_name = wanted_table)
        and (since is null or log.created_at >= since) and (until is null or log.created_at < until)
        and (behind_at is null or log.created_at <= behind_at)
        and (behind_at is null or (log.created_at, 'log', log.audit_log_id) < (behind_at, behind_source, behind_id))
      order by log.created_at desc, log.audit_log_id desc
      limit most
    )
    union all
    (
      select history.user_id, history.changed_by_user_id, 'entries.' || history.action, 'entries',
        history.deed_item_id || ':' || history.entry_date, history.old_values, history.new_values,
        history.ip_address, history.request_id, history.changed_at, 'history', history.entry_history_id
      from entry_history as history
      where history.user_id = concerned and (acting is null or history.changed_by_user_id = acting)
        and (wanted_action is null or 'entries.' || history.action = wanted_action)
        and (wanted_table is null or wanted_table = 'entries')
        and (since is null or history.changed_at >= since) and (until is null or history.changed_at < until)
        and (behind_at is null or history.changed_at <= behind_at)
        and (behind_at is null or (history.changed_at, 'history', history.entry_history_id) < (behind_at, behind_source, behind_id))
      order by history.changed_at desc, history.entry_history_id desc
      limit most
    )
  ) as found
  order by found.created_at desc, found.source desc, found.event_id desc
  limit most;
end
$$;

drop index entry_history_actor_idx;
drop index entry_history_latest_idx;
