// Which words find which.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { find, newPair } from './search-world.ts'
import { newDeed, newItem, newWorld, record, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await newWorld()
})
afterAll(() => world.stop())

describe('words', () => {
  const same: [string, string][] = [
    ['صلاة', 'صَلَاةٌ'],
    ['الصلاة', 'صَلَاةُ الفَجْر'],
    ['صلاة الفجر', 'الصَّلَاة قبل فجر اليوم'],
    ['قران', 'قرأت القُرْآنَ'],
    ['القرآن', 'قرآن'],
    ['رحمن', 'الرَّحْمٰن'],
    ['احمد', 'أحمد'],
    ['إسلام', 'اسلام'],
    ['على', 'علي'],
    ['ركعة', 'ركعات'],
    ['والصلاة', 'صلاة'],
    ['كتـــاب', 'كتاب'],
    ['quran', 'Qurʾān'],
    ['Qur’an', "the Qur'an"],
    ['duha', 'Ḍuḥā'],
    ['asr', 'ʿAṣr'],
    ['praying', 'I prayed'],
    ['PRAYER', 'prayers'],
    ['mos', 'the mosque'],
    ['الصل', 'الصلاة'],
    ['Fatiha', 'Al-Fatiha, twice'],
    ['٣', '3 ركعات'],
    ['fajr صلاة', 'صلاة Fajr في المسجد'],
    ['istanbul', 'İSTANBUL'],
    ['"two rakahs"', 'prayed two rakahs'],
    ['dawn or night', 'a night prayer'],
    ['prayer -dawn', 'a night prayer'],
    ['to be or not to be', 'be'],
    ['the', 'then'],
    ['1e5', '1e5'],
  ]
  test.each(same)('“%s” finds “%s”', async (asked, written) => {
    const { owner } = await newPair(world)
    const deed = await newDeed(owner, written)
    expect(await find(owner, asked)).toEqual([`deed ${deed}`])
  })

  const different: [string, string][] = [
    ['"rakahs two"', 'two rakahs'],
    ['dawn prayer', 'dawn'],
    ['prayer -dawn', 'dawn prayer'],
    ['mos prayer', 'mosque prayer'],
    ['صوم', 'صلاة'],
    ['osque', 'mosque'],
  ]
  test.each(different)('“%s” does not find “%s”', async (asked, written) => {
    const { owner } = await newPair(world)
    await newDeed(owner, written)
    expect(await find(owner, asked)).toEqual([])
  })

  const hostile = [
    "' & | ! <-> :*",
    "'",
    "''",
    '\\',
    '"',
    '""" "" "',
    '- - -',
    '!!!',
    ':*',
    '<->',
    '( ) & ( |',
    "'); drop table users; --",
    '%_',
    '\u200f\u202e',
    'ء',
    '🙂🙂',
    'or',
    '-',
    '-or or-',
    '\n\t',
    'a:*b | c',
    '"unfinished phrase',
    'x'.repeat(20_000),
    'x '.repeat(10_000),
    '"x" -'.repeat(2_000),
    'ا'.repeat(5_000),
  ]
  test.each(hostile.map((asked) => [asked.slice(0, 30), asked]))(
    '%j finds no more than is there, and breaks nothing',
    async (_start, asked) => {
      const { owner } = await newPair(world)
      await newDeed(owner, 'Prayer')
      expect(await find(owner, asked)).toEqual([])
    },
  )

  test('any text can be written and searched for', async () => {
    const { owner } = await newPair(world)
    const deed = await newDeed(owner, 'Text')
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        const clean = text.replaceAll('\u0000', '')
        await owner.query('update deeds set description = $1 where deed_id = $2', [clean, deed])
        await find(owner, clean)
        await owner.query('select search_matches($1, $2)', [[clean.replaceAll('\n', ' ')], clean])
      }),
      { numRuns: 100 },
    )
  })

  test('a word longer than any is found by its beginning', async () => {
    const { owner } = await newPair(world)
    const deed = await newDeed(owner, 'Text')
    await owner.query('update deeds set description = $1 where deed_id = $2', ['y'.repeat(2_000), deed])
    expect(await find(owner, 'y'.repeat(2_000))).toEqual([`deed ${deed}`])
    expect(await find(owner, 'yyy')).toEqual([`deed ${deed}`])
  })

  test('names count for more than descriptions, those for more than notes', async () => {
    const { owner } = await newPair(world)
    const described = await newDeed(owner, 'Charity')
    await owner.query("update deeds set description = 'Before each prayer' where deed_id = $1", [described])
    const item = await newItem(owner, described, 'Coins')
    await record(owner, owner, item, '2026-01-01', 1, 'after the prayer')
    await record(owner, owner, item, '2026-01-02', 1, 'after the prayer')
    const named = await newDeed(owner, 'Prayer')
    expect(await find(owner, 'prayer')).toEqual([
      `deed ${named}`,
      `deed ${described}`,
      `note ${item} 2026-01-02`,
      `note ${item} 2026-01-01`,
    ])
    expect(await find(owner, 'prayer', '{note}')).toHaveLength(2)
  })
})
