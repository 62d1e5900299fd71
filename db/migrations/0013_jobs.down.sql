drop function enqueue(text, jsonb, text);
drop table enqueueable_tasks;
drop table task_runs;
drop table jobs;
drop type job_status;
-- The migrator brings it back before it goes up again.
drop schema if exists graphile_worker cascade;
