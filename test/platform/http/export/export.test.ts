import { afterEach, describe, expect, test } from '@jest/globals'
import type { PlatformService } from '../../../support/platform-service.ts'
import { tokenOf } from '../../../support/platform-service.ts'
import { exported, pagesAsked, reader, refusal, startNumbers } from './numbers.ts'

let service: PlatformService
afterEach(() => service.stop())

const all = (upTo: number) => `{ numbers(upTo: ${upTo}) { nodes { value } } }`

describe('rows', () => {
  test('all of a list come, page by page, and each once', async () => {
    service = await startNumbers()
    const { body, headers, status } = await exported(service, all(1203))
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
    expect(headers['content-disposition']).toBe('attachment; filename="numbers.csv"')
    expect(body.split('\r\n')).toEqual(['value', ...Array.from({ length: 1203 }, (_, index) => String(index + 1)), ''])
    expect(pagesAsked).toEqual([1, 500, 500, 500])
  })

  test('columns are what is selected, with dots; lists are JSON; null is nothing and an empty text is quoted', async () => {
    service = await startNumbers()
    const document = `
      query Numbers($text: String) { numbers(upTo: 2) { edges { cursor node { ...N  __typename } } } }
      fragment N on Number {
        value half day more factors { value } sign { kind: name of { value } } sign { name }
        none: word empty: word(text: "") said: word(text: $text) below { nodes { value } }
      }`
    const { body, headers } = await exported(service, document, { variables: { text: 'say "no",\nplease' } })
    expect(headers['content-disposition']).toContain('Numbers.csv')
    expect(body).toBe(
      [
        'value,half,day,more,factors,sign.kind,sign.of.value,sign.name,none,empty,said,below.nodes,__typename',
        '1,-0.5,2026-01-02,"{""value"":1}","[{""value"":1},{""value"":1}]",odd,1,odd,,"","say ""no"",\nplease","[{""value"":1},{""value"":2}]",Number',
        '2,-1,2026-01-02,"{""value"":2}","[{""value"":1},{""value"":2}]",,,,,"","say ""no"",\nplease","[{""value"":1},{""value"":2}]",Number',
        '',
      ].join('\r\n'),
    )
  })

  test.each(['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', "'=1"])(
    'a text that a spreadsheet would take for a formula, %j, has an apostrophe in front; numbers are as they are',
    async (text) => {
      service = await startNumbers()
      const { body } = await exported(
        service,
        'query N($t: String) { numbers(upTo: 1) { nodes { half word(text: $t) } } }',
        {
          variables: { t: text },
        },
      )
      const cell = text.includes('\r') ? `"'${text}"` : `'${text}`
      expect(body).toBe(`half,word\r\n-0.5,${cell}\r\n`)
    },
  )

  test('JSON Lines have the same columns, and lists as they are', async () => {
    service = await startNumbers()
    const { body, headers } = await exported(
      service,
      '{ numbers(upTo: 2) { nodes { value word(text: "=1") sign { name } factors { value } } } }',
      { format: 'jsonl' },
    )
    expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
    expect(
      body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { value: 1, word: '=1', 'sign.name': 'odd', factors: [{ value: 1 }, { value: 1 }] },
      { value: 2, word: '=1', 'sign.name': null, factors: [{ value: 1 }, { value: 2 }] },
    ])
  })

  test('an empty list is a header, or nothing', async () => {
    service = await startNumbers()
    expect((await exported(service, all(0))).body).toBe('value\r\n')
    expect((await exported(service, all(0), { format: 'jsonl' })).body).toBe('')
  })

  test('`first` of the document does not matter, `after` is where it begins', async () => {
    service = await startNumbers()
    const document = 'query N($a: String = "6") { numbers(upTo: 8, first: 1, after: $a) { nodes { value } } }'
    expect((await exported(service, document)).body).toBe('value\r\n7\r\n8\r\n')
    expect((await exported(service, document, { variables: { a: '7' } })).body).toBe('value\r\n8\r\n')
  })

  test('a page never costs more than a document may', async () => {
    service = await startNumbers({ limits: { cost: 1_000 } })
    const document = '{ numbers(upTo: 300) { nodes { value factors { value } sign { name } } } }'
    const { body } = await exported(service, document, { format: 'jsonl' })
    expect(body.trim().split('\n')).toHaveLength(300)
    expect(pagesAsked).toEqual([125, 125, 125])
  })
})

