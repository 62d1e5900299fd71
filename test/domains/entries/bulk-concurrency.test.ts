import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { recordInBulk } from '../../../src/domains/entries/bulk.ts'
import type { AnsweredRow } from '../../../src/domains/entries/rules/bulk.ts'
import { addDays } from '../../../src/platform/civil-dates.ts'
import { statuses, storedOf } from './bulk-answers.ts'
import { type Diarist, type DiaryWorld, newDiaryWorld, newShelf } from './world.ts'

let world: DiaryWorld
let leila: Diarist
let shelf: Awaited<ReturnType<typeof newShelf>>
let count = 0
beforeAll(async () => {
  world = await newDiaryWorld()
})
afterAll(() => world.stop())
beforeEach(async () => {
  count += 1
  leila = await world.newDiarist(`leila_${count}`)
  shelf = await newShelf(leila)
})

const day = '2026-03-01'
const stored = () => storedOf(world, leila)

describe('ENT-5 several at once', () => {
  const dates = Array.from({ length: 30 }, (_, index) => addDays(day, index))

  test('ENT-5 bulks over the same days, whatever their order, leave each day as one of them says, and its history whole', async () => {
    const bulk = (amount: number) => {
      const rows = dates.map((date) => ({ itemId: shelf.book, date, count: String(amount) }))
      return amount % 2 ? rows : rows.reverse()
    }
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((amount) => leila.recordAll(bulk(amount))))
    const created = answers.flat().filter(({ status }) => status === 'CREATED')
    expect(created).toHaveLength(dates.length)
    expect(answers.flat().filter(({ status }) => status === 'UPDATED')).toHaveLength(5 * dates.length)
    expect((await stored()).map(({ version }) => version)).toEqual(dates.map(() => 6))
    const broken = await world.admin(
      `select from (
         select old_values, lag(new_values) over (partition by deed_item_id, entry_date order by version) as before
         from entry_history where user_id = $1
       ) as steps where old_values is distinct from before`,
      [leila.id],
    )
    expect(broken).toEqual([])
  })

  test('ENT-5 increments of bulks and single records over the same days add up', async () => {
    const rows = dates.slice(0, 5).map((date) => ({ itemId: shelf.book, date, incrementBy: '1' }))
    const bulks = Array.from({ length: 10 }, (_, index) => leila.recordAll([...rows, ...rows], { key: `b${index}` }))
    const singles = rows.flatMap((row, of) =>
      Array.from({ length: 4 }, (_, index) => leila.record(row, `s${of}.${index}`)),
    )
    await Promise.all([...bulks, ...singles])
    expect(await stored()).toMatchObject(rows.map(() => ({ count: '24.000' })))
  })

  test('ENT-5 a measure that changes under a bulk refuses its rows alone', async () => {
    const lock = await world.elsewhere(leila.person)
    let answer: Promise<readonly AnsweredRow[]> | undefined
    await lock.transaction(async (query) => {
      await query('select lock_owner($1)', [leila.id])
      await query("update deeds set measure_type = 'scale' where user_id = $1 and deed_id = $2", [
        leila.id,
        shelf.reading,
      ])
      answer = leila.recordAll([
        { itemId: shelf.book, date: day, count: '1' },
        { itemId: shelf.fajr, date: day, scaleValueId: shelf.late },
      ])
      await world.someoneWaits()
    })
    expect(statuses((await answer) ?? [])).toEqual(['WRONG_MEASURE', 'CREATED'])
  })

  test('ENT-5 what fails for another reason fails once, for all rows', async () => {
    let attempts = 0
    const broken = recordInBulk(
      (work, options) => {
        attempts += 1
        return leila.transaction(async (tx) => {
          await work(tx)
          throw new Error('broken off')
        }, options)
      },
      leila.id,
      {
        rows: [{ request: { ownerId: leila.id, itemId: shelf.book, date: day, count: '1' } }],
        atomic: false,
        key: null,
        sent: [],
      },
    )
    await expect(broken).rejects.toThrow('broken off')
    expect(attempts).toBe(1)
    expect(await stored()).toEqual([])
  })
})
