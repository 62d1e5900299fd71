delete from scan_imports where upload_id is null;
alter table scan_imports drop constraint scan_imports_upload_fkey;
alter table scan_imports add constraint scan_imports_upload_fkey foreign key (asked_by_user_id, upload_id) references uploads;
alter table scan_imports alter column upload_id set not null;
