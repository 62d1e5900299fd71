-- A file that was sent to be added as a scan goes when it was added, or after a day; what is known of the import stays.
-- Nobody has written here before this version.
-- squawk-ignore ban-drop-not-null
alter table scan_imports alter column upload_id drop not null;
alter table scan_imports drop constraint scan_imports_upload_fkey;
-- squawk-ignore constraint-missing-not-valid, adding-foreign-key-constraint
alter table scan_imports add constraint scan_imports_upload_fkey
  foreign key (asked_by_user_id, upload_id) references uploads on delete set null (upload_id);
comment on column scan_imports.upload_id is 'The file as it was sent; null: it is gone.';
