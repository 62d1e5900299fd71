import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { addDays } from '../src/platform/civil-dates.ts'
import { type Diary, newDiary, RECORD } from './domains/entries/entry-requests.ts'
import { type DeedsWorld, deedsWorld, itemIdOf } from './support/deeds.ts'
import type { TestPerson } from './support/people.ts'
import { testToken } from './support/service.ts'

let world: DeedsWorld
let diary: Diary
beforeAll(async () => {
  world = await deedsWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  diary = await newDiary(world)
})

const ENTRIES = `query Entries($user: ID!) {
  user(id: $user) {
    fullName
    entries(orderBy: DATE_ASC) { nodes { date item { name deed { name unit } } count scaleValue { name } notes history { nodes { action } } } }
  }
}`

async function exported(as: TestPerson, document: string, variables: object, format = 'jsonl') {
  const response = await world.service.app.http.inject({
    method: 'POST',
    url: '/export',
    headers: { authorization: `Bearer ${testToken(as)}` },
    payload: { document, variables, format },
  })
  return { status: response.statusCode, text: response.body }
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Writes `count` on each of the last so many days. */
async function recordDays({ leila, items, today }: Diary, days: number) {
  const rows = Array.from({ length: days }, (_, day) => ({
    itemId: items.Page,
    date: addDays(today, -day),
    count: '1.5',
  }))
  for (let from = 0; from < days; from += 500) {
    const { errors } = await world.ask(
      leila,
      'mutation M($input: RecordEntriesInput!) { recordEntries(input: $input) { rows { status } } }',
      { input: { rows: rows.slice(from, from + 500) } },
    )
    expect(errors).toBeUndefined()
  }
}

test('all entries come in order, over several pages', async () => {
  await recordDays(diary, 620)
  const { leila, today } = diary
  const { text } = await exported(leila, ENTRIES, { user: leila.globalId })
  expect(lines(text).map(({ date }) => date)).toEqual(
    Array.from({ length: 620 }, (_, day) => addDays(today, day - 619)),
  )
  expect(lines(text)[0]).toEqual({
    date: addDays(today, -619),
    'item.name': 'Page',
    'item.deed.name': expect.any(String),
    'item.deed.unit': null,
    count: '1.5',
    'scaleValue.name': null,
    notes: null,
    'history.nodes': [{ action: 'CREATED' }],
  })
})

test('a note that looks like a formula is guarded in CSV', async () => {
  const { leila, items, today } = diary
  await world.ask(leila, RECORD, { input: { itemId: items.Page, count: '2', notes: '=HYPERLINK("http://x","y")' } })
  const document = 'query E($user: ID!) { user(id: $user) { entries { nodes { date count notes } } } }'
  const { text } = await exported(leila, document, { user: leila.globalId }, 'csv')
  expect(text).toBe(`date,count,notes\r\n${today},2,"'=HYPERLINK(""http://x"",""y"")"\r\n`)
})

test('SHA-8 of a stranger comes nothing, and of a friend what they share', async () => {
  await recordDays(diary, 3)
  const { leila, budi, items } = diary
  await world.ask(leila, RECORD, { input: { itemId: items.Hadith, count: '7', notes: 'for me alone' } })
  const { status, text } = await exported(budi, ENTRIES, { user: leila.globalId })
  expect({ status, code: JSON.parse(text).errors[0].extensions.code }).toEqual({ status: 404, code: 'NOT_FOUND' })
  await world.befriend(leila, budi)
  await world.grant(leila, budi, itemIdOf(items.Page ?? ''))
  const shared = lines((await exported(budi, ENTRIES, { user: leila.globalId })).text)
  expect(shared.map((row) => row['item.name'])).toEqual(['Page', 'Page', 'Page'])
})

test('SES-2 a session that has ended exports nothing, though its token still reads', async () => {
  const { leila } = diary
  await world.sql('update sessions set revoked_at = now() where session_id = $1', [leila.sessionId])
  const { status, text } = await exported(leila, ENTRIES, { user: leila.globalId })
  expect({ status, reason: JSON.parse(text).errors[0].extensions.reason }).toEqual({
    status: 401,
    reason: 'SESSION_ENDED',
  })
})
