import pg from 'pg'

/**
 * The revision of graphile-worker's own schema that this code runs on. A newer version of the package comes with a migration of ours, be
 * it an empty one, so that every database is seen to be older and is migrated.
 */
export const queueRevision = 20

/** Its tables have row-level security without a policy: who does not own them would see no job, and say nothing. */
const openToWorker = `
  grant usage on schema graphile_worker to kitaab_worker, kitaab_definer;
  grant select, insert, update, delete on all tables in schema graphile_worker to kitaab_worker, kitaab_definer;
  grant usage, select on all sequences in schema graphile_worker to kitaab_worker, kitaab_definer;
  revoke execute on all functions in schema graphile_worker from public;
  grant execute on all functions in schema graphile_worker to kitaab_worker, kitaab_definer;
  do $$
  declare
    missing record;
  begin
    for missing in
      select relname, role from pg_class, unnest('{kitaab_worker,kitaab_definer}'::text[]) as role
      where relnamespace = 'graphile_worker'::regnamespace and relkind = 'r' and relrowsecurity
        and not exists (select from pg_policy where polrelid = pg_class.oid and polname = role)
    loop
      execute format('create policy %I on graphile_worker.%I to %I using (true) with check (true)', missing.role, missing.relname, missing.role);
    end loop;
  end
  $$`

/** Brings the queue's schema, which kitaab_admin then owns, and opens it to those who work with it. Changes nothing that is current. */
export async function migrateQueue(config: pg.ClientConfig): Promise<void> {
  // Loaded only where something is migrated.
  const { Logger, runMigrations } = await import('graphile-worker')
  const pool = new pg.Pool({ ...config, max: 1 })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  try {
    await runMigrations({ pgPool: pool, logger: new Logger(() => () => {}) })
    await pool.query(openToWorker)
  } finally {
    await pool.end()
  }
}
