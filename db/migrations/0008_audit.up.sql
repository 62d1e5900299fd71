-- Who did what, complete: structure and goals are audited as well, log-ins and links in mails, and from where an entry was recorded.

-- ------------------------------------------------------------------------------------------------ entries

-- By whose request, as audit_log has it. Rows of before stay without.
alter table entry_history add column ip_address inet, add column request_id text;
alter table entry_history alter column ip_address set default app_ip(), alter column request_id set default app_request_id();
-- An owner's audit trail, newest first. A partitioned table takes no concurrent index.
-- squawk-ignore require-concurrent-index-creation
create index entry_history_changed_at_idx on entry_history (user_id, changed_at, entry_history_id);

-- A row is told from all others by (source, event_id). Whoever may read a diary's history learns from no address where its owner is,
-- nor the owner where somebody else recorded for them.
create or replace view audit_trail with (security_invoker = true) as
select user_id, actor_id, action_type, table_name, record_id, old_values, new_values,
  case when actor_id is null or actor_id = app_user_id() then ip_address end as ip_address,
  request_id, created_at, 'log' as source, audit_log_id as event_id
from audit_log
union all
select user_id, changed_by_user_id, 'entries.' || action, 'entries', deed_item_id || ':' || entry_date, old_values, new_values,
  case when changed_by_user_id = app_user_id() then ip_address end,
  request_id, changed_at, 'history', entry_history_id
from entry_history;

-- ------------------------------------------------------------------------------------------------ identity

-- Preferences, too. What an app keeps with the account is told to have changed, not kept a second time.
drop trigger audit_insert on users;
drop trigger audit_update on users;
create trigger audit_insert after insert on users
  for each row execute function audit_change('user_id', 'user_id', '{password_hash,metadata}');
create trigger audit_update after update on users
  for each row when (
    (old.email, old.username, old.full_name, old.password_hash, old.email_verified, old.role, old.status,
      old.time_zone, old.day_start_minutes, old.week_start, old.locale, old.metadata, old.erased_at)
    is distinct from (new.email, new.username, new.full_name, new.password_hash, new.email_verified, new.role, new.status,
      new.time_zone, new.day_start_minutes, new.week_start, new.locale, new.metadata, new.erased_at)
  ) execute function audit_change('user_id', 'user_id', '{password_hash,metadata}');
-- A log-in. What a refresh renews is no event.
create trigger audit_insert after insert on sessions
  for each row execute function audit_change('user_id', 'session_id');
-- A link that was asked for. Using it shows in what it does.
create trigger audit_insert after insert on one_time_tokens
  for each row execute function audit_change('user_id', 'one_time_token_id', '{token_hash}');

-- ------------------------------------------------------------------------------------------------ structure and goals

-- What a deletion stamps, or gives back, is told by the deletion; levels follow their parents, versions their statements.
create trigger audit_insert after insert on deeds
  for each row execute function audit_change('user_id', 'deed_id');
create trigger audit_update after update on deeds
  for each row when (
    (old.category_type, old.name, old.description, old.measure_type, old.unit, old.display_order, old.is_active, old.external_key)
    is distinct from
    (new.category_type, new.name, new.description, new.measure_type, new.unit, new.display_order, new.is_active, new.external_key)
  ) execute function audit_change('user_id', 'deed_id');
create trigger audit_insert after insert on deed_items
  for each row execute function audit_change('user_id', 'deed_item_id');
create trigger audit_update after update on deed_items
  for each row when (
    (old.parent_deed_item_id, old.name, old.description, old.display_order, old.is_active, old.is_private, old.external_key)
    is distinct from
    (new.parent_deed_item_id, new.name, new.description, new.display_order, new.is_active, new.is_private, new.external_key)
  ) execute function audit_change('user_id', 'deed_item_id');
create trigger audit_insert after insert on scales
  for each row execute function audit_change('user_id', 'scale_id');
create trigger audit_update after update on scales
  for each row when (old.effective <> new.effective) execute function audit_change('user_id', 'scale_id');
create trigger audit_insert after insert on scale_values
  for each row execute function audit_change('user_id', 'scale_value_id');
create trigger audit_update after update on scale_values
  for each row when (
    (old.value_name, old.value_order, old.score, old.color, old.lineage_key, old.deleted_at is null)
    is distinct from (new.value_name, new.value_order, new.score, new.color, new.lineage_key, new.deleted_at is null)
  ) execute function audit_change('user_id', 'scale_value_id');

-- GOAL-6 Completions that come and go, and now what is asked for.
create trigger audit_insert after insert on goals
  for each row execute function audit_change('user_id', 'goal_id');
drop trigger audit_update on goals;
create trigger audit_update after update on goals
  for each row when (
    (old.deed_id, old.title, old.description, old.match_type, old.start_date, old.end_date, old.is_active, old.completed_at, old.sealed_at)
    is distinct from
    (new.deed_id, new.title, new.description, new.match_type, new.start_date, new.end_date, new.is_active, new.completed_at, new.sealed_at)
  ) execute function audit_change('user_id', 'goal_id');
create trigger audit_insert after insert on goal_items
  for each row execute function audit_change('user_id', 'goal_item_id');
create trigger audit_update after update on goal_items
  for each row when (old.* is distinct from new.*) execute function audit_change('user_id', 'goal_item_id');
