import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readApart } from '../../../src/domains/transfer/reading/read-apart.ts'
import { temporaryFiles } from '../../support/temporary-files.ts'

let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  files = await temporaryFiles()
})
afterAll(() => files.removeAll())

const { signal } = new AbortController()

/** A table of so many days. */
function tableOf(days: number): string {
  const rows = Array.from(
    { length: days },
    (_, day) => `${1900 + (day % 100)}-01-0${1 + (day % 9)},deed ${day >> 4},1\n`,
  )
  return `date,deed,value\n${rows.join('')}`
}

test('what a thread reads is what is read here', async () => {
  const path = await files.write('small.csv', tableOf(20))
  const { habits, problems } = await readApart({ format: 'csv', path, options: {} }, { signal })
  expect(habits).toHaveLength(2)
  expect(problems.length + habits.flatMap(({ entries }) => entries).length).toBe(20)
})

test('more days than an import takes are refused', async () => {
  const path = await files.write('large.csv', tableOf(300_001))
  await expect(readApart({ format: 'csv', path, options: {} }, { signal })).rejects.toThrow('Split it by years.')
})

test('a file that takes more memory than a thread gets ends the thread alone', async () => {
  const path = await files.write('larger.csv', tableOf(200_000))
  await expect(readApart({ format: 'csv', path, options: {} }, { signal, memoryMb: 16 })).rejects.toThrow(
    'takes more memory than an import gets',
  )
})

test('one that takes too long is left, and so is one that nobody waits for', async () => {
  const path = await files.write('long.csv', tableOf(200_000))
  const reading = { format: 'csv', path, options: {} } as const
  await expect(readApart(reading, { signal, timeoutMs: 1 })).rejects.toThrow('Reading it takes longer than 0.001 s.')
  const leaving = new AbortController()
  const left = readApart(reading, { signal: leaving.signal })
  leaving.abort(new Error('the worker ends'))
  await expect(left).rejects.toThrow('the worker ends')
})
