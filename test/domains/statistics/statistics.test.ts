import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newUser } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Diary, type Fact, newDiary } from './diary.ts'

let service: TestService
let diary: Diary
beforeAll(async () => {
  service = await startService()
  diary = await newDiary(service)
})
afterAll(() => service.stop())

const STATISTICS = /* GraphQL */ `
  query Statistics($item: ID!, $range: DateRange, $includeDescendants: Boolean) {
    node(id: $item) {
      ... on DeedItem {
        statistics(range: $range, includeDescendants: $includeDescendants) { ...All }
        deed { statistics(range: $range) { ...All } }
      }
    }
  }
  fragment All on Statistics {
    from to entryCount recordedDays missingDays countTotal averagePerRecordedDay averagePerDay averageScore minimum maximum
    distribution { scaleValue { name lineageKey } entryCount share }
  }`

async function statisticsOf(item: string, variables: object = {}, of: Diary = diary, as = of.leila) {
  const { data, errors } = await of.ask(STATISTICS, { item: of.ids[item], ...variables }, as)
  if (errors) throw new Error(JSON.stringify(errors))
  return { item: data.node.statistics, deed: data.node.deed.statistics }
}

const days = (from: number, to: number) => ({ range: { from: diary.day(from), to: diary.day(to) } })
const fact = (item: string, day: number, value: string): Fact => ({ item, day, value })

test('DAY-4 without a range it is the last 30 days of the owner, whoever asks', async () => {
  const budi = await newUser(service.database, 'budi', { timeZone: 'Pacific/Kiritimati' })
  const maryam = await newUser(service.database, 'maryam', { timeZone: 'Pacific/Pago_Pago' })
  for (const viewer of [budi, maryam]) {
    await diary.share(['Reading root'], viewer)
    const { item } = await statisticsOf('Reading root', {}, diary, viewer)
    expect(item).toMatchObject({ from: diary.day(-29), to: diary.today })
  }
})

test('DASH-1 counts: totals, extremes, averages and missing days, exactly, with what is below or without', async () => {
  await diary.fill([
    fact('Reading root', 0, '1.5'),
    fact('Reading leaf', 0, '2'),
    fact('Reading leaf', -2, '0'),
    fact('Reading twig', 1, '4.25'),
    fact('Reading root', -11, '100'),
    fact('Smoking root', 0, '20'),
  ])
  const { item, deed } = await statisticsOf('Reading root', days(-9, 5))
  expect(item).toEqual({
    from: diary.day(-9),
    to: diary.day(5),
    entryCount: 4,
    recordedDays: 3,
    missingDays: 8,
    countTotal: '7.75',
    averagePerRecordedDay: '2.583',
    averagePerDay: '0.775',
    averageScore: null,
    minimum: '0',
    maximum: '4.25',
    distribution: [],
  })
  expect(deed).toEqual(item)
  const alone = await statisticsOf('Reading root', { ...days(-9, 5), includeDescendants: false })
  expect(alone.item).toMatchObject({
    entryCount: 1,
    recordedDays: 1,
    missingDays: 9,
    countTotal: '1.5',
    minimum: '1.5',
  })
  const branch = await statisticsOf('Reading branch', days(-9, 5))
  expect(branch.item).toMatchObject({ entryCount: 2, recordedDays: 2, countTotal: '2', averagePerRecordedDay: '1' })
})

test('DASH-1 where nothing was recorded amounts are null, not 0, and days to come are not missing', async () => {
  await diary.fill([])
  const nothing = {
    entryCount: 0,
    recordedDays: 0,
    countTotal: null,
    averagePerDay: null,
    minimum: null,
    distribution: [],
  }
  expect((await statisticsOf('Reading root', days(-4, 0))).item).toMatchObject({ ...nothing, missingDays: 4 })
  expect((await statisticsOf('Prayer root', days(2, 9))).deed).toMatchObject({
    ...nothing,
    missingDays: 0,
    averageScore: null,
  })
})

