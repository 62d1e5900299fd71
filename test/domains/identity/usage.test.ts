import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newUser, type TestPerson } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const fields = [
  'deeds',
  'itemsOfLargestDeed',
  'versionsOfLongestScale',
  'entries',
  'goals',
  'sessions',
  'relationsAsOwner',
  'relationsAsRequester',
]
const query = `{ me { usage { ${fields.map((name) => `${name} { used limit }`).join(' ')} } } }`

async function usageOf(as: TestPerson): Promise<Record<string, { used: number; limit: number | null }>> {
  const { data, errors, flights } = await service.execute(query, {}, { as })
  expect(errors).toBeUndefined()
  // The account, and all counts together.
  expect(
    flights.flatMap(({ sql }) => sql.filter((text) => /from (deeds|entries|goals|relations)/.test(text))),
  ).toHaveLength(1)
  return data.me.usage
}

const sql = (text: string, ...values: unknown[]) => service.database.admin.query(text, values)
const constraintOf = (statement: Promise<unknown>) =>
  statement.then(
    () => 'ok',
    ({ constraint }) => constraint,
  )

const deedsOf = `insert into deeds (user_id, category_type, name, measure_type)
  select $1, 'hasanaat', 'deed ' || $2 || ' ' || n, 'count' from generate_series(1, $3::integer) as n returning deed_id`
const itemsOf = `insert into deed_items (user_id, deed_id, name)
  select $1, $2, 'item ' || $3 || ' ' || n from generate_series(1, $4::integer) as n returning deed_item_id`

test('a new account holds a session, and nobody counts what is of others', async () => {
  const [leila, other] = [await newUser(service.database, 'leila'), await newUser(service.database, 'other')]
  await sql(deedsOf, other.userId, '', 3)
  expect(await usageOf(leila)).toEqual({
    deeds: { used: 0, limit: 100 },
    itemsOfLargestDeed: { used: 0, limit: 500 },
    versionsOfLongestScale: { used: 0, limit: 200 },
    entries: { used: 0, limit: null },
    goals: { used: 0, limit: null },
    sessions: { used: 1, limit: 50 },
    relationsAsOwner: { used: 0, limit: 200 },
    relationsAsRequester: { used: 0, limit: 200 },
  })
})

test('what was made counts, and no longer once it was deleted', async () => {
  const person = await newUser(service.database, 'uses')
  const ask = async (text: string, variables = {}) => {
    const { data, errors } = await service.execute(text, variables, { as: person })
    expect(errors).toBeUndefined()
    return data
  }
  const made = await ask(`mutation {
    prayer: createDeed(input: { category: HASANAAT, name: "Prayer", measure: SCALE, scale: [{ name: "no" }, { name: "yes" }],
      items: [{ name: "Fajr" }, { name: "Isha" }] }) { deed { id } }
    reading: createDeed(input: { category: HASANAAT, name: "Reading", measure: COUNT, items: [{ name: "Pages" }] }) {
      deed { id items { id } }
    }
  }`)
  const deedId = made.reading.deed.id
  const itemId = made.reading.deed.items[0].id
  await ask(
    `mutation ($deedId: ID!, $itemId: ID!) {
      recordEntry(input: { itemId: $itemId, count: "3" }) { status }
      createMerit(input: { deedId: $deedId, title: "Pages", durationDays: 7,
        items: [{ itemId: $itemId, metric: COUNT_SUM, target: "10" }] }) { merit { id } }
    }`,
    { deedId, itemId },
  )
  const used = async () =>
    Object.fromEntries(Object.entries(await usageOf(person)).map(([name, { used }]) => [name, used]))
  const before = { deeds: 2, itemsOfLargestDeed: 2, versionsOfLongestScale: 1, entries: 1, goals: 1, sessions: 1 }
  expect(await used()).toMatchObject(before)
  await ask('mutation ($deedId: ID!) { deleteDeed(input: { deedId: $deedId }) { deletion { id } } }', { deedId })
  expect(await used()).toMatchObject({ ...before, deeds: 1, entries: 0, goals: 0 })
})

test('a limit is what the database keeps to: so many fit, and not one more', async () => {
  const person = await newUser(service.database, 'fills')
  const { userId } = person
  const limits = await usageOf(person)
  const most = (name: string) => limits[name]?.limit ?? 0
  const { rows } = await sql(deedsOf, userId, 'a', most('deeds'))
  expect(await constraintOf(sql(deedsOf, userId, 'b', 1))).toBe('too_many_deeds')
  await sql(itemsOf, userId, rows[0].deed_id, 'a', most('itemsOfLargestDeed'))
  expect(await constraintOf(sql(itemsOf, userId, rows[0].deed_id, 'b', 1))).toBe('too_many_items')
  await sql(
    `insert into sessions (user_id, expires_at)
     select $1, now() + interval '1 day' from generate_series(1, $2::integer)`,
    userId,
    most('sessions') + 5,
  )
  // The person's own may be among those that ended; its token is good for a while.
  const full = await usageOf(person)
  for (const name of ['deeds', 'itemsOfLargestDeed', 'sessions']) expect(full[name]?.used).toBe(most(name))
})

test.each([
  ['relationsAsOwner', 'requestee_id', 'requester_id'],
  ['relationsAsRequester', 'requester_id', 'requestee_id'],
] as const)(
  '%s has the limit that accepted relations have, and pending ones do not count',
  async (name, own, others) => {
    const person = await newUser(service.database, name)
    const most = (await usageOf(person))[name]?.limit ?? 0
    await sql(
      `with people as (
       insert into users (email, full_name, password_hash) select $1 || n || '@kitaab.example', 'Somebody', '-'
       from generate_series(0, $2::integer) as n returning user_id
     )
     insert into relations (${own}, ${others}, sent_to) select $3, user_id, 'somebody@kitaab.example' from people`,
      name,
      most,
      person.userId,
    )
    expect((await usageOf(person))[name]?.used).toBe(0)
    const accept = `update relations set status = 'accepted' where relation_id in (
    select relation_id from relations where ${own} = $1 and status = 'pending' limit $2)`
    for (let n = 0; n < most; n += 1) await sql(accept, person.userId, 1)
    expect(await constraintOf(sql(accept, person.userId, 1))).toBe('too_many_relations')
    expect((await usageOf(person))[name]?.used).toBe(most)
  },
)
