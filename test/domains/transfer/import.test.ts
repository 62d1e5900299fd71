import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { insertGoal } from '../../../src/domains/progress/queries/write-goals.ts'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { newDeed, only } from '../../db/world.ts'
import {
  deedsOf,
  diaryOf,
  exportOf,
  fast,
  type ImportWorld,
  importWorld,
  read,
  todayOf,
  traceOf,
} from './import-world.ts'

let world: ImportWorld
beforeAll(async () => {
  world = await importWorld()
})
afterAll(() => world.stop())

const noEntries = { created: 0, updated: 0, unchanged: 0, leftOut: 0 }

describe('what goes in', () => {
  test('IMP-1 a habit becomes a deed that is counted, with its unit and one item of its name, after the deeds that are there', async () => {
    const leila = await world.newImporter()
    await newDeed(leila, 'Prayer')
    await leila.import(exportOf(fast, read))
    expect(await deedsOf(leila)).toMatchObject([
      { name: 'Prayer', external_key: null, display_order: 0 },
      {
        name: 'Fast',
        external_key: 'loop:Fast',
        description: 'Did you fast?',
        unit: null,
        is_active: true,
        display_order: 1,
      },
      {
        name: 'Read',
        external_key: 'loop:Read',
        unit: 'pages',
        measure_type: 'count',
        is_active: false,
        display_order: 2,
      },
    ])
    const items = await leila.query('select name, external_key, level from deed_items order by name')
    expect(items).toEqual([
      { name: 'Fast', external_key: 'loop:Fast', level: 1 },
      { name: 'Read', external_key: 'loop:Read', level: 1 },
    ])
  })

  test('IMP-2 the days are recorded with their notes, as imported by the person, and the silent ones are counted', async () => {
    const leila = await world.newImporter()
    const report = await leila.import(exportOf(fast, read))
    expect(await diaryOf(leila)).toEqual([
      'Fast | Fast | 2014-12-31 | 1 | ',
      'Fast | Fast | 2026-01-02 | 0 | Ill',
      'Fast | Fast | 2026-01-04 | 0 | On the way',
      'Read | Read | 2026-01-01 | 15.5 | ',
      'Read | Read | 2026-01-02 | 0.001 | ',
    ])
    expect(await leila.query('select distinct origin, created_by_user_id, updated_by_user_id from entries')).toEqual([
      { origin: 'imported', created_by_user_id: leila.id, updated_by_user_id: leila.id },
    ])
    expect(await leila.query('select distinct action, origin, changed_by_user_id from entry_history')).toEqual([
      { action: 'created', origin: 'imported', changed_by_user_id: leila.id },
    ])
    expect(report).toEqual({
      habits: [
        {
          habit: 'Fast',
          deedInFile: 'Fast',
          outcome: 'CREATED',
          deed: 'Fast',
          entries: { ...noEntries, created: 3 },
          skipped: { YES_AUTO: 1 },
          notTaken: ['frequency 1 in 1 days', 'colour #FF8F00'],
        },
        {
          habit: 'Read',
          deedInFile: 'Read',
          outcome: 'CREATED',
          deed: 'Read',
          entries: { ...noEntries, created: 2 },
          skipped: { UNKNOWN: 1 },
          notTaken: ['frequency 1 in 1 days', 'colour #FF8F00'],
        },
      ],
      problems: [],
      totals: { ...noEntries, habits: 2, deedsCreated: 2, created: 5, skipped: 2, problems: 0 },
    })
  })

  test('more days than one batch takes all go in, and all are found again', async () => {
    const leila = await world.newImporter()
    const days = Array.from({ length: 1201 }, (_, index) => `${addDays('2020-01-01', index)},${index * 1000},`)
    const files = exportOf({ name: 'Steps', type: 'NUMERICAL', days })
    expect((await leila.import(files)).totals).toMatchObject({ created: 1201, leftOut: 0 })
    const sums = await leila.query('select count(*), sum(count_value) from entries')
    expect(sums).toEqual([{ count: '1201', sum: '720600.000' }])
    expect((await leila.import(files)).totals).toMatchObject({ created: 0, unchanged: 1201 })
  })
})

