import { afterEach, beforeEach, expect, test } from '@jest/globals'
import pg from 'pg'
import { beginLife, type Life } from '../../../src/platform/jobs/lives.ts'
import { newDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let pool: pg.Pool
const lives: Life[] = []

beforeEach(async () => {
  database = await newDatabase()
  pool = new pg.Pool(database.connections.forRole('kitaab_worker'))
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  await database.admin.query("select graphile_worker.add_job('anything')")
  await database.admin.query("update graphile_worker._private_jobs set locked_by = 'hana', locked_at = now()")
})
afterEach(async () => {
  for (const life of lives.splice(0)) life.end()
  await pool.end()
  await database.stop()
})

function newLife(id: string): Life {
  const life = beginLife(pool, id)
  lives.push(life)
  return life
}

async function holder(): Promise<string | null> {
  const { rows } = await database.admin.query('select locked_by from graphile_worker._private_jobs')
  return rows[0].locked_by
}

const cutHolders = `
  select pg_terminate_backend(pid, 5000) from pg_locks
  where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`

test('the job of a worker that was never seen alive is free at the third look', async () => {
  const other = newLife('other')
  expect([await other.look(), await other.look(), await holder()]).toEqual([[], [], 'hana'])
  expect([await other.look(), await holder()]).toEqual([['hana'], null])
  expect(await other.look()).toEqual([])
})

test('the job of a worker that lives stays its own, also when its session is cut', async () => {
  const [hana, other] = [newLife('hana'), newLife('other')]
  await hana.look()
  for (const _ of [1, 2, 3, 4]) expect(await other.look()).toEqual([])
  await database.superuser.query(cutHolders)
  for (const _ of [1, 2]) expect(await other.look()).toEqual([])
  await hana.look()
  for (const _ of [1, 2, 3]) expect(await other.look()).toEqual([])
  expect(await holder()).toBe('hana')
})

test('a worker that ended lives no longer', async () => {
  const [hana, other] = [newLife('hana'), newLife('other')]
  await hana.look()
  hana.end()
  const looks = [await other.look(), await other.look(), await other.look(), await other.look()]
  expect(looks.flat()).toEqual(['hana'])
})
