import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { fromGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, CREATE_DEED, newBook } from './book.ts'
import { completionOf, contributing, type ModelAsked, type ModelDiary, type ModelGoal, standingOf } from './model.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const CREATE_GOALS = /* GraphQL */ `
  mutation Merit($input: CreateMeritInput!) { createMerit(input: $input) { merit { id } } }
  mutation Target($input: CreateTargetInput!) { createTarget(input: $input) { target { id } } }`
const [CREATE_MERIT, CREATE_TARGET] = CREATE_GOALS.trim().split(/\n\s*/) as [string, string]
const PUBLISH = /* GraphQL */ `
  mutation ($input: PublishScaleInput!) { publishScale(input: $input) { scale { values { id name } } } }`
const RECORD = /* GraphQL */ `mutation ($input: RecordEntryInput!) { recordEntry(input: $input) { status } }`
const CLEAR = /* GraphQL */ `mutation ($input: ClearEntryInput!) { clearEntry(input: $input) { date } }`
const MOVE = /* GraphQL */ `mutation ($input: MoveDeedItemInput!) { moveDeedItem(input: $input) { item { id } } }`
const DELETE = /* GraphQL */ `mutation ($input: DeleteDeedItemInput!) { deleteDeedItem(input: $input) { deletion { id } } }`
const RESTORE = /* GraphQL */ `mutation ($input: RestoreInput!) { restore(input: $input) { restored { id } } }`
const GOAL_FIELDS = /* GraphQL */ `
  id completedOn completedAt
  progress(asOf: $asOf) {
    state ratio items { state ratio value contributions(first: 3) { totalCount nodes { date item { id } } } }
  }`
const GOALS = /* GraphQL */ `
  query ($asOf: Date) {
    me { merits(first: 50) { nodes { ${GOAL_FIELDS} } } targets(first: 50) { nodes { ${GOAL_FIELDS} } } }
  }`

/** Leila's two deeds: pages are counted, prayers stand on a scale whose second version begins today. */
interface Diary extends Book {
  prayerDeedId: string
  /** Items of both deeds by their names. */
  places: Record<string, string>
  /** Of the version that was there first, and of the one since today. */
  first: Record<string, string>
  second: Record<string, string>
}

async function newDiary(): Promise<Diary> {
  const book = await newBook(service)
  const input = {
    category: 'HASANAAT',
    name: 'Prayers',
    measure: 'SCALE',
    scale: [{ name: 'missed' }, { name: 'late' }, { name: 'on time' }],
    items: [{ name: 'Obligatory', children: [{ name: 'Fajr' }] }, { name: 'Voluntary' }],
  }
  const { deed } = (await book.ask(CREATE_DEED, { input })).data.createDeed
  const byName = (rows: { id: string; name: string }[]) => Object.fromEntries(rows.map(({ id, name }) => [name, id]))
  const first = byName(deed.scale.values)
  const values = [
    { name: 'missed', continues: first.missed },
    { name: 'made up' },
    { name: 'on time', continues: first['on time'] },
    { name: 'in company' },
  ]
  const published = await book.ask(PUBLISH, { input: { deedId: deed.id, effectiveFrom: book.today, values } })
  if (published.errors) throw new Error(JSON.stringify(published.errors))
  const second = byName(published.data.publishScale.scale.values)
  return { ...book, prayerDeedId: deed.id, places: { ...book.items, ...byName(deed.itemTree) }, first, second }
}

const counted = ['Quran', 'Juz', 'Page', 'Hadith']
const prayed = ['Obligatory', 'Fajr', 'Voluntary']
// Today has the second version of the scale.
const day = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: -5, max: -1 }) },
)
const place = fc.constantFrom(...counted, ...prayed, ...prayed)

const asked = fc.record({
  item: place,
  wantsDays: fc.constantFrom(false, false, false, true),
  comparator: fc.constantFrom('AT_LEAST' as const, 'AT_MOST' as const),
  includesDescendants: fc.boolean(),
  target: fc.integer({ min: 1, max: 6 }),
  value: fc.constantFrom('first missed', 'first late', 'first on time', 'second on time', 'second made up'),
  scaleMatch: fc.constantFrom('EXACT' as const, 'AT_OR_ABOVE' as const),
})
type Asked = typeof asked extends fc.Arbitrary<infer A> ? A : never

// A window that ended more than 7 days ago is sealed: the job's tests are about those.
const goal = fc.record({
  isMerit: fc.boolean(),
  match: fc.constantFrom('AND' as const, 'OR' as const),
  end: fc.integer({ min: -2, max: 2 }),
  days: fc.integer({ min: 2, max: 8 }),
  items: fc.array(asked, { minLength: 1, maxLength: 3 }),
})
type Goal = typeof goal extends fc.Arbitrary<infer G> ? G : never

const edit = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      item: place,
      day,
      amount: fc.integer({ min: 0, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('clear' as const), item: place, day }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), item: place, parent: fc.option(place) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), item: place }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const) }) },
)
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never

/** What a goal asks for as the API takes it, and as the model does. */
function askedOf(diary: Diary, { item, value, wantsDays, scaleMatch, target, ...over }: Asked) {
  const [version, ...name] = value.split(' ')
  const valueId = (version === 'first' ? diary.first : diary.second)[name.join(' ')] ?? ''
  const itemId = diary.places[item] ?? ''
  const metric = wantsDays ? 'DAYS_RECORDED' : counted.includes(item) ? 'COUNT_SUM' : 'SCALE_MATCH'
  const scale = metric === 'SCALE_MATCH' ? { scaleValueId: valueId, scaleMatch } : {}
  const model: ModelAsked = {
    ...over,
    itemId: fromGlobalId('DeedItem', itemId).itemId,
    metric,
    target,
    valueId: metric === 'SCALE_MATCH' ? fromGlobalId('ScaleValue', valueId).scaleValueId : null,
    scaleMatch: metric === 'SCALE_MATCH' ? scaleMatch : null,
  }
  return { model, input: { ...over, itemId, metric, target: String(target), ...scale } }
}

/** Makes it; a merit keeps what it asks of the deed of its first item. Answers its id with what the model is to judge. */
async function makeGoal(diary: Diary, { isMerit, match, end, days, items }: Goal): Promise<[string, ModelGoal]> {
  const deed = (item: string) => (counted.includes(item) ? diary.deedId : diary.prayerDeedId)
  const deedId = deed(items[0]?.item ?? '')
  const parts = items.filter(({ item }) => !isMerit || deed(item) === deedId).map((part) => askedOf(diary, part))
  const endDate = addDays(diary.today, end)
  const startDate = addDays(endDate, 1 - days)
  const input = { title: 'A goal', match, startDate, endDate, items: parts.map((part) => part.input) }
  const answer = await (isMerit
    ? diary.ask(CREATE_MERIT, { input: { ...input, deedId } })
    : diary.ask(CREATE_TARGET, { input }))
  if (answer.errors) throw new Error(JSON.stringify(answer.errors))
  const { id } = isMerit ? answer.data.createMerit.merit : answer.data.createTarget.target
  return [id, { match, startDate, endDate, items: parts.map(({ model }) => model) }]
}

/** What may be refused: the item is gone, the move would go round, the day is clear, nothing was deleted. */
const expected = ['NOT_FOUND', 'BAD_USER_INPUT', 'CONFLICT']

async function apply(diary: Diary, change: Edit, deletions: string[]): Promise<void> {
  const { data, errors } = await send(diary, change, deletions)
  expect(
    (errors ?? []).map(({ extensions }) => extensions.code).filter((code) => !expected.includes(String(code))),
  ).toEqual([])
  if (data?.deleteDeedItem) deletions.push(data.deleteDeedItem.deletion.id)
}

function send(diary: Diary, change: Edit, deletions: string[]) {
  if (change.kind === 'restore') {
    return deletions.length === 0
      ? Promise.resolve({} as never)
      : diary.ask(RESTORE, { input: { deletionId: deletions[0] } })
  }
  const itemId = diary.places[change.item]
  if (change.kind === 'delete') return diary.ask(DELETE, { input: { itemId } })
  if (change.kind === 'move') {
    return diary.ask(MOVE, { input: { itemId, parentId: change.parent === null ? null : diary.places[change.parent] } })
  }
  const date = addDays(diary.today, change.day)
  if (change.kind === 'clear') {
    const parts = fromGlobalId('DeedItem', itemId ?? '')
    const entryId = Buffer.from(`Entry:${parts.ownerId}:${parts.itemId}:${date}`).toString('base64url')
    return diary.ask(CLEAR, { input: { entryId } })
  }
  const values = Object.values(change.day === 0 ? diary.second : diary.first)
  const value = counted.includes(change.item)
    ? { count: String(change.amount / 2) }
    : { scaleValueId: values[change.amount % values.length] }
  return diary.ask(RECORD, { input: { itemId, date, ...value } })
}

/** The rows as they are, for the model. */
async function modelOf({ leila, today }: Diary): Promise<ModelDiary> {
  const rows = async (text: string) => (await service.database.admin.query(text, [leila.userId])).rows
  const items = await rows(
    'select deed_item_id as id, parent_deed_item_id as "parentId", deleted_at is not null as "isDeleted" from deed_items where user_id = $1',
  )
  const entries = await rows(
    `select deed_item_id as "itemId", entry_date as date, (count_value * 1000)::integer as count, scale_value_id as "valueId"
     from entries where user_id = $1 and deleted_at is null`,
  )
  const values = await rows(
    `select scale_value_id as id, scale_id as "scaleId", value_order as "order", normalized_score::float8 as "normalizedScore",
       lineage_key as lineage from scale_values where user_id = $1`,
  )
  const days = Array.from({ length: 21 }, (_, index) => addDays(today, index - 14))
  return { items, entries, values, days } as unknown as ModelDiary
}

const rounded = ({ state, ratio }: { state: string; ratio: number }) => ({ state, ratio: Math.round(ratio * 1e9) })

/** Every goal as of a day, as the service tells it. */
async function toldOf(diary: Diary, asOf: string) {
  const { data, errors } = await diary.ask(GOALS, { asOf })
  expect(errors).toBeUndefined()
  return [...data.me.merits.nodes, ...data.me.targets.nodes]
}

async function expectModel(diary: Diary, goals: Map<string, ModelGoal>, asOf: string): Promise<void> {
  const model = await modelOf(diary)
  const told = await toldOf(diary, asOf)
  expect(told.map(({ id }) => id).sort()).toEqual([...goals.keys()].sort())
  for (const { id, progress, completedOn, completedAt } of told) {
    const made = goals.get(id) as ModelGoal
    const wanted = standingOf(model, made, asOf)
    const parts = progress.items.map((item: { value: string; state: string; ratio: number }) => ({
      ...rounded(item),
      value: Number(item.value),
    }))
    expect({ ...rounded(progress), parts }).toEqual({
      ...rounded(wanted),
      parts: wanted.items.map((item) => ({ ...rounded(item), value: item.value })),
    })
    expect(progress.items.map((item: Contributions) => shownOf(item))).toEqual(
      made.items.map((part) => latestOf(model, made, part, asOf)),
    )
    expect({ completedOn, isCompleted: completedAt !== null }).toEqual({
      completedOn: completionOf(model, made, diary.today),
      isCompleted: completionOf(model, made, diary.today) !== null,
    })
  }
}

interface Contributions {
  contributions: { totalCount: number; nodes: { date: string; item: { id: string } }[] }
}

function shownOf({ contributions: { totalCount, nodes } }: Contributions) {
  return [totalCount, nodes.map(({ date, item }) => [date, fromGlobalId('DeedItem', item.id).itemId])]
}

function latestOf(model: ModelDiary, made: ModelGoal, part: ModelAsked, asOf: string) {
  const entries = contributing(model, made, part, asOf)
  const latest = entries
    .map(({ date, itemId }) => [date, itemId])
    .sort(([dateA = '', a], [dateB = '', b]) => (dateA === dateB ? Number(b) - Number(a) : dateA < dateB ? 1 : -1))
  return [entries.length, latest.slice(0, 3)]
}

test('GOAL-5 after random edits at once, completions and progress as of any day are what a plain model of the rules says', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(goal, { minLength: 4, maxLength: 6 }),
      fc.array(fc.array(edit, { minLength: 16, maxLength: 30 }), { minLength: 2, maxLength: 3 }),
      fc.array(fc.integer({ min: -10, max: 0 }), { minLength: 1, maxLength: 2 }),
      async (wanted, waves, days) => {
        const diary = await newDiary()
        const goals = new Map<string, ModelGoal>()
        for (const one of wanted) goals.set(...(await makeGoal(diary, one)))
        const deletions: string[] = []
        for (const wave of waves) {
          await Promise.all(wave.map((change) => apply(diary, change, deletions)))
          await expectModel(diary, goals, diary.today)
        }
        for (const ago of days) await expectModel(diary, goals, addDays(diary.today, ago))
      },
    ),
    { numRuns: 10, endOnFailure: true },
  )
}, 300_000)
