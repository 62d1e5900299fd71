import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newUser } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Diary, type Fact, newDiary } from './diary.ts'
import { plainStreak } from './model.ts'

let service: TestService
let diary: Diary
beforeAll(async () => {
  service = await startService()
  diary = await newDiary(service)
})
afterAll(() => service.stop())

const STREAK = /* GraphQL */ `
  query Streak($item: ID!, $includeDescendants: Boolean) {
    node(id: $item) { ... on DeedItem { deed { streak { ...Runs } } streak(includeDescendants: $includeDescendants) { ...Runs } } }
  }
  fragment Runs on Streak { asOf current { length from to } longest { length from to } }`

/** Days up to today from a text such as `1 0 . 1`, whose last mark is today's; `.`: nothing recorded. */
function marked(item: string, marks: string, values: Record<string, string> = {}): Fact[] {
  const all = marks.split(' ')
  return all.flatMap((mark, place) =>
    mark === '.' ? [] : [{ item, day: place - all.length + 1, value: values[mark] ?? mark }],
  )
}

const run = (length: number, from: number, to: number) => ({ length, from, to })
const dated = (model: { length: number; from: number; to: number } | null) =>
  model && { length: model.length, from: diary.day(model.from), to: diary.day(model.to) }

async function streakOf(item: string, includeDescendants = true) {
  const { data, errors } = await diary.ask(STREAK, { item: diary.ids[item], includeDescendants })
  if (errors) throw new Error(JSON.stringify(errors))
  return { item: data.node.streak, deed: data.node.deed.streak }
}

const none = null
const table: ['HASANAAT' | 'SAIYYIAAT', string, ReturnType<typeof run> | null, ReturnType<typeof run> | null][] = [
  ['HASANAAT', '.', none, none],
  ['HASANAAT', '0', none, none],
  ['HASANAAT', '1', run(1, 0, 0), run(1, 0, 0)],
  ['HASANAAT', '1 1 1', run(3, -2, 0), run(3, -2, 0)],
  ['HASANAAT', '1 1 .', run(2, -2, -1), run(2, -2, -1)],
  ['HASANAAT', '1 1 0', none, run(2, -2, -1)],
  ['HASANAAT', '1 1 . .', none, run(2, -3, -2)],
  ['HASANAAT', '1 . 1', run(1, 0, 0), run(1, 0, 0)],
  ['HASANAAT', '1 1 0 1 .', run(1, -1, -1), run(2, -4, -3)],
  ['HASANAAT', '1 1 . 1 1 0 .', none, run(2, -3, -2)],
  ['HASANAAT', '0.001 2', run(2, -1, 0), run(2, -1, 0)],
  ['SAIYYIAAT', '.', none, none],
  ['SAIYYIAAT', '1', none, none],
  ['SAIYYIAAT', '0', run(1, 0, 0), run(1, 0, 0)],
  ['SAIYYIAAT', '0 . 0 .', run(2, -3, -1), run(2, -3, -1)],
  ['SAIYYIAAT', '0 0 . . .', run(2, -4, -3), run(2, -4, -3)],
  ['SAIYYIAAT', '0 0 1', none, run(2, -2, -1)],
  ['SAIYYIAAT', '0 . 0 3 0 .', run(1, -1, -1), run(2, -5, -3)],
  ['SAIYYIAAT', '0 0 2 . .', none, run(2, -4, -3)],
  ['SAIYYIAAT', '0 1 0', run(1, 0, 0), run(1, 0, 0)],
]

test.each(table)('STR-1 %s %s: current %j, longest %j', async (category, marks, current, longest) => {
  const [counted, scaled] = category === 'HASANAAT' ? ['Reading', 'Prayer'] : ['Smoking', 'Anger']
  const values = category === 'HASANAAT' ? ['missed', 'late'] : ['calm', 'cross']
  const onScale = marks.replaceAll(/[\d.]*\d[\d.]*/g, (amount) => (Number(amount) > 0 ? '+' : '0'))
  const ofScale = { '0': values[0] ?? '', '+': values[1] ?? '' }
  const facts = [...marked(`${counted} root`, marks), ...marked(`${scaled} root`, onScale, ofScale)]
  await diary.fill(facts)
  const expected = { asOf: diary.today, current: dated(current), longest: dated(longest) }
  expect(await streakOf(`${counted} root`)).toEqual({ item: expected, deed: expected })
  expect(await streakOf(`${scaled} root`)).toEqual({ item: expected, deed: expected })
  expect(plainStreak(category, marked('any', marks))).toEqual({ current, longest })
})