test('SCA-3 the average is that of the normalized scores, and the distribution is in order of the values', async () => {
  await diary.fill([
    fact('Prayer root', 0, 'on time'),
    fact('Prayer leaf', 0, 'late'),
    fact('Prayer leaf', -1, 'missed'),
    fact('Prayer twig', -1, 'on time'),
    fact('Prayer twig', -3, 'on time'),
    fact('Prayer leaf', -3, 'late'),
  ])
  const { item, deed } = await statisticsOf('Prayer root')
  expect(deed).toEqual(item)
  expect(item).toMatchObject({
    entryCount: 6,
    recordedDays: 3,
    averageScore: '0.666667',
    countTotal: null,
    maximum: null,
  })
  expect(item.distribution).toMatchObject([
    { scaleValue: { name: 'missed' }, entryCount: 1, share: '0.166667' },
    { scaleValue: { name: 'late' }, entryCount: 2, share: '0.333333' },
    { scaleValue: { name: 'on time' }, entryCount: 3, share: '0.5' },
  ])
  const leaf = await statisticsOf('Prayer leaf')
  expect(leaf.item).toMatchObject({ averageScore: '0.333333' })
  expect(leaf.item.distribution).toMatchObject([
    { entryCount: 1, share: '0.333333' },
    { entryCount: 2, share: '0.666667' },
  ])
})

/** A second version from a day on, of two values: the first continues `missed`, the other is new. */
async function newVersion(of: Diary, from: number) {
  const { admin } = service.database
  const key = fromGlobalId('ScaleValue', of.ids.missed ?? '')
  const { rows } = await admin.query(
    `with ended as (
       update scales set effective = daterange(null, owner_today($1) + $3::integer) from scale_values as value
       where scales.user_id = $1 and value.user_id = $1 and value.scale_value_id = $2 and scales.scale_id = value.scale_id
       returning scales.deed_id
     ), version as (
       insert into scales (user_id, deed_id, version_number, effective)
       select $1, deed_id, 2, daterange(owner_today($1) + $3::integer, null) from ended returning deed_id, scale_id
     )
     select deed_id, scale_id from version`,
    [key.ownerId, key.scaleValueId, from],
  )
  const { rows: values } = await admin.query(
    `insert into scale_values (user_id, deed_id, scale_id, value_name, value_order, lineage_key)
     select $1, $2, $3, name, place, case place when 1 then (select lineage_key from scale_values where user_id = $1 and scale_value_id = $4) else gen_random_uuid() end
     from unnest(array['not prayed', 'prayed']) with ordinality as value (name, place)
     order by place returning scale_value_id, value_name`,
    [key.ownerId, rows[0]?.deed_id, rows[0]?.scale_id, key.scaleValueId],
  )
  return values.map(({ scale_value_id: scaleValueId }) => ({ ownerId: key.ownerId, scaleValueId }))
}

test('SCA-3 over several versions the average mixes normalized scores, and each version keeps its values', async () => {
  const other = await newDiary(service)
  const facts = [fact('Prayer root', -3, 'missed'), fact('Prayer leaf', -3, 'late'), fact('Prayer leaf', -2, 'on time')]
  await other.fill(facts)
  const [missed, prayed] = await newVersion(other, -1)
  const { admin } = service.database
  for (const [day, value] of [
    [-1, missed],
    [0, prayed],
  ] as const) {
    await admin.query(
      `insert into entries (user_id, deed_item_id, entry_date, scale_id, scale_value_id, created_by_user_id, updated_by_user_id)
       select $1, $2, owner_today($1) + $3::integer, scale_id, scale_value_id, $1, $1 from scale_values where user_id = $1 and scale_value_id = $4`,
      [other.leila.userId, fromGlobalId('DeedItem', other.ids['Prayer twig'] ?? '').itemId, day, value?.scaleValueId],
    )
  }
  const { item } = await statisticsOf('Prayer root', {}, other)
  expect(item).toMatchObject({ entryCount: 5, averageScore: '0.5' })
  const shares = item.distribution as {
    scaleValue: { name: string; lineageKey: string }
    entryCount: number
    share: string
  }[]
  expect(shares.map(({ scaleValue, entryCount, share }) => [scaleValue.name, entryCount, share])).toEqual([
    ['missed', 1, '0.2'],
    ['late', 1, '0.2'],
    ['on time', 1, '0.2'],
    ['not prayed', 1, '0.2'],
    ['prayed', 1, '0.2'],
  ])
  expect(shares[3]?.scaleValue.lineageKey).toBe(shares[0]?.scaleValue.lineageKey)
})

