import { addDays } from '../../../platform/civil-dates.ts'
import type { Database } from '../../../platform/database/types.ts'
import { deleteItem } from '../../deeds/queries/delete.ts'
import { settleGoals } from '../../progress/evaluator.ts'
import { insertGoal } from '../../progress/queries/write-goals.ts'
import { insertReminder } from '../../reminders/queries/reminders.ts'
import * as queries from './queries.ts'
import { makeSurveys } from './surveys.ts'
import { makeSettings, makeThings } from './things.ts'
import type { DemoCorrection, DemoDeed, DemoItem, DemoMerit, DemoPerson, DemoWorld, ItemPath } from './world.ts'
import { yearOfEntries } from './year.ts'

export interface LoadOptions {
  /** What `users.password_hash` holds for a password. */
  readonly hashPassword: (password: string) => Promise<string>
  /** Told how much of the work is done, 0..1. */
  readonly onProgress?: (done: number) => void
}

/** The database has accounts already: a demo world is made only where there is nothing. */
export class NotEmpty extends Error {
  override readonly name = 'NotEmpty'
}

/**
 * Makes the demo world in an empty database, as kitaab_admin: all of it or nothing, through the same triggers as anything else.
 * Throws `NotEmpty`.
 */
export async function loadDemoWorld(db: Database, world: DemoWorld, options: LoadOptions): Promise<void> {
  const accounts = [...world.people, ...world.staff]
  const hashes = await Promise.all(accounts.map(() => options.hashPassword(world.password)))
  const report = progressOver(world, options.onProgress)
  const people = await db.transaction().execute(async (tx) => {
    if (!(await queries.lockWhileEmpty(tx))) throw new NotEmpty('There are accounts in this database already.')
    await makeSettings(tx, world.settings)
    const made = new Map<string, MadePerson>()
    for (const [index, person] of world.people.entries()) {
      made.set(person.email, await makePerson(tx, person, hashes[index] ?? '', report))
    }
    for (const things of world.things) await makeThings(tx, made.get(things.person)?.userId ?? '', things)
    await makeRelations(tx, world, made)
    await makeSurveys(tx, world.surveys, (email) => personAt(made, email).userId)
    const staffHashes = hashes.slice(world.people.length)
    await makeLetters(tx, world, await makeStaff(tx, world.staff, staffHashes), made)
    return made
  })
  for (const correction of world.corrections) {
    // Each step in a transaction of its own, so that it has a time of its own.
    for (const step of correction.steps) {
      await db.transaction().execute((tx) => correct(tx, correction, step, people))
    }
    report()
  }
}

function progressOver(world: DemoWorld, onProgress: LoadOptions['onProgress'] = () => {}) {
  const parts = world.people.reduce((sum, { deeds }) => sum + deeds.length, 0) + world.corrections.length
  let done = 0
  return () => {
    done += 1
    onProgress(done / parts)
  }
}

interface MadePerson {
  readonly userId: string
  readonly today: string
  readonly deeds: ReadonlyMap<string, MadeDeed>
  readonly goalIds: readonly string[]
}

interface MadeDeed {
  readonly deed: DemoDeed
  readonly deedId: string
  readonly scales: queries.DemoScales
  /** By the names from the top, joined. */
  readonly itemIds: ReadonlyMap<string, string>
}

async function makePerson(
  tx: Database,
  person: DemoPerson,
  passwordHash: string,
  report: () => void,
): Promise<MadePerson> {
  const { userId, today } = await queries.insertPerson(tx, person, passwordHash)
  await queries.actAs(tx, userId)
  const deeds = new Map<string, MadeDeed>()
  for (const [index, deed] of person.deeds.entries()) {
    const made = await makeDeed(tx, userId, deed, { order: index, today })
    deeds.set(deed.name, made)
    await queries.recordEntries(tx, userId, entriesOf(made, person, today))
    report()
  }
  const goalIds: string[] = []
  for (const merit of person.merits) goalIds.push(await makeMerit(tx, userId, merit, deeds, today))
  await settleGoals(tx, userId, goalIds)
  await queries.insertReflections(
    tx,
    userId,
    person.reflections.map(({ daysAgo, type, message }) => ({ date: addDays(today, -daysAgo), type, message })),
  )
  for (const { localTime, condition, title } of person.reminders) {
    await insertReminder(tx, userId, { localTime, condition, title, channels: ['email'] })
  }
  for (const path of person.deleted ?? []) await deleteItem(tx, { ownerId: userId, itemId: itemAt(deeds, path) })
  return { userId, today, deeds, goalIds }
}

type Place = Parameters<typeof queries.insertDeed>[3]

async function makeDeed(tx: Database, userId: string, deed: DemoDeed, place: Place): Promise<MadeDeed> {
  const { deedId, ...scales } = await queries.insertDeed(tx, userId, deed, place)
  const itemIds = new Map<string, string>()
  const makeItems = async (parentId: string | null, path: ItemPath, items: readonly DemoItem[]) => {
    const ids = await queries.insertItems(tx, { userId, deedId, parentId }, items)
    for (const item of items) {
      const itemId = ids.get(item.name) ?? ''
      const itemPath = [...path, item.name]
      itemIds.set(pathKey(itemPath), itemId)
      if (item.items !== undefined) await makeItems(itemId, itemPath, item.items)
    }
  }
  await makeItems(null, [deed.name], deed.items)
  return { deed, deedId, scales, itemIds }
}

function pathKey(path: ItemPath): string {
  return path.join(' / ')
}

