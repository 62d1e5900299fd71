import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { toGlobalId } from '../../../src/platform/graphql/global-ids.ts'
import { newUser } from '../../support/people.ts'
import { startService, type TestService } from '../../support/service.ts'
import { type Book, CREATE_DEED, newBook, pages } from './book.ts'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.stop())

const GOAL = /* GraphQL */ `
  fragment G on Goal {
    __typename id title description match startDate endDate isActive version completedAt completedOn isSealed
    items { id item { name } metric comparator scaleValue { name } scaleMatch target }
    progress { state ratio items { value } }
  }`
const CREATE_TARGET = /* GraphQL */ `${GOAL}
  mutation CreateTarget($input: CreateTargetInput!) { createTarget(input: $input) { target { ...G } } }`
const UPDATE_TARGET = /* GraphQL */ `${GOAL}
  mutation UpdateTarget($input: UpdateTargetInput!) { updateTarget(input: $input) { target { ...G } } }`
const UPDATE_MERIT = /* GraphQL */ `${GOAL}
  mutation UpdateMerit($input: UpdateMeritInput!) { updateMerit(input: $input) { merit { ...G } } }`
const DELETE_MERIT = /* GraphQL */ `
  mutation DeleteMerit($input: DeleteMeritInput!) { deleteMerit(input: $input) { deletion { id kind label rowCount } } }`
const RESTORE = /* GraphQL */ `${GOAL}
  mutation Restore($input: RestoreInput!) { restore(input: $input) { restored { __typename ... on Goal { ...G } } } }`
const TARGETS = /* GraphQL */ `${GOAL}
  query Targets($state: GoalState) { me { targets(state: $state, first: 10) { totalCount nodes { ...G } } } }`
const NODE = /* GraphQL */ `${GOAL} query Node($id: ID!) { node(id: $id) { __typename id ... on Goal { ...G } } }`

/** Leila's book with a second deed on a scale. */
async function twoDeeds(): Promise<Book & { prayer: string; onTime: string; otherDeedId: string }> {
  const book = await newBook(service)
  const { data } = await book.ask(CREATE_DEED, {
    input: {
      category: 'SAIYYIAAT',
      name: 'Prayers',
      measure: 'SCALE',
      scale: [{ name: 'missed' }, { name: 'on time' }],
      items: [{ name: 'Fajr' }],
    },
  })
  const { deed } = data.createDeed
  return { ...book, prayer: deed.itemTree[0].id, onTime: deed.scale.values[1].id, otherDeedId: deed.id }
}

async function newTarget(book: Book, input: object) {
  const answer = await book.ask(CREATE_TARGET, { input: { title: 'Both', durationDays: 5, ...input } })
  if (answer.errors) throw new Error(JSON.stringify(answer.errors))
  return answer.data.createTarget.target
}

const refusal = (answer: { errors?: readonly { extensions: Record<string, unknown> }[] }) =>
  answer.errors?.[0]?.extensions

