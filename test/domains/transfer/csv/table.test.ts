import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openTable } from '../../../../src/domains/transfer/csv/table.ts'
import { temporaryFiles } from '../../../support/temporary-files.ts'

let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeAll(async () => {
  files = await temporaryFiles()
})
afterAll(() => files.removeAll())

async function tableOf(content: string | Buffer) {
  const { header, delimiter, rows } = await openTable(await files.write('table.csv', content))
  const lines = []
  for await (const { cells, line } of rows) lines.push([line, ...cells])
  return { header, delimiter, rows: lines }
}

describe('what is read', () => {
  test.each([
    [',', 'date,deed\n2026-01-01,"Read, slowly"\n'],
    [';', 'date;deed\n2026-01-01;Read, slowly\n'],
    ['\t', 'date\tdeed\n2026-01-01\tRead, slowly\n'],
    [';', '"a,b,c,d";deed\n2026-01-01;Read, slowly\n'],
  ])('the separator is %j where the header says so', async (delimiter, content) => {
    const table = await tableOf(content)
    expect(table).toMatchObject({ delimiter, rows: [[2, '2026-01-01', 'Read, slowly']] })
  })

  test('a byte order mark, line ends of any system and blank lines are no part of it', async () => {
    const { header, rows } = await tableOf('\ufeff date , deed \r\n\r\n1,a\r\n\n2,b\r3,c')
    expect(header).toEqual(['date', 'deed'])
    expect(rows.map(([, ...cells]) => cells)).toEqual([
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'c'],
    ])
  })

  test('a quoted cell holds line breaks, separators and quotes; rows are told by the line where they begin', async () => {
    const { rows } = await tableOf('a,b\n1,"two\nlines, ""so"""\n\n2,x"y\n3,z\n')
    expect(rows).toEqual([
      [2, '1', 'two\nlines, "so"'],
      [5, '2', 'x"y'],
      [6, '3', 'z'],
    ])
  })

  test('characters of several bytes that lie across blocks are read whole', async () => {
    const { rows } = await tableOf(`a\n${'كتاب\n'.repeat(40_000)}`)
    expect(rows).toHaveLength(40_000)
    expect(new Set(rows.map(([, cell]) => cell))).toEqual(new Set(['كتاب']))
  })

  test('rows are read as they are asked for: a broken one further down is not met before', async () => {
    const many = 'x\n'.repeat(200_000)
    const { rows } = await openTable(await files.write('long.csv', Buffer.from(`a\n${many}\xff\n`, 'latin1')))
    const iterator = rows[Symbol.asyncIterator]()
    expect(await iterator.next()).toMatchObject({ value: { line: 2 } })
    await iterator.return?.()
  })
})

describe('what is refused, with the line', () => {
  test.each([
    ['a byte that is no UTF-8', Buffer.from('a,b\n1,2\n3,\xe9\n', 'latin1'), 'table.csv:3 is not UTF-8'],
    ['UTF-16', Buffer.from('\ufeffa,b\n', 'utf16le'), 'table.csv:1 is not UTF-8'],
    [
      'a broken byte far down',
      Buffer.from(`a\n${'\u00c3\u00a9\n'.repeat(60_000)}\u00e9\n`, 'latin1'),
      'table.csv:60002 is not UTF-8',
    ],
    ['a character that ends with the file', Buffer.from('a\nb\n\xe2\x82', 'latin1'), 'table.csv:3 is not UTF-8'],
    ['NUL', 'a,b\n1,2\n3,\u0000\n', 'table.csv:3 holds the character NUL'],
    ['a quotation mark that nothing closes', 'a,b\n1,2\n3,"x\n4,5\n', 'The row of table.csv:3 does not end'],
    ['a cell of 10 MB', `a,b\n1,2\n3,${'x'.repeat(10_000_000)}\n`, 'The row of table.csv:3 is longer than 65536 bytes'],
    ['an open quotation mark before much', `a\n"x${'\ny'.repeat(100_000)}`, 'The row of table.csv:2 is longer'],
    ['a million columns', `a,b\n${','.repeat(1_000_000)}\n`, 'The row of table.csv:2 is longer'],
    ['a header of a million columns', `${','.repeat(1_000_000)}\n`, 'The row of table.csv:1 is longer'],
    ['a long line below short ones', `a,b\n${'1\n'.repeat(9)}${','.repeat(80_000)}\r`, 'table.csv:11 is longer'],
    ['nothing', '', 'table.csv is empty'],
    ['more rows than a diary has', `a\n${'1\n'.repeat(1_000_001)}`, 'more than 1000000 rows'],
    ['more bytes than a diary has', Buffer.alloc(64 * 1024 * 1024 + 1, 'x\n'), 'at most 67108864 are read'],
  ])('%s', async (_title, content, message) => {
    await expect(tableOf(content)).rejects.toThrow(message)
  })

  test('a path with nothing at it, or a folder', async () => {
    await expect(openTable(path.join(files.folder, 'nowhere.csv'))).rejects.toThrow('There is no file')
    await mkdir(path.join(files.folder, 'folder.csv'))
    await expect(openTable(path.join(files.folder, 'folder.csv'))).rejects.toThrow('is not a file')
  })
})
