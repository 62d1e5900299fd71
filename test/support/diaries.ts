import { sql } from 'kysely'
import type { Connections } from '../../src/platform/database/connections.ts'
import type { Databases, DatabasesOptions } from '../../src/platform/database/databases.ts'
import { makeViewerDatabases } from '../../src/platform/database/databases.ts'
import type { Database, DatabaseLog, ViewerIdentity } from '../../src/platform/database/types.ts'
import { newDatabase, type TestDatabase } from './database.ts'

/** People with diaries, of which some are shared, on the project's own users and sessions: what the platform's tests read. */
export interface DiaryWorld {
  readonly database: TestDatabase
  readonly leila: ViewerIdentity
  readonly budi: ViewerIdentity
  /** Sees Leila's diary, and nobody else's. */
  readonly maryam: ViewerIdentity
  /** Databases as configured, stopped with the world. */
  databases(options?: Partial<DatabasesOptions>, connections?: Connections): Databases
  stop(): Promise<void>
}

const tables = `
  create table diaries (user_id bigint not null references users, page integer not null, text text not null, primary key (user_id, page));
  create table diary_shares (user_id bigint not null, viewer_id bigint not null, primary key (user_id, viewer_id));
  alter table diaries enable row level security;
  create policy everything on diaries to kitaab_admin using (true);
  create policy own_or_shared on diaries for select to kitaab_app using (
    user_id = (select app_user_id())
    or user_id in (select user_id from diary_shares where viewer_id = app_user_id() and user_id = any (app_owners()))
  );
  create policy own_insert on diaries for insert to kitaab_app with check (user_id = (select app_user_id()));
  create policy own_update on diaries for update to kitaab_app using (user_id = (select app_user_id()));
  grant select, insert, update on diaries to kitaab_app;
  grant select on diary_shares to kitaab_app;`

export async function diaryWorld(): Promise<DiaryWorld> {
  const database = await newDatabase()
  await database.admin.query(tables)
  const [leila, budi, maryam] = [
    await newPerson(database, 'leila'),
    await newPerson(database, 'budi'),
    await newPerson(database, 'maryam'),
  ]
  await database.admin.query('insert into diary_shares values ($1, $2)', [leila.userId, maryam.userId])
  const made: Databases[] = []
  return {
    database,
    leila,
    budi,
    maryam,
    databases(options = {}, connections = database.connections) {
      const databases = makeViewerDatabases({ connections, log: quietLog(), ...options })
      made.push(databases)
      return databases
    },
    async stop() {
      await Promise.all(made.map((databases) => databases.stop()))
      await database.stop()
    },
  }
}

/** A person with an open session and a diary of three pages. */
export async function newPerson({ admin }: TestDatabase, name: string): Promise<ViewerIdentity> {
  const { rows } = await admin.query<{ user_id: string; session_id: string }>(
    `with person as (insert into users (email, password_hash) values ($1 || '@kitaab.example', '-') returning user_id)
     insert into sessions (user_id, expires_at) select user_id, now() + interval '1 day' from person
     returning user_id, session_id`,
    [name],
  )
  const [row] = rows
  if (!row) throw new Error('nobody was made')
  await admin.query("insert into diaries select $1, page, $2 || ' ' || page from generate_series(1, 3) as page", [
    row.user_id,
    name,
  ])
  return { userId: row.user_id, sessionId: row.session_id, role: 'member' }
}

/** Keeps what is logged. */
export function quietLog(): DatabaseLog & { readonly messages: string[] } {
  const messages: string[] = []
  const keep = (_details: object, message: string) => {
    messages.push(message)
  }
  return { messages, warn: keep, error: keep }
}

/** The texts of every page that this handle shows. */
export async function pages(db: Database): Promise<string[]> {
  const { rows } = await sql<{ text: string }>`select text from diaries order by user_id, page`.execute(db)
  return rows.map(({ text }) => text)
}

/** The row of a statement that answers one. */
export async function one<Row>(db: Database, statement: ReturnType<typeof sql<Row>>): Promise<Row> {
  const [row] = (await statement.execute(db)).rows
  if (!row) throw new Error('no row')
  return row
}

/** Waits until a query of the superuser answers true. */
export async function until({ superuser }: TestDatabase, condition: string, values: unknown[] = []): Promise<void> {
  for (const start = Date.now(); Date.now() - start < 15_000; ) {
    const { rows } = await superuser.query<{ so: boolean }>(`select (${condition}) as so`, values)
    if (rows[0]?.so) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`never came true: ${condition}`)
}

/** What was thrown, as GraphQL would show it. */
export function extensionsOf(error: unknown): Record<string, unknown> {
  return error instanceof Error && 'extensions' in error ? { ...(error.extensions as object) } : { error }
}