test('DAY-6 a range of more than 3,660 days is RANGE_TOO_WIDE; one of 3,660 is answered', async () => {
  await diary.fill([fact('Reading root', -3000, '2'), fact('Reading root', -10, '1')])
  expect((await statisticsOf('Reading root', days(-3659, 0))).item).toMatchObject({
    countTotal: '3',
    missingDays: 3657,
  })
  const { errors } = await diary.ask(STATISTICS, { item: diary.ids['Reading root'], ...days(-3660, 0) })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'RANGE_TOO_WIDE', field: 'range' })
})

test('ENT-1 cleared days and deleted items do not count', async () => {
  const other = await newDiary(service)
  await other.fill([fact('Reading root', 0, '1'), fact('Reading root', -1, '10'), fact('Reading twig', 0, '100')])
  await other.clear('Reading root', -1)
  await other.remove('Reading twig')
  const { item, deed } = await statisticsOf('Reading root', {}, other)
  expect(item).toMatchObject({ entryCount: 1, countTotal: '1', maximum: '1' })
  expect(deed).toEqual(item)
})

test('SHA-6 a delegate reads statistics over exactly what is shared; a stranger finds nothing', async () => {
  const other = await newDiary(service)
  const [budi, stranger] = [await newUser(service.database, 'budi'), await newUser(service.database, 'stranger')]
  await other.share(['Reading branch'], budi)
  await other.fill([
    fact('Reading root', 0, '1'),
    fact('Reading branch', 0, '10'),
    fact('Reading leaf', -1, '100'),
    fact('Reading twig', 0, '1000'),
  ])
  const { item, deed } = await statisticsOf('Reading branch', {}, other, budi)
  expect(item).toMatchObject({ entryCount: 2, countTotal: '110' })
  expect(deed).toEqual(item)
  const { data, errors } = await other.ask(STATISTICS, { item: other.ids['Reading branch'] }, stranger)
  expect(data.node).toBeNull()
  expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
})

test('SHA-6 what stands below an item that is not shared is not counted with those above it', async () => {
  const other = await newDiary(service)
  const budi = await newUser(service.database, 'budi')
  const isPrivate = "update deed_items set is_private = true where user_id = $1 and name = 'Reading branch'"
  await service.database.admin.query(isPrivate, [other.leila.userId])
  await other.share(['Reading root'], budi)
  await other.fill([
    fact('Reading root', 0, '1'),
    fact('Reading branch', 0, '10'),
    fact('Reading leaf', -1, '100'),
    fact('Reading twig', 0, '1000'),
  ])
  expect((await statisticsOf('Reading root', {}, other, budi)).item).toMatchObject({ countTotal: '1001' })
  expect((await statisticsOf('Reading root', {}, other)).item).toMatchObject({ countTotal: '1111' })
})

const ITEMS = /* GraphQL */ `
  fragment Items on Deed {
    itemTree {
      statistics(range: $range) { countTotal averageScore distribution { scaleValue { name } share } }
      alone: statistics(range: $range, includeDescendants: false) { countTotal }
      streak { current { length } longest { length } }
    }
  }`
const SCREENS = {
  'all items': `query Items($range: DateRange) { me { user { deeds { ...Items } } } } ${ITEMS}`,
  'all items and their deeds': `query Screen($range: DateRange) {
    me { user { deeds { ...Items statistics(range: $range) { entryCount } streak { current { length } } } } }
  } ${ITEMS}`,
}

test.each([
  ['all items', 'the last 30 days', undefined, 1],
  ['all items', '3,660 days', -3659, 1],
  ['all items and their deeds', 'the last 30 days', undefined, 1],
  ['all items and their deeds', '3,660 days', -3659, 1],
] as const)(
  'the statistics of %s over %s, and their streaks, take one statement each',
  async (screen, _days, from, most) => {
    const prayers = ['Prayer root', 'Prayer leaf', 'Prayer twig'].map((item) => fact(item, 0, 'late'))
    await diary.fill([...prayers, fact('Reading leaf', 0, '3'), fact('Smoking root', -1, '0')])
    const range = from === undefined ? {} : days(from, 0)
    const { data, errors, flights } = await diary.ask(SCREENS[screen], range)
    expect(errors).toBeUndefined()
    expect(data.me.user.deeds.flatMap((deed: { itemTree: unknown[] }) => deed.itemTree)).toHaveLength(16)
    const own = flights.flatMap(({ sql }) => sql).filter((text) => text.includes('from entries'))
    const count = (mark: string) => own.filter((text) => text.includes(mark)).length
    expect([own.length, count('distributions'), count('longest')]).toEqual([2 * most, most, most])
  },
)