describe('importing again', () => {
  test('IMP-1 twice changes nothing: no row, no version, no history, no sequence', async () => {
    const leila = await world.newImporter()
    await leila.import(exportOf(fast, read))
    const before = await traceOf(world, leila)
    const report = await leila.import(exportOf(fast, read))
    expect(await traceOf(world, leila)).toEqual(before)
    expect(report.totals).toMatchObject({ deedsCreated: 0, created: 0, updated: 0, unchanged: 5, problems: 0 })
  })

  test('IMP-1 a deed and an item that were renamed, moved down and hidden are found, and stay so', async () => {
    const leila = await world.newImporter()
    await leila.import(exportOf(fast))
    await leila.query("update deeds set name = 'Voluntary fasts', is_active = false, unit = 'days'")
    const parent = only(
      await leila.query(
        "insert into deed_items (user_id, deed_id, name) select user_id, deed_id, 'All' from deeds returning deed_item_id",
      ),
    )
    await leila.query(
      "update deed_items set name = 'Mondays', parent_deed_item_id = $1 where external_key is not null",
      [parent],
    )
    const before = await traceOf(world, leila)
    const report = await leila.import(exportOf(fast))
    expect(await traceOf(world, leila)).toEqual(before)
    expect(report.habits).toMatchObject([{ habit: 'Fast', outcome: 'FOUND', deed: 'Voluntary fasts' }])
  })

  test('IMP-1 a name is the same however its letters are composed', async () => {
    const leila = await world.newImporter()
    await leila.import(exportOf({ name: 'Caf\u00e9' }))
    const report = await leila.import(exportOf({ name: 'Cafe\u0301' }))
    expect(report.habits).toMatchObject([{ outcome: 'FOUND', deed: 'Caf\u00e9' }])
  })

  test("ENT-3 a new value is taken; a note stays where the file has none, and the file's replaces it where it has one", async () => {
    const leila = await world.newImporter()
    await leila.import(exportOf({ name: 'Fast', days: ['2026-01-01,YES_MANUAL,First', '2026-01-02,NO,Second'] }))
    const report = await leila.import(exportOf({ name: 'Fast', days: ['2026-01-01,NO,', '2026-01-02,NO,Changed'] }))
    expect(await diaryOf(leila)).toEqual([
      'Fast | Fast | 2026-01-01 | 0 | First',
      'Fast | Fast | 2026-01-02 | 0 | Changed',
    ])
    expect(report.totals).toMatchObject({ created: 0, updated: 2 })
  })

  test('IMP-1 a deed that was deleted is made anew; one that lost its item gets another', async () => {
    const leila = await world.newImporter()
    await leila.import(exportOf(fast, read))
    await deleteDeed(leila, 'Fast')
    await leila.query("update deed_items set external_key = null where name = 'Read'")
    const report = await leila.import(exportOf(fast, read))
    expect(report.habits).toMatchObject([
      { outcome: 'CREATED', deed: 'Fast', entries: { created: 3 } },
      { outcome: 'ITEM_CREATED', deed: 'Read', entries: { created: 2 } },
    ])
    const items = await leila.query("select name, external_key from deed_items where name like 'Read%' order by name")
    expect(items).toEqual([
      { name: 'Read', external_key: null },
      { name: 'Read (Loop)', external_key: 'loop:Read' },
    ])
  })
})

