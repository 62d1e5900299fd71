-- SHA-2 A person is shown to others by name and day. The rest of an account is its holder's: the application has no right to read those
-- columns, of whomever, and finds its viewer's own row in a view. The policy on `users` is about rows; this is about columns.

-- Read with its owner's rights, so by no policy but its own condition; as a barrier no function is run on a row that is not the viewer's.
create view own_account with (security_barrier = true) as
select user_id, username, full_name, email, email_verified, role, status, time_zone, day_start_minutes, week_start, locale, metadata,
  last_login_at, closes_at, erased_at, version, created_at, updated_at
from users
where user_id = app_user_id();
comment on view own_account is 'The viewer''s own account, all of it but the password''s hash.';
alter view own_account owner to kitaab_definer;
grant select on own_account to kitaab_app;

revoke select (email, email_verified, role, status, locale, metadata, last_login_at, closes_at, created_at, updated_at) on users from kitaab_app;

create or replace function enter_as(
  viewer bigint,
  session uuid default null,
  request text default null,
  address inet default null,
  owners bigint[] default null,
  origin text default null
) returns table (role user_role, status user_status, session_is_live boolean)
  language plpgsql
as $$
begin
  perform
    set_config('app.user_id', viewer::text, true),
    set_config('app.session_id', coalesce(session::text, ''), true),
    set_config('app.request_id', coalesce(request, ''), true),
    set_config('app.ip', coalesce(host(address), ''), true),
    set_config('app.owners', coalesce(owners::text, ''), true),
    set_config('app.origin', coalesce(origin, ''), true);
  return query
    select own_account.role, own_account.status,
      case when session is not null then exists (
        select from sessions
        where user_id = viewer and session_id = session and revoked_at is null and expires_at > now()
      ) end
    from own_account;
end
$$;
