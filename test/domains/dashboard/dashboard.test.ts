import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) {
    createDeed(input: $input) { deed { id itemTree { id name } scale { values { id name } } owner { today } } }
  }`
const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { entry { id } } }`
const SUMS = /* GraphQL */ `
        from to isPartial
        totals { category entryCount recordedDays averageScore }
        deeds { deed { name } entryCount recordedDays countTotal averagePerRecordedDay averagePerDay averageScore }`
const WITHOUT_ITEMS = /* GraphQL */ `
  query WithoutItems($id: ID!, $range: DateRange) { user(id: $id) { dashboard(range: $range) { ${SUMS} } } }`
const DASHBOARD = /* GraphQL */ `
  query Dashboard($id: ID!, $range: DateRange, $by: SeriesGroup, $every: CalendarUnit) {
    user(id: $id) {
      dashboard(range: $range) {
        ${SUMS}
        asOf
        items { item { name } entryCount recordedDays countTotal }
        series(by: $by, every: $every) { category deed { name } item { name } points { date entryCount countTotal averageScore } }
        previous { from to }
      }
    }
  }`
const STATISTICS_ALONE = /* GraphQL */ `
  { me { user { dashboard { totals { entryCount } deeds { countTotal } items { countTotal } series { points { entryCount } } } } } }`

interface Diary {
  leila: TestPerson
  today: string
  items: Record<string, string>
  record(item: string, day: number, value: object): Promise<void>
  dashboard(variables?: object, as?: TestPerson): Promise<ReturnType<typeof JSON.parse>>
}

/** Leila, with pages read in a tree of three levels, and a prayer on a scale of three values; days are counted from her today. */
async function newDiary(weekStart = 1): Promise<Diary> {
  const leila = await newUser(service.database, 'leila', { timeZone: 'Africa/Cairo', weekStart })
  const create = async (input: object) =>
    (await service.execute(CREATE_DEED, { input }, { as: leila })).data.createDeed.deed
  const reading = await create({
    category: 'HASANAAT',
    name: 'Reading',
    measure: 'COUNT',
    unit: 'pages',
    items: [{ name: 'Quran', children: [{ name: 'Juz' }] }, { name: 'Hadith' }],
  })
  const prayer = await create({
    category: 'HASANAAT',
    name: 'Prayer',
    measure: 'SCALE',
    scale: [{ name: 'missed' }, { name: 'late' }, { name: 'on time' }],
    items: [{ name: 'Fajr' }],
  })
  const named = [...reading.itemTree, ...prayer.itemTree, ...prayer.scale.values] as { id: string; name: string }[]
  const items = Object.fromEntries(named.map(({ id, name }) => [name, id]))
  const { today } = reading.owner
  return {
    leila,
    today,
    items,
    async record(item, day, value) {
      const input = { itemId: items[item], date: addDays(today, day), ...value }
      const { errors } = await service.execute(RECORD, { input }, { as: leila })
      if (errors) throw new Error(JSON.stringify(errors))
    },
    async dashboard(variables = {}, as = leila) {
      const { data, errors } = await service.execute(DASHBOARD, { id: leila.globalId, ...variables }, { as })
      if (errors) throw new Error(JSON.stringify(errors))
      // Asked without items it is another statement, with the same sums.
      const without = await service.execute(WITHOUT_ITEMS, { id: leila.globalId, ...variables }, { as })
      expect(data.user.dashboard).toMatchObject(without.data.user.dashboard)
      return data.user.dashboard
    },
  }
}

/** Leila shares an item and its subtree. */
async function share({ leila }: Diary, viewer: TestPerson, itemId: string): Promise<void> {
  const { admin } = service.database
  const { rows } = await admin.query(
    "insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, 'leila') returning relation_id",
    [leila.userId, viewer.userId],
  )
  const relationId = rows[0]?.relation_id
  await admin.query("update relations set status = 'accepted' where relation_id = $1", [relationId])
  await admin.query(
    `insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type) values ($1, $2, $3, $4, 'read')`,
    [leila.userId, relationId, viewer.userId, fromGlobalId('DeedItem', itemId).itemId],
  )
}

test('DASH-1 without a range it is the last 30 civil days, and not over yet', async () => {
  const { today, dashboard } = await newDiary()
  expect(await dashboard()).toMatchObject({
    from: addDays(today, -29),
    to: today,
    isPartial: true,
    previous: { from: addDays(today, -59), to: addDays(today, -30) },
  })
  const past = { from: addDays(today, -9), to: addDays(today, -1) }
  expect(await dashboard({ range: past })).toMatchObject({ ...past, isPartial: false })
})

test('DASH-1 nothing is before the first days of the calendar', async () => {
  const { dashboard } = await newDiary()
  const range = { from: '0001-01-01', to: '0001-01-02' }
  expect(await dashboard({ range })).toMatchObject({ ...range, previous: null })
})

