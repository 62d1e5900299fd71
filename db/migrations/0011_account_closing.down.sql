drop trigger audit_update on users;
create trigger audit_update after update on users
  for each row when (
    (old.email, old.username, old.full_name, old.password_hash, old.email_verified, old.role, old.status,
      old.time_zone, old.day_start_minutes, old.week_start, old.locale, old.metadata, old.erased_at)
    is distinct from (new.email, new.username, new.full_name, new.password_hash, new.email_verified, new.role, new.status,
      new.time_zone, new.day_start_minutes, new.week_start, new.locale, new.metadata, new.erased_at)
  ) execute function audit_change('user_id', 'user_id', '{password_hash,metadata}');
-- squawk-ignore ban-drop-column
alter table users drop column closes_at;