describe('a target', () => {
  test('GOAL-1 it spans deeds: each item has its own metric, and the comparator of its category', async () => {
    const book = await twoDeeds()
    const target = await newTarget(book, {
      items: [
        { itemId: book.items.Quran, ...pages('3') },
        { itemId: book.prayer, metric: 'SCALE_MATCH', scaleValueId: book.onTime, target: '2' },
      ],
    })
    expect(target).toMatchObject({
      __typename: 'Target',
      startDate: book.today,
      endDate: addDays(book.today, 4),
      items: [
        { item: { name: 'Quran' }, comparator: 'AT_LEAST', scaleValue: null },
        { item: { name: 'Fajr' }, comparator: 'AT_MOST', scaleValue: { name: 'on time' }, scaleMatch: 'EXACT' },
      ],
      progress: { state: 'PENDING' },
    })
    const recorded = await book.record('Quran', 0, { count: '3' })
    expect(recorded.goals).toMatchObject([{ id: target.id }])
    const { data } = await book.ask(TARGETS)
    expect(data.me.targets).toMatchObject({
      totalCount: 1,
      nodes: [{ id: target.id, progress: { state: 'ON_TRACK' } }],
    })
    expect((await book.ask(TARGETS, { state: 'ON_TRACK' })).data.me.targets.nodes).toHaveLength(1)
    expect((await book.ask(TARGETS, { state: 'MET' })).data.me.targets.nodes).toEqual([])
    expect(await book.merits()).toEqual([])
  })

  test('GOAL-1 refused: a value of another deed’s scale, somebody else’s item, no items', async () => {
    const book = await twoDeeds()
    const stranger = await twoDeeds()
    const answers = await Promise.all(
      [
        [{ itemId: book.items.Quran, metric: 'SCALE_MATCH', scaleValueId: book.onTime, target: '1' }],
        [{ itemId: stranger.items.Quran, ...pages('1') }],
        [],
      ].map((items) => book.ask(CREATE_TARGET, { input: { title: 'No', durationDays: 3, items } })),
    )
    expect(answers.map(refusal)).toMatchObject([
      { reason: 'INVALID_GOAL', field: 'input.items[0].metric' },
      { reason: 'INVALID_GOAL', field: 'input.items[0].itemId' },
      { reason: 'INVALID_GOAL', field: 'input.items' },
    ])
  })

  test('it is read by its id, and an id that says Merit does not find it', async () => {
    const book = await twoDeeds()
    const target = await newTarget(book, { items: [{ itemId: book.items.Quran, ...pages('3') }] })
    expect((await book.ask(NODE, { id: target.id })).data.node).toMatchObject({ __typename: 'Target', title: 'Both' })
    const [, ownerId = '', goalId = ''] = Buffer.from(target.id, 'base64url').toString().split(':')
    const asMerit = await book.ask(NODE, { id: toGlobalId('Merit', { ownerId, goalId }) })
    expect(refusal(asMerit)).toMatchObject({ code: 'NOT_FOUND' })
    const stranger = await newUser(service.database, 'budi')
    const seen = await service.execute(NODE, { id: target.id }, { as: stranger })
    expect(refusal(seen)).toMatchObject({ code: 'NOT_FOUND' })
  })

  test('GOAL-4 a deleted deed suspends a target that needs it with AND, and OR leaves it out', async () => {
    const book = await twoDeeds()
    const items = [
      { itemId: book.items.Quran, ...pages('3') },
      { itemId: book.prayer, metric: 'DAYS_RECORDED', comparator: 'AT_LEAST', target: '1' },
    ]
    await newTarget(book, { title: 'and', items })
    await newTarget(book, { title: 'or', match: 'OR', items })
    await book.record('Quran', 0, { count: '3' })
    const remove = /* GraphQL */ `mutation Delete($input: DeleteDeedInput!) { deleteDeed(input: $input) { deletion { id } } }`
    const { data } = await book.ask(remove, { input: { deedId: book.otherDeedId } })
    const states = async () =>
      Object.fromEntries(
        (await book.ask(TARGETS)).data.me.targets.nodes.map(
          ({ title, progress, completedOn }: { title: string; progress: { state: string }; completedOn: string }) => [
            title,
            [progress.state, completedOn],
          ],
        ),
      )
    expect(await states()).toEqual({ and: ['SUSPENDED', null], or: ['MET', book.today] })
    await book.ask(RESTORE, { input: { deletionId: data.deleteDeed.deletion.id } })
    expect(await states()).toEqual({ and: ['PENDING', null], or: ['MET', book.today] })
  })
})

