-- A person's imports by when they were asked for, as `Account.imports` lists them.
-- squawk-ignore require-concurrent-index-creation
create index jobs_imports_idx on jobs (user_id, created_at, job_id) where kind = 'entry_import';