test('DASH-1 totals, and averages per recorded day and per day, exactly', async () => {
  const { today, items, record, dashboard } = await newDiary()
  await record('Quran', 0, { count: '1.5' })
  await record('Juz', 0, { count: '2' })
  await record('Hadith', -2, { count: '0' })
  await record('Quran', -11, { count: '100' })
  await record('Fajr', 0, { scaleValueId: items['on time'] })
  await record('Fajr', -1, { scaleValueId: items.late })
  const answer = await dashboard({ range: { from: addDays(today, -9), to: addDays(today, 5) } })
  expect(answer.totals).toEqual([{ category: 'HASANAAT', entryCount: 5, recordedDays: 3, averageScore: '0.75' }])
  const [reading, prayer] = answer.deeds
  expect(reading).toEqual({
    deed: { name: 'Reading' },
    entryCount: 3,
    recordedDays: 2,
    countTotal: '3.5',
    averagePerRecordedDay: '1.75',
    averagePerDay: '0.35',
    averageScore: null,
  })
  expect(prayer).toMatchObject({ entryCount: 2, countTotal: null, averagePerDay: null, averageScore: '0.75' })
  expect(
    answer.items.map((row: { item: { name: string }; countTotal: string | null }) => [row.item.name, row.countTotal]),
  ).toEqual([
    ['Quran', '1.5'],
    ['Juz', '2'],
    ['Hadith', '0'],
    ['Fajr', null],
  ])
})

test('DASH-1 series by category, deed and item have a point for each day, week or month, null where nothing was recorded', async () => {
  const { today, record, dashboard } = await newDiary()
  await record('Quran', 0, { count: '2' })
  await record('Juz', -1, { count: '3' })
  const range = { from: addDays(today, -1), to: today }
  const byCategory = await dashboard({ range })
  expect(byCategory.series).toEqual([
    {
      category: 'HASANAAT',
      deed: null,
      item: null,
      points: [range.from, range.to].map((date) => ({ date, entryCount: 1, countTotal: null, averageScore: null })),
    },
  ])
  const byDeed = await dashboard({ range, by: 'DEED' })
  expect(byDeed.series[0]).toMatchObject({
    deed: { name: 'Reading' },
    points: [{ countTotal: '3' }, { countTotal: '2' }],
  })
  const byItem = await dashboard({ range, by: 'ITEM' })
  expect(byItem.series.map((line: { item: { name: string } }) => line.item.name)).toEqual([
    'Quran',
    'Juz',
    'Hadith',
    'Fajr',
  ])
  expect(byItem.series[0].points).toMatchObject([{ entryCount: 0, countTotal: null }, { countTotal: '2' }])
})

test('DAY-6 weeks of a series begin on the day that the owner chose', async () => {
  const { record, dashboard } = await newDiary(7)
  await record('Quran', -40, { count: '1' })
  const answer = await dashboard({ range: { from: '2026-01-01', to: '2026-01-31' }, every: 'WEEK' })
  expect(answer.series[0].points.map((point: { date: string }) => point.date)).toEqual([
    '2026-01-01',
    '2026-01-04',
    '2026-01-11',
    '2026-01-18',
    '2026-01-25',
  ])
})

test('DASH-1 weeks and months of the database fall on the same points as the calendar in the answer', async () => {
  const { today, record, dashboard } = await newDiary(6)
  for (const day of [0, -1, -2, -3, -4, -5, -6, -7, -20, -31, -45, -59]) await record('Quran', day, { count: '1' })
  for (const every of ['DAY', 'WEEK', 'MONTH']) {
    const answer = await dashboard({ range: { from: addDays(today, -60), to: today }, every })
    const counted = answer.series[0].points.reduce(
      (sum: number, point: { entryCount: number }) => sum + point.entryCount,
      0,
    )
    expect({ every, counted }).toEqual({ every, counted: 12 })
  }
})

test('DASH-2 what was just recorded is there, in at most two statements of its own', async () => {
  const { leila, record } = await newDiary()
  await record('Quran', 0, { count: '4' })
  const { data, flights } = await service.execute(STATISTICS_ALONE, {}, { as: leila })
  expect(data.me.user.dashboard.deeds[0].countTotal).toBe('4')
  const own = flights.flatMap(({ sql }) => sql).filter((text) => text.includes('entries'))
  expect(own).toHaveLength(2)
})

test("DASH-2 a delegate's dashboard is over exactly what is shared", async () => {
  const diary = await newDiary()
  const { record, items, dashboard } = diary
  const budi = await newUser(service.database, 'budi')
  await share(diary, budi, items.Juz ?? '')
  await record('Quran', 0, { count: '1' })
  await record('Juz', 0, { count: '2' })
  await record('Fajr', 0, { scaleValueId: items.late })
  const answer = await dashboard({ by: 'ITEM' }, budi)
  expect(answer.totals).toEqual([{ category: 'HASANAAT', entryCount: 1, recordedDays: 1, averageScore: null }])
  expect(answer.deeds).toMatchObject([{ deed: { name: 'Reading' }, countTotal: '2' }])
  expect(answer.items).toMatchObject([{ item: { name: 'Juz' }, countTotal: '2' }])
  expect(answer.series).toHaveLength(1)
})

test('SHA-8 a stranger finds nobody', async () => {
  const { leila } = await newDiary()
  const stranger = await newUser(service.database, 'stranger')
  const { data, errors } = await service.execute(DASHBOARD, { id: leila.globalId }, { as: stranger })
  expect(data.user).toBeNull()
  expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
})