test('STR-1 entries of a day are judged together: one good deed makes the day, one bad deed breaks it', async () => {
  await diary.fill([
    ...marked('Reading leaf', '0 1 .'),
    ...marked('Reading twig', '2 0 0'),
    ...marked('Smoking leaf', '0 0 1'),
    ...marked('Smoking twig', '0 . 0'),
  ])
  expect((await streakOf('Reading root')).item).toMatchObject({ current: none, longest: dated(run(2, -2, -1)) })
  expect((await streakOf('Reading branch')).item).toMatchObject({ current: dated(run(1, -1, -1)) })
  expect((await streakOf('Smoking root')).item).toMatchObject({ current: none, longest: dated(run(2, -2, -1)) })
  expect((await streakOf('Smoking twig')).item).toMatchObject({ current: dated(run(2, -2, 0)) })
})

test('STR-1 an item alone leaves out what is below it', async () => {
  await diary.fill([...marked('Reading root', '. . 1'), ...marked('Reading leaf', '1 1 1')])
  expect((await streakOf('Reading root', true)).item.current).toEqual(dated(run(3, -2, 0)))
  expect((await streakOf('Reading root', false)).item.current).toEqual(dated(run(1, 0, 0)))
  expect((await streakOf('Reading branch', false)).item).toMatchObject({ current: none, longest: none })
})

test('STR-1 of runs of the same length the latest is the longest', async () => {
  await diary.fill(marked('Reading root', '1 1 0 1 1 0'))
  expect((await streakOf('Reading root')).item).toMatchObject({ current: none, longest: dated(run(2, -2, -1)) })
})

test('STR-1 what is recorded for tomorrow neither lengthens nor ends a run today', async () => {
  await diary.fill([...marked('Reading root', '1 1 .'), { item: 'Reading root', day: 1, value: '0' }])
  expect((await streakOf('Reading root')).item.current).toEqual(dated(run(2, -2, -1)))
})

test('STR-1 a cleared day is unrecorded, and deleted items do not count', async () => {
  const other = await newDiary(service)
  await other.fill([
    ...marked('Reading root', '1 1 1 1'),
    ...marked('Smoking root', '0 0 0'),
    ...marked('Smoking twig', '. 5 .'),
  ])
  const streaksOf = async (item: string) => (await other.ask(STREAK, { item: other.ids[item] })).data.node
  expect((await streaksOf('Smoking root')).streak).toMatchObject({ current: { length: 1 } })
  await other.clear('Reading root', -1)
  await other.remove('Smoking twig')
  const cleared = { current: { length: 1, from: other.today }, longest: { length: 2, to: other.day(-2) } }
  expect(await streaksOf('Reading root')).toMatchObject({ streak: cleared, deed: { streak: cleared } })
  const kept = { current: { length: 3, from: other.day(-2) } }
  expect(await streaksOf('Smoking root')).toMatchObject({ streak: kept, deed: { streak: kept } })
})

test("STR-1 a delegate's streaks are over exactly what is shared, and a stranger finds nothing", async () => {
  const budi = await newUser(service.database, 'budi')
  const stranger = await newUser(service.database, 'stranger')
  await diary.share(['Reading branch'], budi)
  await diary.fill([
    ...marked('Reading root', '1 1 1 1'),
    ...marked('Reading leaf', '. 1 1 .'),
    ...marked('Reading twig', '1 1 1 1'),
  ])
  const { data } = await diary.ask(STREAK, { item: diary.ids['Reading branch'] }, budi)
  const expected = { asOf: diary.today, current: dated(run(2, -2, -1)), longest: dated(run(2, -2, -1)) }
  expect(data.node).toEqual({ streak: expected, deed: { streak: expected } })
  for (const [viewer, item] of [
    [budi, 'Reading twig'],
    [stranger, 'Reading branch'],
  ] as const) {
    const answer = await diary.ask(STREAK, { item: diary.ids[item] }, viewer)
    expect(answer.data.node).toBeNull()
    expect(answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  }
})
