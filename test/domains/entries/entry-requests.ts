import type { DeedsWorld } from '../../support/deeds.ts'
import { newUser, type TestPerson } from '../../support/people.ts'

const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) {
    createDeed(input: $input) { deed { id itemTree { id name } scale { values { id name } } owner { today } } }
  }`
const VALUE = 'count scaleValue { id name } notes'

/** Records an entry, and asks for every field of the answer. */
export const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) {
    recordEntry(input: $input) {
      status
      entry {
        id date ${VALUE} version origin createdAt updatedAt
        owner { id fullName } item { id name deed { name } } recordedBy { id }
        history(first: 10) { totalCount nodes { id action origin changedAt changedBy { id } oldValue { ${VALUE} } newValue { ${VALUE} } } }
      }
      previous { ${VALUE} }
      goals { id }
    }
  }`

/** Clears an entry, and asks for what was there. */
export const CLEAR = /* GraphQL */ `
  mutation Clear($input: ClearEntryInput!) {
    clearEntry(input: $input) { item { id name } date previous { ${VALUE} } goals { id } }
  }`

/** An entry or a change of one by its id. */
export const NODE = /* GraphQL */ `
  query Node($id: ID!) {
    node(id: $id) { id ... on Entry { date count notes } ... on EntryChange { action newValue { count notes } } }
  }`

/** The entries of a person, page by page. */
export const ENTRIES = /* GraphQL */ `
  query Entries($user: ID!, $filter: EntryFilter, $orderBy: EntryOrder, $first: Int, $after: String) {
    user(id: $user) {
      entries(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount
        edges { cursor node { id } }
        nodes { date count notes item { id name } owner { id } recordedBy { id } history { totalCount nodes { action newValue { notes } } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }`

/** Two people, and what the first of them keeps a diary of; `items`, `values` and `deeds` are global ids by name. */
export interface Diary {
  leila: TestPerson
  budi: TestPerson
  /** Leila's. */
  today: string
  items: Record<string, string>
  values: Record<string, string>
  deeds: Record<string, string>
}

/** Reading, counted: Quran > Juz > Page, and Hadith. Prayer, on a scale: Fajr. */
export async function newDiary(world: DeedsWorld): Promise<Diary> {
  const leila = await newUser(world.service.database, 'leila', { timeZone: 'Africa/Cairo' })
  const budi = await newUser(world.service.database, 'budi', { timeZone: 'Asia/Jakarta' })
  const reading = await newDeed(world, leila, {
    name: 'Reading',
    measure: 'COUNT',
    items: [{ name: 'Quran', children: [{ name: 'Juz', children: [{ name: 'Page' }] }] }, { name: 'Hadith' }],
  })
  const prayer = await newDeed(world, leila, {
    name: 'Prayer',
    measure: 'SCALE',
    scale: [{ name: 'late' }, { name: 'on time' }],
    items: [{ name: 'Fajr' }],
  })
  return {
    leila,
    budi,
    today: reading.owner.today,
    items: { ...byName(reading.itemTree), ...byName(prayer.itemTree) },
    values: byName(prayer.scale.values),
    deeds: { reading: reading.id, prayer: prayer.id },
  }
}

const byName = (rows: { id: string; name: string }[]) => Object.fromEntries(rows.map(({ id, name }) => [name, id]))

async function newDeed(world: DeedsWorld, owner: TestPerson, input: object) {
  const { data } = await world.ask(owner, CREATE_DEED, { input: { category: 'HASANAAT', ...input } })
  return data.createDeed.deed
}

/** The global id of this text. */
export const globalId = (text: string) => Buffer.from(text).toString('base64url')
