drop trigger audit_update on goal_items;
drop trigger audit_insert on goal_items;
drop trigger audit_update on goals;
create trigger audit_update after update on goals
  for each row when (
    (old.completed_at, old.sealed_at) is distinct from (new.completed_at, new.sealed_at)
  ) execute function audit_change('user_id', 'goal_id');
drop trigger audit_insert on goals;
drop trigger audit_update on scale_values;
drop trigger audit_insert on scale_values;
drop trigger audit_update on scales;
drop trigger audit_insert on scales;
drop trigger audit_update on deed_items;
drop trigger audit_insert on deed_items;
drop trigger audit_update on deeds;
drop trigger audit_insert on deeds;
drop trigger audit_insert on one_time_tokens;
drop trigger audit_insert on sessions;
drop trigger audit_update on users;
drop trigger audit_insert on users;
create trigger audit_insert after insert on users
  for each row execute function audit_change('user_id', 'user_id', '{password_hash}');
create trigger audit_update after update on users
  for each row when (
    (old.email, old.username, old.password_hash, old.email_verified, old.role, old.status)
    is distinct from (new.email, new.username, new.password_hash, new.email_verified, new.role, new.status)
  ) execute function audit_change('user_id', 'user_id', '{password_hash}');
drop view audit_trail;
-- squawk-ignore require-concurrent-index-deletion
drop index entry_history_changed_at_idx;
-- squawk-ignore ban-drop-column
alter table entry_history drop column request_id, drop column ip_address;
create view audit_trail with (security_invoker = true) as
select user_id, actor_id, action_type, table_name, record_id, old_values, new_values, ip_address, request_id, created_at
from audit_log
union all
select user_id, changed_by_user_id, 'entries.' || action, 'entries', deed_item_id || ':' || entry_date, old_values, new_values, null, null, changed_at
from entry_history;
grant select on audit_trail to kitaab_app, kitaab_worker;
