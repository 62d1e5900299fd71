-- Files that people send to be imported. Their content is an object; here is whose it is, and until when.

create table uploads (
  user_id bigint not null references users,
  upload_id uuid not null default gen_random_uuid(),
  file_name text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 hour',
  claimed_at timestamptz,
  stored_at timestamptz,
  bytes bigint,
  primary key (user_id, upload_id),
  constraint uploads_file_name_check check (char_length(file_name) between 1 and 200),
  constraint uploads_stored_check check ((stored_at is null) = (bytes is null) and (stored_at is null or claimed_at is not null)),
  constraint uploads_bytes_check check (bytes >= 0)
);
comment on table uploads is 'Files that people send to be imported. Those of yesterday are removed, imported or not.';
comment on column uploads.file_name is 'As problems with the file call it; it is no name of a file anywhere.';
comment on column uploads.expires_at is 'Until when its address takes a file.';
comment on column uploads.claimed_at is 'When a file began to come in; null again when it broke off.';
comment on column uploads.stored_at is 'When all of it was there.';
-- The job that removes old ones.
create index uploads_created_at_idx on uploads (created_at);

create trigger audit_insert after insert on uploads
  for each row execute function audit_change('user_id', 'upload_id');

call protect_table('uploads');
create policy kitaab_app_select on uploads for select to kitaab_app using (user_id = (select app_user_id()));
create policy kitaab_app_insert on uploads for insert to kitaab_app with check (user_id = (select app_user_id()));
create policy kitaab_app_update on uploads for update to kitaab_app
  using (user_id = (select app_user_id())) with check (user_id = (select app_user_id()));
grant select, insert (user_id, file_name), update (claimed_at, stored_at, bytes) on uploads to kitaab_app;

insert into enqueueable_tasks values ('import_entries');
