-- An account that its owner closes stays for a while, to change one's mind.

alter table users add column closes_at timestamptz;
comment on column users.closes_at is 'When what the account holds may be erased; null: it is not being closed.';
-- It is changed through kitaab_auth.
grant select (closes_at) on users to kitaab_app;

-- All that 0008 tells, and this.
drop trigger audit_update on users;
create trigger audit_update after update on users
  for each row when (
    (old.email, old.username, old.full_name, old.password_hash, old.email_verified, old.role, old.status,
      old.time_zone, old.day_start_minutes, old.week_start, old.locale, old.metadata, old.erased_at, old.closes_at)
    is distinct from (new.email, new.username, new.full_name, new.password_hash, new.email_verified, new.role, new.status,
      new.time_zone, new.day_start_minutes, new.week_start, new.locale, new.metadata, new.erased_at, new.closes_at)
  ) execute function audit_change('user_id', 'user_id', '{password_hash,metadata}');
