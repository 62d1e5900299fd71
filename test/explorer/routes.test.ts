import { afterAll, beforeAll, expect, test } from '@jest/globals'
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import { makeOneTimeCode } from '../../src/platform/http/explorer/one-time-code.ts'
import { readReadyQuery } from '../../src/platform/http/explorer/ready-queries.ts'
import { explorerRoutes } from '../../src/platform/http/explorer/routes.ts'

const tokens = {
  accessToken: 'an access token',
  accessTokenExpiresAt: '2026-11-20T10:00:00Z',
  refreshToken: 'a refresh token',
}
const question = readReadyQuery('# </script><b>Title\nquery Question { me { id } }', '1-asked/1-question.graphql')
const readyQueries = {
  all: [question],
  page: { logIn: '', refreshSession: '', logOut: '', signedIn: question, surveys: question },
}
const host = '127.0.0.1:4000'
const { code, take } = makeOneTimeCode()
let app: FastifyInstance

beforeAll(async () => {
  app = Fastify()
  const exchangeCode = async (candidate: string) => (take(candidate) ? tokens : null)
  await app.register(explorerRoutes, {
    graphqlPath: '/graphql',
    exportPath: '/export',
    readyQueries,
    people: [],
    exchangeCode,
  })
})
afterAll(() => app.close())

test('the page runs its own scripts and no other, with a nonce that is new each time, and is never kept', async () => {
  const [first, second] = [await get('/'), await get('/')]
  const policy = String(first.headers['content-security-policy'])
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1]
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(first.body.match(/<script [^>]*>/g)).toEqual(
    expect.arrayContaining([
      expect.stringContaining(`nonce="${nonce}"`),
      expect.stringContaining('type="application/json"'),
    ]),
  )
  expect(second.headers['content-security-policy']).not.toBe(policy)
  expect(first.headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
})

test('a text of a ready query cannot end the script that holds it', async () => {
  const { body } = await get('/')
  expect(body).not.toContain('</script><b>')
  expect(body).toContain('\\u003c/script>\\u003cb>Title')
})

test('each file of the page is there, may be kept for ever, and comes compressed to who asks', async () => {
  const { body } = await get('/')
  const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file)
  expect(files.length).toBeGreaterThan(8)
  for (const file of files) {
    const plain = await get(file)
    expect(plain).toMatchObject({
      statusCode: 200,
      headers: { 'cache-control': 'public, max-age=31536000, immutable' },
    })
    const zipped = await get(file, { 'accept-encoding': 'gzip, br' })
    expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(zipped.rawPayload.length).toBeLessThan(plain.rawPayload.length + 100)
    expect(await get(file, { 'if-none-match': String(plain.headers.etag) })).toMatchObject({
      statusCode: 304,
      body: '',
    })
  }
})

test.each(['../routes.ts', '..%2froutes.ts', 'graphiql.min.js.map', 'package.json', '%00', 'constructor'])(
  'nothing but those files is served: %s',
  async (name) => {
    const folder = /"(\/explorer\/assets\/[^/"]+)\//.exec((await get('/')).body)?.[1]
    expect((await get(`${folder}/${name}`)).statusCode).toBe(404)
  },
)

test.each([
  ['another site', { origin: 'https://elsewhere.example' }],
  ['another port', { origin: 'http://127.0.0.1:5000' }],
  ['another scheme of the same host', { origin: 'null' }],
  ['a name that somebody made to lead here', { origin: 'http://rebound.example:4000', host: 'rebound.example:4000' }],
  ['no page at all', { origin: undefined }],
  ['a page of the same site', { 'sec-fetch-site': 'same-site' }],
  ['another machine', { remoteAddress: '192.0.2.7' }],
])(
  'no session is given to %s, and the code stays good',
  async (_who, { remoteAddress, ...headers }: Record<string, string | undefined>) => {
    const answer = await exchange(code, headers, remoteAddress)
    expect(answer).toMatchObject({ statusCode: 403 })
    expect(answer.body).not.toContain('token')
  },
)

test.each([['wrong'], [''], [code.slice(0, -1)], [null], [{ toString: 'x' }]])(
  'a wrong code gives no session: %j',
  async (wrong) => {
    expect(await exchange(wrong)).toMatchObject({ statusCode: 410 })
  },
)

test('the code gives a session once, to be kept by nobody else', async () => {
  const first = await exchange(code)
  expect(first).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'no-store' } })
  expect(first.json()).toEqual(tokens)
  expect(await exchange(code)).toMatchObject({ statusCode: 410 })
})

test('where there is no demo world, no code is taken', async () => {
  const plain = Fastify()
  await plain.register(explorerRoutes, { graphqlPath: '/graphql', exportPath: '/export', readyQueries, people: [] })
  const answer = await plain.inject({ method: 'POST', url: '/explorer/session', payload: { code } })
  expect(answer.statusCode).toBe(404)
  expect((await plain.inject('/')).body).toContain('"acceptsCode":false')
  await plain.close()
})

function get(url: string, headers: Record<string, string> = {}) {
  return app.inject({ url, headers: { host, ...headers } })
}

function exchange(candidate: unknown, headers: Record<string, string | undefined> = {}, remoteAddress = '127.0.0.1') {
  const sent = Object.entries({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin', ...headers })
  const request: InjectOptions = {
    method: 'POST',
    url: '/explorer/session',
    headers: Object.fromEntries(sent.filter(([, value]) => value !== undefined)),
    payload: { code: candidate },
    remoteAddress,
  }
  return app.inject(request)
}