describe('how it is written', () => {
  test('IMP-1 a dry run says what an import would do, and writes nothing', async () => {
    const leila = await world.newImporter()
    await newDeed(leila, 'Fast')
    const files = exportOf(fast, read, { name: 'x'.repeat(201) })
    const before = await traceOf(world, leila)
    const tried = await leila.import(files, { dryRun: true })
    expect(await traceOf(world, leila)).toEqual(before)
    expect(tried.totals).toMatchObject({ created: 5, problems: 1 })
    expect(await leila.import(files)).toEqual(tried)
  })

  test('GOAL-5 a goal on an imported item is settled by the import', async () => {
    const leila = await world.newImporter()
    const today = await todayOf(leila)
    const days = [`${addDays(today, -2)},YES_MANUAL,`, `${addDays(today, -1)},YES_MANUAL,`, `${today},YES_MANUAL,`]
    await leila.import(exportOf({ name: 'Fast', days: days.slice(0, 1) }))
    const [row] = await leila.query('select deed_id, deed_item_id from deed_items')
    await addMerit(leila.id, { deedId: row?.deed_id, itemId: row?.deed_item_id, startDate: addDays(today, -3), today })
    const completedOn = async () => only(await leila.query('select completed_on from goals'))
    await leila.import(exportOf({ name: 'Fast', days: days.slice(0, 1) }))
    expect(await completedOn()).toBeNull()
    await leila.import(exportOf({ name: 'Fast', days }))
    expect(await completedOn()).toBe(addDays(today, -1))
  })

  test('SES-2 it writes in a session of its own, which is over afterwards, also after an error', async () => {
    const leila = await world.newImporter()
    await leila.import(exportOf(fast))
    await world.admin("alter table entries add constraint no_third check (entry_date <> date '2026-01-03') not valid")
    try {
      const broken = leila.import(exportOf({ name: 'Pray', days: ['2026-01-03,YES_MANUAL,'] }))
      await expect(broken).rejects.toThrow('no_third')
    } finally {
      await world.admin('alter table entries drop constraint no_third')
    }
    expect((await deedsOf(leila)).map(({ name }) => name)).toEqual(['Fast'])
    const sessions = await world.admin(
      'select user_agent, revoked_at is not null as is_over from sessions where user_id = $1',
      [leila.id],
    )
    expect(sessions).toEqual([
      { user_agent: 'kitaab import', is_over: true },
      { user_agent: 'kitaab import', is_over: true },
    ])
    expect(world.log.messages).toEqual([])
  })

  test('nobody of that address, or a suspended one: nothing is written, and the reason is said', async () => {
    await expect(world.importFiles('nobody@kitaab.example', exportOf(fast))).rejects.toThrow(
      'Nobody has an account with the address nobody@kitaab.example',
    )
    const leila = await world.newImporter()
    await world.admin("update users set status = 'suspended' where user_id = $1", [leila.id])
    await expect(leila.import(exportOf(fast))).rejects.toThrow('is not active (suspended)')
  })

  test('an address is known in any case', async () => {
    const leila = await world.newImporter()
    await world.importFiles(leila.email.toUpperCase(), exportOf(fast))
    expect(await diaryOf(leila)).toHaveLength(3)
  })
})

async function deleteDeed(leila: { id: string }, name: string) {
  await world.admin(
    `with deletion as (
       insert into deletions (user_id, kind, root_id, label, row_count, deleted_by)
       select user_id, 'deed', deed_id, name, 2, user_id from deeds where user_id = $1 and name = $2
       returning user_id, deletion_id, root_id
     ), deed as (
       update deeds set deleted_at = now(), deleted_by = deeds.user_id, deletion_id = deletion.deletion_id
       from deletion where deeds.user_id = deletion.user_id and deeds.deed_id = root_id
     )
     update deed_items set deleted_at = now(), deleted_by = deed_items.user_id, deletion_id = deletion.deletion_id
     from deletion where deed_items.user_id = deletion.user_id and deed_items.deed_id = root_id`,
    [leila.id, name],
  )
}

interface Wanted {
  deedId: string
  itemId: string
  startDate: string
  today: string
}

/** Two fasts until tomorrow. */
async function addMerit(ownerId: string, { deedId, itemId, startDate, today }: Wanted) {
  const [session] = await world.admin(
    "insert into sessions (user_id, expires_at) values ($1, now() + interval '1 day') returning session_id",
    [ownerId],
  )
  const { transaction } = world.databases.forViewer({ userId: ownerId, sessionId: session?.session_id, role: 'member' })
  const item = { itemId, includesDescendants: true, metric: 'count_sum' as const, comparator: 'at_least' as const }
  await transaction((tx) =>
    insertGoal(tx, {
      kind: 'merit',
      ownerId,
      deedId,
      title: 'Two fasts',
      description: null,
      match: 'and',
      startDate,
      endDate: addDays(today, 1),
      items: [{ ...item, scaleValueId: null, scaleMatch: null, target: '2' }],
    }),
  )
}
