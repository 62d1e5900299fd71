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
    select users.role, users.status,
      case when session is not null then exists (
        select from sessions
        where user_id = viewer and session_id = session and revoked_at is null and expires_at > now()
      ) end
    from users
    where users.user_id = viewer;
end
$$;

grant select (email, email_verified, role, status, locale, metadata, last_login_at, closes_at, created_at, updated_at) on users to kitaab_app;
drop view own_account;
