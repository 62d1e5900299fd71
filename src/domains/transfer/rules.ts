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
  itemCount: number
}

/** A live item that has the key of a habit, or that stands in a deed which a habit may mean. */
export interface OwnItem {
  itemId: string
  deedId: string
  name: string
  isRoot: boolean
  externalKey: string | null
}

/** A deed to be made. */
export interface NewDeed {
  externalKey: string
  name: string
  description: string | null
  unit: string | null
  isHidden: boolean
}

/** Where a habit goes. `deed` is the name of its deed, `name` that of its new item, `reason` why it goes nowhere. */
export type Place =
  | { kind: 'found'; externalKey: string; deed: string; itemId: string }
  /** `deedId` null: into the deed that is made for an earlier habit, under `deedKey`. */
  | { kind: 'newItem'; externalKey: string; deed: string; deedKey: string; deedId: string | null; name: string }
  | { kind: 'newDeed'; externalKey: string; deed: string; deedKey: string; new: NewDeed; name: string }
  | LeftOut

interface LeftOut {
  kind: 'leftOut'
  reason: string
}

const mostDeeds = 100
const mostItems = 500
const longestNotes = 4_000
const longestKey = 500
const firstDay = '1900-01-01'

/** By which a habit is found: however its name was composed. */
export function keyOf({ externalKey }: PlannedHabit): string {
  return externalKey.normalize('NFC')
}

function deedKeyOf(habit: PlannedHabit): string {
  return (habit.deed ?? habit).externalKey.normalize('NFC')
}

/** The ids of one's own deeds that these habits may mean, by key or by name. */
export function deedsMeant(habits: readonly PlannedHabit[], deeds: readonly OwnDeed[]): string[] {
  const keys = new Set(habits.map(deedKeyOf))
  const names = new Set(habits.flatMap(({ deed }) => (deed ? [nameKey(deed.name)] : [])))
  return deeds
    .filter(({ externalKey, name }) => (externalKey !== null && keys.has(externalKey)) || names.has(nameKey(name)))
    .map(({ deedId }) => deedId)
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
  const shelf = shelfOf(habits, own, source)
  const seen = new Set<string>()
  return habits.map((habit) => {
    if (seen.has(keyOf(habit))) return leftOut('Another habit has the same name.')
    seen.add(keyOf(habit))
    const place = placeOf(habit, shelf)
    if (place.kind !== 'found') return place
    if (shelf.takenItems.has(place.itemId)) return leftOut('Another habit of the file goes into the same item.')
    shelf.takenItems.add(place.itemId)
    return place
  })
}

/** A deed that is there, or planned: then without an id. */
interface ShelfDeed {
  readonly deedId: string | null
  readonly deedKey: string
  readonly name: string
  readonly measure: 'scale' | 'count'
  itemCount: number
  /** Of its items at the top. */
  readonly itemNames: Set<string>
}

/** What there is; it grows with what is planned. */
type Shelf = ReturnType<typeof shelfOf>

function shelfOf(
  habits: readonly PlannedHabit[],
  { deeds, items }: { deeds: readonly OwnDeed[]; items: readonly OwnItem[] },
  source: string,
) {
  const keys = new Set(habits.map(keyOf))
  const deedKeys = new Set(habits.map(deedKeyOf))
  const isFree = (taken: ReadonlySet<string>, key: string | null) => key === null || !taken.has(key)
  const itemsOf = Map.groupBy(items, ({ deedId }) => deedId)
  const shelved = deeds.map((deed): ShelfDeed & OwnDeed => ({
    ...deed,
    deedKey: deed.externalKey ?? '',
    itemNames: new Set(itemsOf.get(deed.deedId)?.flatMap(({ isRoot, name }) => (isRoot ? [nameKey(name)] : []))),
  }))
  return {
    source,
    deedById: new Map(shelved.map((deed) => [deed.deedId, deed])),
    deedByKey: new Map<string, ShelfDeed>(
      shelved.flatMap((deed) => (deed.externalKey ? [[deed.externalKey, deed]] : [])),
    ),
    itemByKey: new Map(items.flatMap((item) => (item.externalKey === null ? [] : [[item.externalKey, item]]))),
    // What has the key of a habit of the file is that habit's, whatever its name is by now.
    deedsByName: Map.groupBy(
      shelved.filter(({ externalKey }) => isFree(deedKeys, externalKey)),
      ({ name }) => nameKey(name),
    ),
    itemsByName: Map.groupBy(
      items.filter(({ externalKey }) => isFree(keys, externalKey)),
      ({ deedId, name }) => nameIn(deedId, name),
    ),
    takenItems: new Set<string>(),
    deedNames: new Set(deeds.flatMap(({ category, name }) => (category === 'hasanaat' ? [nameKey(name)] : []))),
    deedCount: deeds.length,
  }
}

