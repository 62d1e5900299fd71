-- Work that is done behind a request's back: what a person asked for and waits for (jobs), and how a transaction asks for it (enqueue).
-- The queue itself is graphile-worker's, in a schema of its own that the migrator brings.

create type job_status as enum ('waiting', 'running', 'succeeded', 'failed');

-- ------------------------------------------------------------------------------------------------ jobs

create table jobs (
  user_id bigint not null references users,
  job_id uuid not null default gen_random_uuid(),
  kind text not null,
  status job_status not null default 'waiting',
  progress numeric(4, 3),
  input jsonb,
  result jsonb,
  error text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz,
  primary key (user_id, job_id),
  constraint jobs_kind_check check (kind ~ '^[a-z][a-z0-9_]{2,59}$'),
  constraint jobs_progress_check check (progress between 0 and 1),
  constraint jobs_error_check check (char_length(error) between 1 and 2000),
  constraint jobs_finished_check check ((status in ('succeeded', 'failed')) = (finished_at is not null) and (status = 'failed') = (error is not null))
);
comment on table jobs is 'Long work that somebody asked for, and what has come of it. What is to be done next is in graphile_worker.';
comment on column jobs.progress is 'The share that is done, 0 to 1; null: not known.';
comment on column jobs.error is 'A sentence for the person who asked.';
comment on column jobs.expires_at is 'When the row, and what its result names, may be removed; null: never by itself.';
-- The job that removes what has expired.
create index jobs_expires_at_idx on jobs (expires_at) where expires_at is not null;

call track_table('jobs', 'Job', 'user_id', 'job_id');
create trigger audit_insert after insert on jobs
  for each row execute function audit_change('user_id', 'job_id', '{input,result}');

call protect_table('jobs');
create policy kitaab_app_select on jobs for select to kitaab_app using (user_id = (select app_user_id()));
create policy kitaab_app_insert on jobs for insert to kitaab_app with check (user_id = (select app_user_id()));
grant select, insert (user_id, kind, input) on jobs to kitaab_app;

-- ------------------------------------------------------------------------------------------------ the queue

-- What a viewer's transaction may ask for. A migration that brings such a task adds it here; all else only the worker does.
create table enqueueable_tasks (task text primary key);
call protect_table('enqueueable_tasks');

-- A task for the worker, in this transaction: rolled back, there is none. `payload` holds ids, never words. One that waits under the
-- same key of the same task is replaced.
create function enqueue(task text, payload jsonb, job_key text default null) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if not exists (select from enqueueable_tasks where enqueueable_tasks.task = enqueue.task) then
    raise exception using errcode = '42501', message = format('The task %s is not for a viewer to ask for.', task);
  end if;
  perform graphile_worker.add_job(task, payload::json, job_key => task || ':' || job_key);
end
$$;
alter function enqueue(text, jsonb, text) owner to kitaab_definer;
revoke execute on function enqueue(text, jsonb, text) from public;
grant execute on function enqueue(text, jsonb, text) to kitaab_app;

-- ------------------------------------------------------------------------------------------------ what ran

create table task_runs (
  task text primary key,
  succeeded_at timestamptz,
  failed_at timestamptz
);
comment on table task_runs is 'When each task was last done, and when it last failed: the queue forgets what is done.';
call protect_table('task_runs');
