-- SET-1 Settings: those of the service, which administrators write, and each person's own by the same keys.

-- Of a key: words of letters, digits, - and _ with dots between them.
create function is_setting_key(key text) returns boolean
  language sql immutable strict parallel safe
  return char_length(key) <= 100 and key ~ '^[a-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$';

-- JSON null is no value. A number such as 1e300 is stored with all its digits, so what was small in a request may be large here.
create function is_setting_value(value jsonb) returns boolean
  language sql immutable strict parallel safe
  return jsonb_typeof(value) <> 'null' and octet_length(value::text) <= 131072;

-- ------------------------------------------------------------------------------------------------ settings

create table settings (
  key text primary key,
  value jsonb not null,
  json_schema jsonb,
  is_public boolean not null default false,
  description text,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint settings_key_check check (is_setting_key(key)),
  constraint settings_value_check check (is_setting_value(value)),
  constraint settings_json_schema_check check (jsonb_typeof(json_schema) = 'object' and octet_length(json_schema::text) <= 32768),
  constraint settings_description_check check (char_length(description) between 1 and 2000 and description ~ '\S')
);
comment on table settings is 'Settings of the service: the value of a key for everybody who has none of their own.';
comment on column settings.json_schema is 'What values of the key must fit, JSON Schema 2020-12. The service checks it when a value is written.';
comment on column settings.is_public is 'Whether all who are logged in are told; else administrators alone.';

create trigger raise_version before update on settings
  for each row when (old.* is distinct from new.*) execute function raise_version();
-- That it was changed, not to what: setting_history has that.
create trigger audit_insert after insert on settings
  for each row execute function audit_change('nobody', 'key', '{value,json_schema,description}');
create trigger audit_update after update on settings
  for each row when (old.* is distinct from new.*)
  execute function audit_change('nobody', 'key', '{value,json_schema,description}');

call protect_table('settings');
create policy kitaab_app_select on settings for select to kitaab_app using (is_public or (select app_has_role('admin')));
create policy kitaab_app_insert on settings for insert to kitaab_app with check ((select app_has_role('admin')));
create policy kitaab_app_update on settings for update to kitaab_app
  using ((select app_has_role('admin'))) with check ((select app_has_role('admin')));
grant select, insert (key, value, json_schema, is_public, description), update (value, json_schema, is_public, description)
  on settings to kitaab_app;

-- ------------------------------------------------------------------------------------------------ setting_history

create table setting_history (
  key text not null,
  version integer not null,
  value jsonb not null,
  json_schema jsonb,
  is_public boolean not null,
  description text,
  changed_by_user_id bigint references users,
  changed_at timestamptz not null default now(),
  primary key (key, version)
);
comment on table setting_history is 'Each version of each setting of the service, the current one among them; append-only.';

create trigger refuse_update before update on setting_history for each row execute function refuse_update();
call protect_table('setting_history');
create policy kitaab_app_select on setting_history for select to kitaab_app using ((select app_has_role('admin')));
grant select on setting_history to kitaab_app;

create function keep_setting_history() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into setting_history (key, version, value, json_schema, is_public, description, changed_by_user_id)
  values (new.key, new.version, new.value, new.json_schema, new.is_public, new.description, app_user_id());
  if tg_op = 'INSERT' and (select count(*) from settings) > 500 then
    perform refuse('KT409', 'too_many_settings', 'There are 500 settings of the service at most.', '500');
  end if;
  return null;
end
$$;
alter function keep_setting_history() owner to kitaab_definer;
revoke execute on function keep_setting_history() from public;
create trigger keep_history_of_insert after insert on settings
  for each row execute function keep_setting_history();
create trigger keep_history_of_update after update on settings
  for each row when (old.* is distinct from new.*) execute function keep_setting_history();

-- ------------------------------------------------------------------------------------------------ user_settings

create table user_settings (
  user_id bigint not null references users,
  key text not null,
  value jsonb not null,
  deleted_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (user_id, key),
  constraint user_settings_key_check check (is_setting_key(key)),
  constraint user_settings_value_check check (is_setting_value(value))
);
comment on table user_settings is 'A person''s own settings: the value of a key before that of the service.';
comment on column user_settings.deleted_at is 'When it was deleted. Setting it again makes this null: its version goes on.';
-- The job that purges.
create index user_settings_deleted_idx on user_settings (deleted_at) where deleted_at is not null;

create trigger raise_version before update on user_settings
  for each row when (old.* is distinct from new.*) execute function raise_version();
call track_table('user_settings', 'UserSetting', 'user_id', 'key');
-- That it was set, not to what: the audit log outlives what it tells of.
create trigger audit_insert after insert on user_settings
  for each row execute function audit_change('user_id', 'key', '{value}');
create trigger audit_update after update on user_settings
  for each row when ((old.value, old.deleted_at) is distinct from (new.value, new.deleted_at))
  execute function audit_change('user_id', 'key', '{value}');

call protect_table('user_settings');
create policy kitaab_app_select on user_settings for select to kitaab_app using (user_id = (select app_user_id()));
create policy kitaab_app_insert on user_settings for insert to kitaab_app with check (user_id = (select app_user_id()));
create policy kitaab_app_update on user_settings for update to kitaab_app
  using (user_id = (select app_user_id())) with check (user_id = (select app_user_id()));
grant select, insert (user_id, key, value), update (value, deleted_at) on user_settings to kitaab_app;

-- Counted under the owner's lock, which tracking has taken.
create function check_user_settings() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  perform lock_owners(array(select distinct user_id from new_rows));
  if exists (
    select from user_settings where user_id in (select user_id from new_rows) and deleted_at is null
    group by user_id having count(*) > 200
  ) then
    perform refuse('KT409', 'too_many_user_settings', 'There are 200 settings at most: delete one.', '200');
  end if;
  if exists (
    select from user_settings where user_id in (select user_id from new_rows) and deleted_at is null
    group by user_id having sum(octet_length(value::text)) > 1048576
  ) then
    perform refuse('KT409', 'user_settings_too_large', 'All settings together have at most 1 MB: make one smaller, or delete one.', '1048576');
  end if;
  return null;
end
$$;
alter function check_user_settings() owner to kitaab_definer;
revoke execute on function check_user_settings() from public;
create trigger check_user_settings_of_insert after insert on user_settings
  referencing new table as new_rows for each statement execute function check_user_settings();
create trigger check_user_settings_of_update after update on user_settings
  referencing new table as new_rows for each statement execute function check_user_settings();