describe('changing a goal', () => {
  test('GOAL-5 whatever is changed, it is judged anew; items are replaced and the version rises with them', async () => {
    const book = await newBook(service)
    const id = await book.newMerit({ durationDays: 5, items: [{ itemId: book.items.Quran, ...pages('9') }] })
    await book.record('Page', 0, { count: '4' })
    await book.record('Hadith', 0, { count: '1' })
    const update = async (input: object) => {
      const answer = await book.ask(UPDATE_MERIT, { input: { meritId: id, ...input } })
      return answer.data?.updateMerit?.merit ?? refusal(answer)
    }
    const texts = await update({
      title: '  Four pages ',
      description: 'and no less',
      isActive: false,
      expectedVersion: 1,
    })
    expect(texts).toMatchObject({
      title: 'Four pages',
      description: 'and no less',
      isActive: false,
      version: 2,
      completedOn: null,
    })
    expect(await update({ title: 'late', expectedVersion: 1 })).toMatchObject({
      reason: 'STALE_VERSION',
      currentVersion: 2,
    })
    const items = await update({ items: [{ itemId: book.items.Quran, ...pages('4') }], expectedVersion: 2 })
    expect(items).toMatchObject({ completedOn: book.today, items: [{ target: '4' }], progress: { state: 'MET' } })
    expect(items.version).toBeGreaterThan(2)
    expect(items.items).toHaveLength(1)
    const both = await update({
      description: null,
      items: [
        { itemId: book.items.Quran, ...pages('4') },
        { itemId: book.items.Hadith, ...pages('2') },
      ],
    })
    expect(both).toMatchObject({ description: null, completedOn: null, progress: { state: 'PENDING', ratio: 0.75 } })
    expect(await update({ match: 'OR' })).toMatchObject({
      completedOn: book.today,
      progress: { state: 'MET', ratio: 1 },
    })
  })

  test('GOAL-1 a new window keeps what is not said, and a completion outside it goes', async () => {
    const book = await newBook(service)
    const start = addDays(book.today, -5)
    const id = await book.newMerit({
      startDate: start,
      durationDays: 6,
      items: [{ itemId: book.items.Quran, ...pages('3') }],
    })
    await book.record('Quran', -4, { count: '3' })
    const update = async (input: object) => {
      const answer = await book.ask(UPDATE_MERIT, { input: { meritId: id, ...input } })
      return answer.data?.updateMerit?.merit ?? refusal(answer)
    }
    const first = await update({ durationDays: 4 })
    expect(first).toMatchObject({ startDate: start, endDate: addDays(start, 3), completedOn: addDays(book.today, -4) })
    expect(await update({ startDate: addDays(start, 2) })).toMatchObject({
      startDate: addDays(start, 2),
      endDate: addDays(start, 3),
      completedOn: null,
      progress: { state: 'FAILED' },
    })
    expect(await update({ startDate: start, endDate: book.today })).toMatchObject({
      completedOn: addDays(book.today, -4),
    })
    expect(await update({ endDate: addDays(start, -1) })).toMatchObject({
      reason: 'INVALID_GOAL',
      field: 'input.endDate',
    })
    expect(await update({ durationDays: 2, endDate: book.today })).toMatchObject({ field: 'input.durationDays' })
  })

  test('GOAL-6 sealed, it keeps window, items and match; its title may change', async () => {
    const book = await newBook(service)
    const sealed = await newTarget(book, {
      startDate: addDays(book.today, -20),
      durationDays: 3,
      items: [{ itemId: book.items.Quran, ...pages('3') }],
    })
    expect(sealed.isSealed).toBe(true)
    const update = (input: object) => book.ask(UPDATE_TARGET, { input: { targetId: sealed.id, ...input } })
    for (const change of [
      { durationDays: 30 },
      { match: 'OR' },
      { items: [{ itemId: book.items.Quran, ...pages('1') }] },
    ]) {
      expect(refusal(await update(change))).toMatchObject({ code: 'CONFLICT', reason: 'GOAL_IS_SEALED' })
    }
    const kept = await update({ title: 'Long ago', match: 'AND', endDate: sealed.endDate })
    expect(kept.data.updateTarget.target).toMatchObject({ title: 'Long ago', endDate: sealed.endDate })
  })

  test('somebody else’s goal, or one of the other kind, is not there', async () => {
    const book = await newBook(service)
    const id = await book.newMerit({ durationDays: 5, items: [{ itemId: book.items.Quran, ...pages('9') }] })
    const [, ownerId = '', goalId = ''] = Buffer.from(id, 'base64url').toString().split(':')
    const targetId = toGlobalId('Target', { ownerId, goalId })
    const input = { targetId, title: 'mine' }
    expect(refusal(await book.ask(UPDATE_TARGET, { input }))).toMatchObject({ code: 'NOT_FOUND' })
    const stranger = await newUser(service.database, 'budi')
    for (const [document, field] of [
      [UPDATE_MERIT, 'meritId'],
      [DELETE_MERIT, 'meritId'],
    ] as const) {
      const answer = await service.execute(document, { input: { [field]: id } }, { as: stranger })
      expect(refusal(answer)).toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})
