import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { type Databases, makeViewerDatabases } from '../../../src/platform/database/databases.ts'
import { newDatabase, type TestDatabase } from '../../support/database.ts'
import { quietLog } from '../../support/diaries.ts'
import { newUser, type TestPerson } from '../../support/people.ts'

let database: TestDatabase
let databases: Databases
let leila: TestPerson
let budi: TestPerson
beforeAll(async () => {
  database = await newDatabase()
  databases = makeViewerDatabases({ connections: database.connections, log: quietLog() })
  leila = await newUser(database, 'Leila')
  budi = await newUser(database, 'Budi')
})
afterAll(async () => {
  await databases.stop()
  await database.stop()
})

const addDeed = ({ userId }: TestPerson, name: string) =>
  database.admin.query(
    `insert into deeds (user_id, category_type, name, measure_type, display_order) values ($1, 'hasanaat', $2, 'count', 0)`,
    [userId, name],
  )

test('all its statements see one state of the database, whatever is written meanwhile', async () => {
  await addDeed(leila, 'before')
  const { db, close } = await databases.snapshot(leila)
  const names = async () => (await db.selectFrom('deeds').select('name').execute()).map(({ name }) => name)
  expect(await names()).toEqual(['before'])
  await addDeed(leila, 'meanwhile')
  expect(await names()).toEqual(['before'])
  await close()
  await expect(names()).rejects.toThrow('after the end of its transaction')
})

test('each statement declares its own owners, and sees nobody else', async () => {
  const { db, close } = await databases.snapshot(leila)
  const declared = sql<{ owners: string; viewer: string }>`
    select current_setting('app.owners') as owners, current_setting('app.user_id') as viewer`
  const of = async (source: typeof db) => (await declared.execute(source)).rows[0]
  const asked = [db.reading([budi.userId]), db.reading([leila.userId]), db, db.reading([budi.userId])]
  const answers = await Promise.all(asked.map(of))
  expect(answers.map((answer) => answer?.owners)).toEqual([
    `{${budi.userId}}`,
    `{${leila.userId}}`,
    '{}',
    `{${budi.userId}}`,
  ])
  expect(new Set(answers.map((answer) => answer?.viewer))).toEqual(new Set([leila.userId]))
  await close()
})

test('it writes nothing, and its connection serves the next', async () => {
  for (let time = 0; time < 5; time += 1) {
    const { db, close } = await databases.snapshot(leila)
    await expect(sql`delete from deeds`.execute(db)).rejects.toThrow()
    await close()
  }
})

test('a signal that was aborted begins nothing, and ends what goes on', async () => {
  const controller = new AbortController()
  const { db, close } = await databases.snapshot(leila, { signal: controller.signal })
  controller.abort(new Error('the client left'))
  await expect(db.selectFrom('deeds').select('name').execute()).rejects.toThrow('the client left')
  await close()
  await expect(databases.snapshot(leila, { signal: controller.signal })).rejects.toThrow('the client left')
})
