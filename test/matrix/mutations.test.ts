// Somebody else's ids in every mutation that takes one: each is refused in the very words in which an id that never was is refused.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema, type GraphQLInputObjectType, getNamedType, isInputObjectType } from 'graphql'
import { rowsOf } from '../domains/sharing/model/rows.ts'
import { startService, type TestService } from '../support/service.ts'
import { type Matrix, newDiary, newMatrix, type Role, sender } from './world.ts'

type Id = (type: string) => string
/** The input out of Leila's ids, or such as never were, and the sender's own. */
type Attempt = (theirs: Id, own: Id) => object

const sum = (itemId: string) => ({ itemId, metric: 'COUNT_SUM', target: '1' })
const goal = (itemId: string) => ({ title: 'Mine', durationDays: 7, items: [sum(itemId)] })
const read = (itemId: string) => ({ itemId, type: 'READ' })

/** What somebody tries, by mutation; several where an id of Leila's may stand beside one's own. */
const attempts: Record<string, readonly Attempt[]> = {
  revokeSession: [(theirs) => ({ sessionId: theirs('Session') })],
  updateDeed: [(theirs) => ({ deedId: theirs('Deed'), name: 'Mine' })],
  createDeedItems: [
    (theirs) => ({ deedId: theirs('Deed'), items: [{ name: 'Mine' }] }),
    (theirs, own) => ({ deedId: own('Deed'), parentId: theirs('DeedItem'), items: [{ name: 'Mine' }] }),
  ],
  updateDeedItem: [(theirs) => ({ itemId: theirs('DeedItem'), name: 'Mine' })],
  moveDeedItem: [
    (theirs) => ({ itemId: theirs('DeedItem'), parentId: null }),
    (theirs, own) => ({ itemId: own('DeedItem'), parentId: theirs('DeedItem') }),
  ],
  publishScale: [
    (theirs) => ({ deedId: theirs('Deed'), values: [{ name: 'Mine' }] }),
    (theirs, own) => ({ deedId: own('ScaledDeed'), values: [{ name: 'Mine', continues: theirs('ScaleValue') }] }),
  ],
  updateScaleValue: [(theirs) => ({ scaleValueId: theirs('ScaleValue'), name: 'Mine' })],
  deleteDeed: [(theirs) => ({ deedId: theirs('Deed') })],
  deleteDeedItem: [(theirs) => ({ itemId: theirs('DeedItem') })],
  restore: [(theirs) => ({ deletionId: theirs('Deletion') })],
  recordEntry: [
    (theirs) => ({ itemId: theirs('DeedItem'), count: '9' }),
    (theirs, own) => ({ itemId: own('ScaledItem'), scaleValueId: theirs('ScaleValue') }),
  ],
  recordEntries: [
    (theirs) => ({ rows: [{ itemId: theirs('DeedItem'), count: '9' }] }),
    (theirs, own) => ({ rows: [{ itemId: own('ScaledItem'), scaleValueId: theirs('ScaleValue') }] }),
  ],
  revertEntry: [
    (theirs) => ({ entryId: theirs('Entry'), changeId: theirs('EntryChange') }),
    (theirs, own) => ({ entryId: own('Entry'), changeId: theirs('EntryChange') }),
  ],
  clearEntry: [(theirs) => ({ entryId: theirs('Entry') })],
  createMerit: [
    (theirs) => ({ deedId: theirs('Deed'), ...goal(theirs('DeedItem')) }),
    (theirs, own) => ({ deedId: own('Deed'), ...goal(theirs('DeedItem')) }),
  ],
  updateMerit: [
    (theirs) => ({ meritId: theirs('Merit'), title: 'Mine' }),
    (theirs, own) => ({ meritId: own('Merit'), items: [sum(theirs('DeedItem'))] }),
  ],
  deleteMerit: [(theirs) => ({ meritId: theirs('Merit') })],
  createTarget: [(theirs) => goal(theirs('DeedItem'))],
  updateTarget: [
    (theirs) => ({ targetId: theirs('Target'), title: 'Mine' }),
    (theirs, own) => ({ targetId: own('Target'), items: [sum(theirs('DeedItem'))] }),
  ],
  deleteTarget: [(theirs) => ({ targetId: theirs('Target') })],
  setReminder: [(theirs) => ({ reminderId: theirs('Reminder'), title: 'Mine' })],
  deleteReminder: [(theirs) => ({ reminderId: theirs('Reminder') })],
  deleteReflection: [(theirs) => ({ reflectionId: theirs('Reflection') })],
  updateResource: [(theirs) => ({ resourceId: theirs('Resource'), name: 'Mine' })],
  deleteResource: [(theirs) => ({ resourceId: theirs('Resource') })],
  restoreResource: [(theirs) => ({ resourceId: theirs('Resource') })],
  markMessagesRead: [(theirs) => ({ upTo: theirs('Message') })],
  replyToThread: [(theirs) => ({ threadId: theirs('Thread'), content: 'Mine' })],
  markThreadRead: [(theirs) => ({ threadId: theirs('Thread'), upTo: theirs('Message') })],
  setRole: [(theirs) => ({ userId: theirs('User'), role: 'ADMIN' })],
  suspendUser: [(theirs) => ({ userId: theirs('User') })],
  reinstateUser: [(theirs) => ({ userId: theirs('User') })],
  unlockLogin: [(theirs) => ({ userId: theirs('User') })],
  respondToRelation: [(theirs) => ({ relationId: theirs('Relation'), response: 'ACCEPT' })],
  removeRelation: [(theirs) => ({ relationId: theirs('Relation') })],
  unblock: [(theirs) => ({ relationId: theirs('Relation') })],
  grantPermissions: [(theirs, own) => ({ relationId: theirs('Relation'), permissions: [read(own('DeedItem'))] })],
  revokePermissions: [(theirs) => ({ permissionIds: [theirs('Permission')] })],
}