describe('what is asked', () => {
  const cases: [string, string, object][] = [
    [
      'no list',
      '{ shelf { name } }',
      { reason: 'INVALID_DOCUMENT', message: expect.stringContaining('has no list to export') },
    ],
    [
      'two lists',
      '{ numbers(upTo: 1) { nodes { value } } shelf { numbers(upTo: 1) { nodes { value } } } }',
      {
        reason: 'INVALID_DOCUMENT',
        message: 'This document has 2 lists: `numbers`, `shelf.numbers`. Export one at a time.',
      },
    ],
    [
      'a list of each of a list',
      '{ shelves { numbers(upTo: 1) { nodes { value } } } }',
      { reason: 'INVALID_DOCUMENT', message: expect.stringContaining('is a list for each of `shelves`') },
    ],
    [
      'no rows',
      '{ numbers(upTo: 1) { totalCount } }',
      { message: 'Select what a row holds: `numbers { nodes { ... } }`.' },
    ],
    [
      'rows twice',
      '{ numbers(upTo: 1) { nodes { value } edges { node { half } } } }',
      { message: 'The rows of `numbers` are selected 2 times; select them once.' },
    ],
    ['a mutation', 'mutation { count }', { message: 'Only queries are exported.' }],
    ['no GraphQL', '{ numbers(', { reason: 'SYNTAX' }],
    ['an unknown field', '{ numberz { nodes { value } } }', { reason: 'INVALID_DOCUMENT' }],
    ['a bad variable', 'query N($n: Int!) { numbers(upTo: $n) { nodes { value } } }', { reason: 'INVALID_VARIABLE' }],
    [
      'what costs too much',
      '{ numbers(upTo: 1, first: 500) { nodes { factors { value } below { nodes { factors { value } } } } } }',
      { code: 'QUERY_TOO_COSTLY' },
    ],
  ]
  test.each(cases)('%s is refused, with what to do', async (_name, document, expected) => {
    service = await startNumbers()
    const refused = refusal(await exported(service, document))
    expect(refused).toMatchObject({ status: 400, code: 'BAD_USER_INPUT', ...expected })
    expect(pagesAsked).toEqual([])
  })

  test('lists inside the rows, other fields beside it, and the same list asked twice are no hindrance', async () => {
    service = await startNumbers()
    const document = `{ shelf { name ...S numbers(upTo: 1) { nodes { half } } } other: shelf { name } }
      fragment S on Shelf { numbers(upTo: 1) { totalCount nodes { value } } }`
    expect((await exported(service, document)).body).toBe('value,half\r\n1,-0.5\r\n')
  })

  test('a list that is left out is told', async () => {
    service = await startNumbers()
    const document = (place: string) => `{ shelf { ${place} { nodes { value } } } }`
    expect(refusal(await exported(service, document('numbers(upTo: 1) @skip(if: true)'))).status).toBe(404)
    const rows = '{ numbers(upTo: 1) { nodes @include(if: false) { value } } }'
    expect((await exported(service, rows)).body).toBe('value\r\n""\r\n')
  })

  test('a link says its format, or `Accept` does; neither is refused', async () => {
    service = await startNumbers()
    const get = (query: Record<string, string>, accept?: string) =>
      service.http.inject({
        method: 'GET',
        url: '/export',
        query,
        headers: { authorization: `Bearer ${tokenOf(reader)}`, ...(accept && { accept }) },
      })
    const document = 'query N($n: Int!) { numbers(upTo: $n) { nodes { value } } }'
    const variables = '{"n":1}'
    expect((await get({ document, variables, format: 'csv' })).body).toBe('value\r\n1\r\n')
    expect((await get({ document, variables }, 'text/html, text/csv;q=0.9')).body).toBe('value\r\n1\r\n')
    expect((await get({ document, variables }, 'application/x-ndjson')).body).toBe('{"value":1}\n')
    for (const [query, field] of [
      [{ document, variables }, 'format'],
      [{ document, variables, format: 'xlsx' }, 'format'],
      [{ document, variables: '[1]', format: 'csv' }, 'variables'],
      [{ document, variables: '{', format: 'csv' }, 'variables'],
      [{ variables, format: 'csv' }, 'document'],
    ] as const) {
      const answer = await get(query as never, 'text/html,*/*')
      expect(answer.statusCode).toBe(400)
      expect(answer.json().errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field })
    }
    expect((await get({ document, query: '{ a }' })).json().errors[0].message).toContain('`query` means nothing here')
  })

  test('nobody, and whoever lacks the scope, gets nothing', async () => {
    service = await startNumbers()
    const anonymous = await service.http.inject({
      method: 'POST',
      url: '/export',
      payload: { document: all(1), format: 'csv' },
    })
    expect(anonymous.statusCode).toBe(401)
    expect(refusal(await exported(service, all(1), { as: { scopes: ['GOALS_READ'] } }))).toMatchObject({
      status: 403,
      reason: 'MISSING_SCOPE',
    })
    expect(pagesAsked).toEqual([])
  })
})

describe('bounds', () => {
  test('of a longer list JSON Lines give the first rows, and where to go on', async () => {
    service = await startNumbers({ limits: { exportRows: 1_000 } })
    const { body } = await exported(service, all(1_001), { format: 'jsonl' })
    const lines = body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(1_001)
    expect(lines[999]).toEqual({ value: 1_000 })
    expect(lines[1_000]).toEqual({
      errors: [
        {
          message: expect.stringContaining('more than 1000 rows'),
          extensions: { code: 'QUERY_TOO_COSTLY', limit: 'ROWS', allowed: 1_000, asked: 1_001, after: '1000' },
        },
      ],
    })
  })

  test.each([1_001, 20_000])('a longer list, of %d, is refused as CSV before its first row', async (upTo) => {
    service = await startNumbers({ limits: { exportRows: 1_000 } })
    expect(refusal(await exported(service, all(upTo)))).toMatchObject({ status: 400, code: 'QUERY_TOO_COSTLY' })
    expect((await exported(service, all(1_000))).body.split('\r\n')).toHaveLength(1_002)
  })

  test('so many exports an hour, and so many rows; what was refused before it began is not counted', async () => {
    service = await startNumbers({ limits: { exportsPerHour: 3, exportedRowsPerHour: 100 } })
    await exported(service, '{ nothing }')
    expect((await exported(service, all(1))).status).toBe(200)
    expect((await exported(service, all(200))).status).toBe(200)
    expect((await exported(service, all(1), { as: { ...reader, userId: '8' } })).status).toBe(200)
    const { status, headers, body } = await exported(service, all(1))
    expect(status).toBe(429)
    expect(Number(headers['retry-after'])).toBeGreaterThan(3_000)
    expect(body).toContain('More than 3 exports, or 100 exported rows, in an hour.')
  })
})