function entriesOf(made: MadeDeed, person: DemoPerson, today: string): queries.NewDemoEntry[] {
  const entries: queries.NewDemoEntry[] = []
  const collect = (path: ItemPath, items: readonly DemoItem[]) => {
    for (const { name, habit, items: below = [] } of items) {
      const key = pathKey([...path, name])
      const year = habit === undefined ? [] : yearOfEntries(`${person.username} ${key}`, habit, today, person.away)
      const itemId = made.itemIds.get(key) ?? ''
      entries.push(
        ...year.map(({ date, amount, note }) => ({
          itemId,
          date,
          ...recordedAs(scaleOn(made, date), amount),
          notes: note,
        })),
      )
      collect([...path, name], below)
    }
  }
  collect([made.deed.name], made.deed.items)
  return entries
}

/** What the deed was measured by on that day. */
function scaleOn({ scales: { scale, before } }: MadeDeed, date: string): queries.DemoScaleIds {
  return before !== null && date <= before.until ? before : scale
}

/** What a row holds for an amount: a count, or the value of the scale that is nearest to that place on it. */
function recordedAs({ scaleId, valueIds }: queries.DemoScaleIds, amount: number) {
  if (scaleId === null) return { scaleId, valueId: null, count: String(amount) }
  return { scaleId, valueId: valueIds[Math.round(amount * (valueIds.length - 1))] ?? null, count: null }
}

async function makeMerit(
  tx: Database,
  ownerId: string,
  merit: DemoMerit,
  deeds: MadePerson['deeds'],
  today: string,
): Promise<string> {
  const startDate = addDays(today, merit.startsIn)
  const { goalId } = await insertGoal(tx, {
    kind: 'merit',
    ownerId,
    deedId: deedNamed(deeds, merit.deed).deedId,
    title: merit.title,
    description: merit.description ?? null,
    match: merit.match ?? 'and',
    startDate,
    endDate: addDays(startDate, merit.durationDays - 1),
    items: merit.items.map(({ item, value, ...asked }) => ({
      ...asked,
      itemId: itemAt(deeds, item),
      includesDescendants: true,
      scaleValueId: value === undefined ? null : valueNamed(deedNamed(deeds, merit.deed), value.name),
      scaleMatch: value?.match ?? null,
    })),
  })
  return goalId
}

async function makeRelations(tx: Database, world: DemoWorld, people: ReadonlyMap<string, MadePerson>): Promise<void> {
  for (const relation of world.relations) {
    const owner = personAt(people, relation.requestee)
    const requesterId = personAt(people, relation.requester).userId
    const names = { requesterId, requesteeId: owner.userId, sentTo: relation.requestee }
    const relationId = await queries.insertRelation(tx, relation, names)
    for (const grant of relation.grants) {
      const itemId = itemAt(owner.deeds, grant.item)
      await queries.insertGrant(tx, grant, { ownerId: owner.userId, relationId, requesterId, itemId })
    }
  }
}

/** Answers their ids by address. */
async function makeStaff(
  tx: Database,
  staff: DemoWorld['staff'],
  hashes: readonly string[],
): Promise<Map<string, string>> {
  const made = new Map<string, string>()
  for (const [index, account] of staff.entries()) {
    const { userId } = await queries.insertPerson(tx, account, hashes[index] ?? '', account.role)
    made.set(account.email, userId)
  }
  return made
}

async function makeLetters(
  tx: Database,
  { letters }: DemoWorld,
  staff: ReadonlyMap<string, string>,
  people: ReadonlyMap<string, MadePerson>,
): Promise<void> {
  for (const letter of letters) {
    const isOwn = letter.author === letter.person
    const ownerId = personAt(people, letter.person).userId
    const authorId = isOwn ? ownerId : found(staff.get(letter.author), letter.author)
    await queries.actAs(tx, authorId)
    await queries.insertLetter(tx, { ...letter, ownerId, authorId, side: isOwn ? 'user' : 'support' })
  }
}

async function correct(
  tx: Database,
  { owner, writer, item, daysAgo }: DemoCorrection,
  { value, count, note }: DemoCorrection['steps'][number],
  people: ReadonlyMap<string, MadePerson>,
): Promise<void> {
  const { userId, today, deeds, goalIds } = personAt(people, owner)
  const deed = deedNamed(deeds, item[0] ?? '')
  const entry = {
    itemId: itemAt(deeds, item),
    date: addDays(today, -daysAgo),
    scaleId: deed.scales.scale.scaleId,
    valueId: value === undefined ? null : valueNamed(deed, value),
    count: count ?? null,
    notes: note,
  }
  await queries.actAs(tx, personAt(people, writer).userId)
  await queries.recordEntries(tx, userId, [entry])
  await queries.actAs(tx, userId)
  await settleGoals(tx, userId, goalIds)
}

function personAt(people: ReadonlyMap<string, MadePerson>, email: string): MadePerson {
  return found(people.get(email), email)
}

function deedNamed(deeds: MadePerson['deeds'], name: string): MadeDeed {
  return found(deeds.get(name), name)
}

function itemAt(deeds: MadePerson['deeds'], path: ItemPath): string {
  const itemId = deedNamed(deeds, path[0] ?? '').itemIds.get(pathKey(path))
  return found(itemId, pathKey(path))
}

function valueNamed({ deed, scales }: MadeDeed, name: string): string {
  const index = deed.scale?.findIndex((value) => value.name === name) ?? -1
  return found(scales.scale.valueIds[index], name)
}

function found<T>(thing: T | undefined, name: string): T {
  if (thing === undefined) throw new Error(`The demo world names "${name}", which is not in it.`)
  return thing
}
