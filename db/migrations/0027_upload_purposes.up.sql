-- A file may be sent for more than one purpose, each with a size of its own.

create type upload_purpose as enum ('entries', 'scan');
alter table uploads add column purpose upload_purpose not null default 'entries';
comment on column uploads.purpose is 'What the file is for: entries of a diary, or the points of a scan. Another use of it is refused.';
grant insert (purpose) on uploads to kitaab_app;