function placeOf(habit: PlannedHabit, shelf: Shelf): Place {
  const externalKey = keyOf(habit)
  const item = shelf.itemByKey.get(externalKey)
  const deed = item ? shelf.deedById.get(item.deedId) : deedOf(habit, shelf)
  if (deed === undefined) return refusable(() => newDeedFor(habit, shelf))
  if ('kind' in deed) return deed
  if (deed.measure !== 'count') return leftOut(`Its deed "${deed.name}" is measured on a scale, and takes no counts.`)
  const meant = item ?? namedItem(habit, deed, shelf)
  if (meant === undefined) return refusable(() => newItemFor(habit, deed, shelf))
  return 'kind' in meant ? meant : { kind: 'found', externalKey, deed: deed.name, itemId: meant.itemId }
}

/** The deed of a habit that has no item yet. */
function deedOf(habit: PlannedHabit, { deedByKey, deedsByName }: Shelf): ShelfDeed | LeftOut | undefined {
  const keyed = deedByKey.get(deedKeyOf(habit))
  if (keyed || !habit.deed) return keyed
  const named = deedsByName.get(nameKey(habit.deed.name)) ?? []
  return named.length > 1 ? leftOut('You have a good and a bad deed of this name: rename one.') : named[0]
}

function nameIn(deedId: string, name: string): string {
  return `${deedId} ${nameKey(name)}`
}

/** The item of its name, where names are the person's own: the one at the top, else the only one. */
function namedItem(habit: PlannedHabit, { deedId }: ShelfDeed, { itemsByName }: Shelf): OwnItem | LeftOut | undefined {
  if (!habit.deed || deedId === null) return undefined
  const named = itemsByName.get(nameIn(deedId, habit.name)) ?? []
  const root = named.find(({ isRoot }) => isRoot)
  return !root && named.length > 1
    ? leftOut('Its deed has several items of this name: rename one.')
    : (root ?? named[0])
}

function newItemFor(habit: PlannedHabit, deed: ShelfDeed, { source }: Shelf): Place {
  if (deed.itemCount >= mostItems) return leftOut(`"${deed.name}" has ${mostItems} items, and more are not possible.`)
  const name = freeName(habit.name, deed.itemNames, source)
  deed.itemNames.add(nameKey(name))
  deed.itemCount += 1
  const { deedKey, deedId } = deed
  return { kind: 'newItem', externalKey: keyOf(habit), deed: deed.name, deedKey, deedId, name }
}

function newDeedFor(habit: PlannedHabit, shelf: Shelf): Place {
  if (shelf.deedCount >= mostDeeds) return leftOut(`There are ${mostDeeds} deeds already, and more are not possible.`)
  const [externalKey, deedKey] = [keyOf(habit), deedKeyOf(habit)]
  if ([...externalKey].length > longestKey) {
    return leftOut(`Its name is too long: with what it belongs to, at most ${longestKey} characters.`)
  }
  const description = descriptionOf(habit.description, 'description')
  const unit = unitOf(habit.unit, 'unit')
  const itemName = nameOf(habit.name, 'name')
  const name = freeName((habit.deed ?? habit).name, shelf.deedNames, shelf.source)
  shelf.deedNames.add(nameKey(name))
  shelf.deedCount += 1
  const itemNames = new Set([nameKey(itemName)])
  shelf.deedByKey.set(deedKey, { deedId: null, deedKey, name, measure: 'count', itemCount: 1, itemNames })
  const made = { externalKey: deedKey, name, description, unit, isHidden: habit.isHidden }
  return { kind: 'newDeed', externalKey, deed: name, deedKey, new: made, name: itemName }
}

/** TREE-3 The name, or the first one made of it that nothing has yet. Throws BAD_USER_INPUT when it is too long for a name. */
function freeName(wanted: string, taken: ReadonlySet<string>, source: string): string {
  for (let attempt = 0; ; attempt += 1) {
    const suffix = ['', ` (${source})`][attempt] ?? ` (${source} ${attempt})`
    const name = nameOf(wanted + suffix, 'name')
    if (!taken.has(nameKey(name))) return name
  }
}

function leftOut(reason: string): LeftOut {
  return { kind: 'leftOut', reason }
}

/** A text that can't be stored leaves its habit out. */
function refusable(place: () => Place): Place {
  try {
    return place()
  } catch (error) {
    if (isRefusal(error)) return leftOut(error.message)
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
