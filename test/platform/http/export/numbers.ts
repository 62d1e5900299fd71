import {
  type PlatformOptions,
  type PlatformService,
  startPlatform,
  tokenOf,
} from '../../../support/platform-service.ts'

const typeDefs = `
  type Query {
    numbers(upTo: Int!, failAt: Int = 0, "1..500." first: Int = 20, after: String): NumberConnection! @requires(scope: DEEDS_READ)
    squares("1..100." first: Int = 20, after: String): NumberConnection! @requires(scope: DEEDS_READ)
    shelf: Shelf @requires(scope: DEEDS_READ)
    shelves: [Shelf!]! @requires(scope: DEEDS_READ) @listSize(assumed: 3)
  }
  type Mutation { count: Int! @requires(scope: DEEDS_READ) }
  type Shelf @scope(read: DEEDS_READ) {
    name: String!
    numbers(upTo: Int!, failAt: Int = 0, "1..500." first: Int = 20, after: String): NumberConnection!
  }
  type NumberConnection { edges: [NumberEdge!]! nodes: [Number!]! pageInfo: PageInfo! totalCount: Int }
  type NumberEdge { cursor: String! node: Number! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type Number @scope(read: DEEDS_READ) {
    value: Int!
    half: Decimal
    word(text: String): String
    day: Date
    more: JSONObject
    factors: [Factor!]! @listSize(assumed: 3)
    sign: Sign
    below("1..10." first: Int = 2, after: String): NumberConnection!
  }
  type Sign @scope(read: DEEDS_READ) { name: String! of: Number! }
  type Factor @scope(read: DEEDS_READ) { value: Int! }
`

/** Sizes of the pages that were asked for, in this order. */
export const pagesAsked: number[] = []

interface Asked {
  upTo?: number
  failAt?: number
  first: number
  after?: string | null
}

function numbers(_parent: unknown, { upTo = 30, failAt = 0, first, after }: Asked) {
  pagesAsked.push(first)
  const from = Number(after ?? 0) + 1
  const values = Array.from({ length: Math.min(first, upTo - from + 1) }, (_, index) => from + index)
  if (failAt > 0 && values.includes(failAt)) throw new Error('a secret of the database')
  const hasNextPage = from + first <= upTo
  return {
    rows: values.map(numberOf),
    cursors: values.map(String),
    hasNextPage,
    hasPreviousPage: from > 1,
    countAll: async () => (upTo > 10_000 ? null : upTo),
  }
}

function numberOf(value: number) {
  return {
    value,
    half: String(-value / 2),
    word: ({ text }: { text?: string }) => (text === undefined ? null : text),
    day: '2026-01-02',
    more: { value },
    factors: [1, value].map((factor) => ({ value: factor })),
    sign: value % 2 ? { name: 'odd', of: { value } } : null,
  }
}

/** A service that counts: lists as long as one asks for. */
export function startNumbers(options: Partial<PlatformOptions> = {}): Promise<PlatformService> {
  pagesAsked.length = 0
  return startPlatform({
    ...options,
    typeDefs,
    resolvers: {
      Query: { numbers, squares: numbers, shelf: () => ({ name: 'high' }), shelves: () => [{ name: 'low' }] },
      Mutation: { count: () => 1 },
      Shelf: { numbers },
      Number: { below: (_: unknown, asked: Asked) => numbers(_, { ...asked, upTo: 2 }) },
    },
  })
}

export const reader = { userId: '7', scopes: ['DEEDS_READ'] }

export interface Exported {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly body: string
}

/** Asks for an export in process. */
export async function exported(
  { http }: PlatformService,
  document: string,
  { variables = {}, format = 'csv', as = reader as object, ...more }: Record<string, unknown> = {},
): Promise<Exported> {
  const response = await http.inject({
    method: 'POST',
    url: '/export',
    headers: { authorization: `Bearer ${tokenOf(as as object)}` },
    payload: { document, variables: variables as object, format, ...more },
  })
  return { status: response.statusCode, headers: response.headers, body: response.body }
}

export function refusal({ body, status }: Exported) {
  const [error] = JSON.parse(body).errors
  return { status, code: error.extensions.code, reason: error.extensions.reason, message: error.message }
}
