// Somebody looks at somebody's diary in every way there is, and what they are told is held against the model.
import { expect } from '@jest/globals'
import { addDays } from '../../../../src/platform/civil-dates.ts'
import type { Person } from '../../../db/world.ts'
import type { TestService } from '../../../support/service.ts'
import { personAnswer } from './answers.ts'
import { dashboardAnswer } from './dashboard-answers.ts'
import { DASHBOARD, ENTRIES, NODES, PERSON } from './documents.ts'
import { changesSeen, entryAnswer, mayReadNotes } from './entry-answers.ts'
import { type Filter, filtered, type Order } from './filters.ts'
import { entriesOf, ids, todayOf } from './ids.ts'
import { type Rows, rowsOf } from './rows.ts'
import { type Seen, seenBy } from './seen.ts'
import type { Scene } from './steps.ts'

/** Where it is around noon now: no day turns while a test runs. */
export function zoneAtNoon(): string {
  const hours = 12 - new Date().getUTCHours()
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}

/** Who looks at whose diary; the stranger at both. */
export const lookers = ({ people, diaries }: Scene) =>
  diaries.flatMap(({ owner }) => people.filter((person) => person !== owner).map((viewer) => [viewer, owner] as const))

export const rowsNow = ({ database }: TestService, { people }: Scene) =>
  rowsOf(
    database,
    people.map(({ id }) => id),
  )

export const noSuchPerson = {
  data: { user: null },
  errors: [
    {
      message: 'There is no such thing that you may see or change.',
      path: ['user'],
      extensions: { code: 'NOT_FOUND', field: 'id' },
    },
  ],
}

/** Data and errors, without what is different in each request. */
export async function answered(service: TestService, viewer: Person, query: string, variables: object) {
  const as = { userId: viewer.id, sessionId: crypto.randomUUID() }
  const { data, errors } = await service.execute(query, { ...variables }, { as })
  return {
    data,
    ...(errors && {
      errors: errors.map(({ message, path, extensions: { requestId: _, ...extensions } }) => ({
        message,
        path,
        extensions,
      })),
    }),
  }
}

/** Every answer that a viewer gets about a person is what the model says. */
export async function expectAsModelled(
  service: TestService,
  [viewer, owner]: readonly [Person, Person],
  rows: Rows,
  filters: readonly [Filter, Order][],
) {
  const seen = seenBy(rows, viewer.id, owner.id)
  const today = todayOf(rows, owner.id)
  const range = { from: addDays(today, -11), to: addDays(today, 1) }
  const user = ids.user(owner.id)
  const shown = (answer: object) => (seen.isConnected ? { data: { user: answer } } : noSuchPerson)

  const day = addDays(today, -1)
  const person = await answered(service, viewer, PERSON, { user, range, day })
  expect(person).toEqual(shown(personAnswer(rows, seen, { range, day })))
  const dashboard = await answered(service, viewer, DASHBOARD, { user, range })
  expect(dashboard).toEqual(shown({ dashboard: dashboardAnswer(rows, seen, range) }))
  for (const [filter, orderBy] of filters) {
    const { sent, found } = filtered(rows, seen, filter, orderBy)
    const pageInfo = { hasNextPage: false, endCursor: found.length > 0 ? expect.any(String) : null }
    const nodes = found.map((entry) => entryAnswer(rows, seen, entry))
    const list = await answered(service, viewer, ENTRIES, { user, filter: sent, orderBy })
    expect(list).toEqual(shown({ entries: { totalCount: found.length, nodes, pageInfo } }))
  }
  const nodes = nodesAsModelled(rows, seen)
  const all = [...nodes.keys()]
  for (let from = 0; from < all.length; from += 100) {
    const some = all.slice(from, from + 100)
    const found = await answered(service, viewer, NODES, { ids: some })
    expect(found).toEqual({ data: { nodes: some.map((id) => nodes.get(id)) } })
  }
}

/** By every id that there ever was, of what is deleted, closed and private too. */
function nodesAsModelled(rows: Rows, seen: Seen) {
  const nodes = new Map<string, object | null>()
  const of = <Row extends { owner: string }>(list: readonly Row[]) => list.filter(({ owner }) => owner === seen.owner)
  const whenSeen = (isSeen: boolean, id: string, others: object = {}) =>
    nodes.set(id, isSeen ? { id, ...others } : null)
  for (const deed of of(rows.deeds)) {
    const it = seen.deeds.find(({ id }) => id === deed.id)
    whenSeen(it !== undefined, ids.deed(deed), { name: it?.name, itemCount: it?.items.length })
  }
  for (const item of of(rows.items)) {
    const it = seen.items.find(({ id }) => id === item.id)
    nodes.set(ids.item(item), it ? expect.objectContaining({ id: ids.item(it), level: it.depth }) : null)
  }
  const isOfSeenDeed = ({ deed }: { deed: string }) => seen.deeds.some(({ id }) => id === deed)
  for (const scale of of(rows.scales)) whenSeen(isOfSeenDeed(scale), ids.scale(scale))
  for (const value of of(rows.values)) whenSeen(isOfSeenDeed(value), ids.value(value))
  const recorded = new Set(entriesOf(rows, seen.items))
  for (const entry of of(rows.entries)) {
    const changes = changesSeen(rows, seen, entry)
    const notes = mayReadNotes(seen, entry) ? entry.notes : null
    whenSeen(recorded.has(entry), ids.entry(entry), {
      date: entry.date,
      notes,
      history: { totalCount: changes.length },
    })
    for (const change of rows.changes.filter(({ item, date }) => item === entry.item && date === entry.date)) {
      const isSeen = changes.includes(change) && seen.items.some(({ id }) => id === change.item)
      const newValue = change.new && { notes: mayReadNotes(seen, change) ? change.new.notes : null }
      whenSeen(isSeen, ids.change(change), { newValue })
    }
  }
  return nodes
}

/** By every id that there ever was, of what is deleted, closed and private too. */
export async function nodesAnswered(service: TestService, viewer: Person, all: readonly string[]) {
  const answers: unknown[] = []
  for (let from = 0; from < all.length; from += 100)
    answers.push(await answered(service, viewer, NODES, { ids: all.slice(from, from + 100) }))
  return answers
}

/** The ids of all that an owner ever had. */
export function allIds(rows: Rows, owner: string): string[] {
  const of = <Row extends { owner: string }>(list: readonly Row[], id: (row: Row) => string) =>
    list.filter((row) => row.owner === owner).map(id)
  return [
    ...of(rows.deeds, ids.deed),
    ...of(rows.items, ids.item),
    ...of(rows.scales, ids.scale),
    ...of(rows.values, ids.value),
    ...of(rows.entries, ids.entry),
    ...of(rows.changes, ids.change),
  ]
}
