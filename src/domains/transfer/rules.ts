import { requireText } from '../../platform/graphql/text.ts'
import { descriptionOf, nameKey, nameOf, unitOf } from '../deeds/rules/texts.ts'
import type { PlannedEntry, PlannedHabit } from './import-plan.ts'

/** A live deed of whoever imports. */
export interface OwnDeed {
  deedId: string
  name: string
  category: 'hasanaat' | 'saiyyiaat'
  measure: 'scale' | 'count'
  externalKey: string | null
}

/** A live item that has the key of a habit, or that stands at the top of a deed which has one. */
export interface OwnItem {
  itemId: string
  deedId: string
  name: string
  isRoot: boolean
  externalKey: string | null
}

/** A deed to be made, with one item that has the habit's own name. */
export interface NewDeed {
  externalKey: string
  name: string
  itemName: string
  description: string | null
  unit: string | null
  isHidden: boolean
}

/** Where a habit goes. `deed` is the name of its deed, `reason` why it goes nowhere. */
export type Place =
  | { kind: 'found'; externalKey: string; deed: string; itemId: string }
  | { kind: 'newItem'; externalKey: string; deed: string; deedId: string; name: string }
  | { kind: 'newDeed'; externalKey: string; deed: string; new: NewDeed }
  | { kind: 'leftOut'; reason: string }

const mostDeeds = 100
const longestNotes = 4_000
const longestKey = 500
const firstDay = '1900-01-01'

/** By which a habit is found: however its name was composed. */
export function keyOf({ externalKey }: PlannedHabit): string {
  return externalKey.normalize('NFC')
}

/**
 * IMP-1 Finds each habit's item among one's own by its key, and plans what is missing, in the order of the habits. `source` is
 * the app's name, which tells a deed whose name another has (TREE-3) apart: `Read (Loop)`, `Read (Loop 2)`.
 */
export function placeHabits(
  habits: readonly PlannedHabit[],
  own: { deeds: readonly OwnDeed[]; items: readonly OwnItem[] },
  source: string,
): Place[] {
  const shelf = shelfOf(own)
  const seen = new Set<string>()
  return habits.map((habit) => {
    if (seen.has(keyOf(habit))) return { kind: 'leftOut', reason: 'Another habit has the same name.' }
    seen.add(keyOf(habit))
    return placeOf(habit, shelf, source)
  })
}

/** What there is; names and number of deeds grow with what is planned. */
type Shelf = ReturnType<typeof shelfOf>

function shelfOf({ deeds, items }: { deeds: readonly OwnDeed[]; items: readonly OwnItem[] }) {
  const keyed = <Row extends { externalKey: string | null }>(rows: readonly Row[]) =>
    new Map(rows.flatMap((row) => (row.externalKey === null ? [] : [[row.externalKey, row]])))
  return {
    deedById: new Map(deeds.map((deed) => [deed.deedId, deed])),
    deedByKey: keyed(deeds),
    itemByKey: keyed(items),
    items,
    deedNames: new Set(deeds.flatMap(({ category, name }) => (category === 'hasanaat' ? [nameKey(name)] : []))),
    deedCount: deeds.length,
  }
}

function placeOf(habit: PlannedHabit, shelf: Shelf, source: string): Place {
  const externalKey = keyOf(habit)
  const item = shelf.itemByKey.get(externalKey)
  const deed = item ? shelf.deedById.get(item.deedId) : shelf.deedByKey.get(externalKey)
  if (!deed) return refusable(() => newDeedFor(habit, shelf, source))
  if (deed.measure !== 'count') {
    return { kind: 'leftOut', reason: `Its deed "${deed.name}" is measured on a scale by now, and takes no counts.` }
  }
  if (item) return { kind: 'found', externalKey, deed: deed.name, itemId: item.itemId }
  return refusable(() => {
    const siblings = shelf.items.filter(({ deedId, isRoot }) => isRoot && deedId === deed.deedId)
    const name = freeName(habit.name, new Set(siblings.map((sibling) => nameKey(sibling.name))), source)
    return { kind: 'newItem', externalKey, deed: deed.name, deedId: deed.deedId, name }
  })
}

function newDeedFor(habit: PlannedHabit, shelf: Shelf, source: string): Place {
  if (shelf.deedCount >= mostDeeds) {
    return { kind: 'leftOut', reason: `There are ${mostDeeds} deeds already, and more are not possible.` }
  }
  if ([...keyOf(habit)].length > longestKey) {
    return {
      kind: 'leftOut',
      reason: `Its name is too long: with what it belongs to, at most ${longestKey} characters.`,
    }
  }
  const description = descriptionOf(habit.description, 'description')
  const unit = unitOf(habit.unit, 'unit')
  const name = freeName(habit.name, shelf.deedNames, source)
  shelf.deedNames.add(nameKey(name))
  shelf.deedCount += 1
  const externalKey = keyOf(habit)
  return {
    kind: 'newDeed',
    externalKey,
    deed: name,
    new: { externalKey, name, itemName: nameOf(habit.name, 'name'), description, unit, isHidden: habit.isHidden },
  }
}

/** TREE-3 The name, or the first one made of it that nothing has yet. Throws BAD_USER_INPUT when it is too long for a name. */
function freeName(wanted: string, taken: ReadonlySet<string>, source: string): string {
  for (let attempt = 0; ; attempt += 1) {
    const suffix = ['', ` (${source})`][attempt] ?? ` (${source} ${attempt})`
    const name = nameOf(wanted + suffix, 'name')
    if (!taken.has(nameKey(name))) return name
  }
}

/** A text that can't be stored leaves its habit out. */
function refusable(place: () => Place): Place {
  try {
    return place()
  } catch (error) {
    if (isRefusal(error)) return { kind: 'leftOut', reason: error.message }
    throw error
  }
}

/** What the rules of texts throw: BAD_USER_INPUT. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && 'extensions' in error
}

/**
 * The day as the diary would hold it, or why it can't: what `rules` of entries decide comes after it. A note that the file does
 * not have stays what it is (ENT-3).
 */
export function recordable({
  date,
  count,
  notes,
}: PlannedEntry): { date: string; count: string; notes: string | undefined } | string {
  if (date < firstDay) return `Days before ${firstDay} can't be recorded.`
  try {
    return {
      date,
      count,
      notes: notes === null ? undefined : requireText(notes, { field: 'notes', max: longestNotes }),
    }
  } catch (error) {
    if (isRefusal(error)) return error.message
    throw error
  }
}
