// Somebody else's ids in every mutation that takes one: each is refused in the very words in which an id that never was is refused.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { rowsOf } from '../domains/sharing/model/rows.ts'
import type { TestService } from '../support/service.ts'
import { isTried, startWholeService } from '../support/whole-service.ts'
import { attempts, type Id, neverWas, pathsOfIds } from './attempts.ts'
import { type Matrix, newDiary, newMatrix, type Role, sender } from './world.ts'

/** Recording is what an item may be shared for: there its own refusals stand (SHA-7). */
const recording = ['recordEntry', 'recordEntries', 'revertEntry', 'clearEntry']
/** What a project may be shared for with WRITE. */
const surveying = ['addScan', 'updateScan', 'archiveScan', 'restoreScan']
/** What a project that is shared at all may be asked for. */
const calculating = ['requestCalculation', 'requestHillshade']
const senders: readonly Role[] = ['reader', 'writer', 'expired', 'revoked', 'blocked', 'stranger', 'analyst']

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
const mutations = schema.getMutationType()?.getFields() ?? {}

let service: TestService
let matrix: Matrix
const own = new Map<Role, Record<string, readonly string[]>>()
beforeAll(async () => {
  service = await startWholeService()
  matrix = await newMatrix(service)
  for (const role of senders) {
    const person = matrix.viewers[role]
    if (person) own.set(role, (await newDiary(sender(service, person))).instances)
  }
}, 60_000)
afterAll(() => service.stop())

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
    args.some(({ name, type }) => pathsOfIds(type, name).length > 0),
  )
  // One that is missing: give it a row in `attempts`.
  expect(withIds.map(({ name }) => name).filter((name) => !Object.hasOwn(attempts, name))).toEqual([])
})

test.each(Object.entries(attempts).filter(([name]) => isTried(mutations[name] ?? {})))(
  "SHA-8 %s refuses another's id as one that never was",
  async (name, tries) => {
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
        if (surveying.includes(name) && role === 'writer') continue
        if (calculating.includes(name) && ['reader', 'writer'].includes(role)) continue
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
  },
)