/** Recording is what an item may be shared for: there its own refusals stand (SHA-7). */
const recording = ['recordEntry', 'recordEntries', 'revertEntry', 'clearEntry']
const senders: readonly Role[] = ['reader', 'writer', 'expired', 'revoked', 'blocked', 'stranger', 'analyst']

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const mutations = schema.getMutationType()?.getFields() ?? {}

let service: TestService
let matrix: Matrix
const own = new Map<Role, Record<string, readonly string[]>>()
beforeAll(async () => {
  service = await startService()
  matrix = await newMatrix(service)
  for (const role of senders) {
    const person = matrix.viewers[role]
    if (person) own.set(role, (await newDiary(sender(service, person))).instances)
  }
}, 60_000)
afterAll(() => service.stop())

function holdsIds(type: GraphQLInputObjectType, seen: readonly string[] = []): boolean {
  return Object.values(type.getFields()).some((field) => {
    const inner = getNamedType(field.type)
    if (isInputObjectType(inner)) return !seen.includes(inner.name) && holdsIds(inner, [...seen, type.name])
    return inner.name === 'ID'
  })
}

/** The same id, but of something that never was. */
function neverWas(id: string): string {
  const parts = Buffer.from(id, 'base64url').toString().split(':')
  const last = parts.findLastIndex((part) => /^\d+$/.test(part))
  const changed = parts.map((part, at) => {
    if (/^[0-9a-f]{8}-/.test(part)) return '00000000-0000-4000-8000-000000000000'
    return at === last ? '987654321' : part
  })
  return Buffer.from(changed.join(':')).toString('base64url')
}

async function answerTo(name: string, input: object, role: Role) {
  const type = mutations[name]?.args[0]?.type
  const rows = '{ rows { status error { code reason message field } } }'
  const document = `mutation ($input: ${type}) { ${name}(input: $input) ${name === 'recordEntries' ? rows : '{ __typename }'} }`
  const { data, errors = [] } = await service.execute(document, { input }, { as: matrix.viewers[role] ?? never() })
  return {
    data,
    errors: errors.map(({ message, extensions: { requestId: _, ...told } }) => ({ message, told })),
  }
}

function never(): never {
  throw new Error('nobody sends this')
}

test('every mutation that takes an id is tried with those of somebody else', () => {
  const withIds = Object.values(mutations).filter(({ args }) =>
    args.some(({ type }) => {
      const input = getNamedType(type)
      return isInputObjectType(input) && holdsIds(input)
    }),
  )
  // One that is missing: give it a row in `attempts`.
  expect(withIds.map(({ name }) => name).filter((name) => !Object.hasOwn(attempts, name))).toEqual([])
})

test.each(Object.entries(attempts))("SHA-8 %s refuses another's id as one that never was", async (name, tries) => {
  const leila = [matrix.viewers.owner?.userId ?? '']
  const before = await rowsOf(service.database, leila)
  for (const role of senders) {
    const mine: Id = (type) => {
      const [kind, at] = type === 'ScaledDeed' ? ['Deed', 1] : [type, 0]
      if (type === 'ScaledItem') return own.get(role)?.ScaledItem?.[0] ?? never()
      return own.get(role)?.[kind]?.[at] ?? never()
    }
    const theirs: Id = (type) => matrix.instances[type]?.[0] ?? never()
    for (const [index, attempt] of tries.entries()) {
      if (recording.includes(name) && index === 0 && ['reader', 'writer'].includes(role)) continue
      const refused = await answerTo(name, attempt(theirs, mine), role)
      expect([role, index, refused]).toEqual([
        role,
        index,
        await answerTo(
          name,
          attempt((type) => neverWas(theirs(type)), mine),
          role,
        ),
      ])
      expect(refused.data?.recordEntries?.rows[0].status ?? refused.errors[0]?.told.code).toMatch(
        /^(NOT_FOUND|FORBIDDEN|BAD_USER_INPUT|CONFLICT|ERROR)$/,
      )
    }
  }
  expect(await rowsOf(service.database, leila)).toEqual(before)
})
