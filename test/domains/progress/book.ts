import { addDays } from '../../../src/platform/civil-dates.ts'
import { newUser, type TestPerson } from '../../support/people.ts'
import type { TestService } from '../../support/service.ts'

export const CREATE_DEED = /* GraphQL */ `
  mutation CreateDeed($input: CreateDeedInput!) {
    createDeed(input: $input) {
      deed { id itemTree { id name } scale { values { id name } } owner { today } }
    }
  }`
export const CREATE_MERIT = /* GraphQL */ `
  mutation CreateMerit($input: CreateMeritInput!) {
    createMerit(input: $input) { merit { id startDate endDate completedOn items { id comparator scaleMatch target } } }
  }`
export const RECORD = /* GraphQL */ `
  mutation Record($input: RecordEntryInput!) { recordEntry(input: $input) { entry { id } goals { id completedOn completedAt } } }`
export const CLEAR = /* GraphQL */ `
  mutation Clear($id: ID!) { clearEntry(input: { entryId: $id }) { date } }`
export const MERITS = /* GraphQL */ `
  query Merits($asOf: Date, $state: GoalState) {
    me {
      merits(state: $state, first: 10) {
        totalCount
        nodes {
          id title completedAt completedOn isSealed
          progress(asOf: $asOf) {
            state ratio asOf daysLeft
            items { value remaining ratio state contributions(first: 5) { totalCount nodes { date item { name } } } }
          }
        }
      }
    }
  }`

export interface Book {
  leila: TestPerson
  today: string
  deedId: string
  items: Record<string, string>
  values: Record<string, string>
  ask(query: string, variables?: Record<string, unknown>): ReturnType<TestService['execute']>
  record(item: string, day: number, value: object): Promise<{ entryId: string; goals: unknown[] }>
  newMerit(input: Record<string, unknown>): Promise<string>
  merits(variables?: Record<string, unknown>): Promise<{ id: string; [field: string]: unknown }[]>
}

/** Leila with a deed: Quran > Juz > Page, and Hadith beside it. Days are counted from her today. */
export async function newBook(service: TestService, { measure = 'COUNT', category = 'HASANAAT' } = {}): Promise<Book> {
  const leila = await newUser(service.database, 'leila', { timeZone: 'Africa/Cairo' })
  const ask: Book['ask'] = (query, variables = {}) => service.execute(query, variables, { as: leila })
  const { data } = await ask(CREATE_DEED, {
    input: {
      category,
      name: 'Reading',
      measure,
      ...(measure === 'SCALE' && { scale: [{ name: 'missed' }, { name: 'late' }, { name: 'on time' }] }),
      items: [{ name: 'Quran', children: [{ name: 'Juz', children: [{ name: 'Page' }] }] }, { name: 'Hadith' }],
    },
  })
  const { deed } = data.createDeed
  const byName = (rows: { id: string; name: string }[]) => Object.fromEntries(rows.map(({ id, name }) => [name, id]))
  const items = byName(deed.itemTree)
  const today = deed.owner.today
  return {
    leila,
    today,
    deedId: deed.id,
    items,
    values: byName(deed.scale?.values ?? []),
    ask,
    async record(item, day, value) {
      const answer = await ask(RECORD, { input: { itemId: items[item], date: addDays(today, day), ...value } })
      if (answer.errors) throw new Error(JSON.stringify(answer.errors))
      return { entryId: answer.data.recordEntry.entry.id, goals: answer.data.recordEntry.goals }
    },
    async newMerit(input) {
      const answer = await ask(CREATE_MERIT, { input: { deedId: deed.id, title: 'A goal', ...input } })
      if (answer.errors) throw new Error(JSON.stringify(answer.errors))
      return answer.data.createMerit.merit.id
    },
    merits: async (variables) => (await ask(MERITS, variables)).data.me.merits.nodes,
  }
}

/** An item that asks for a sum of counts. */
export const pages = (target: string, over: object = {}) => ({ metric: 'COUNT_SUM', target, ...over })
