// What is asked by HTTP and not by GraphQL is refused as GraphQL refuses: a code, a reason, and what to do.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newUser } from './support/people.ts'
import { startService, type TestService, testToken } from './support/service.ts'

let service: TestService
let authorization: string
beforeAll(async () => {
  service = await startService()
  authorization = `Bearer ${testToken(await newUser(service.database, 'Leila'))}`
})
afterAll(() => service.stop())

const json = { 'content-type': 'application/json' }
const me = '{ me { sessions { nodes { id } } } }'
/** As somebody who is logged in. */
const exporting = (payload: object | string, headers: object = json) => ({
  method: 'POST' as const,
  url: '/export',
  headers,
  payload,
  isLoggedIn: true,
})

interface Sent {
  readonly method?: 'POST' | 'PUT'
  readonly url: string
  readonly headers?: object
  readonly payload?: object | string
  readonly isLoggedIn?: boolean
}

test.each([
  [
    'an export without a token',
    { method: 'POST', url: '/export', headers: json, payload: { document: me } },
    [401, 'UNAUTHENTICATED', 'LOGIN_NEEDED', /Log in to do this, and send the access token/],
  ],
  [
    'an export with a token that is none',
    { url: '/export', headers: { authorization: 'Bearer x' } },
    [401, 'UNAUTHENTICATED', 'INVALID_TOKEN', /token/],
  ],
  ['an export of nothing', exporting({}), [400, 'BAD_USER_INPUT', 'INVALID_REQUEST', /a GraphQL query/]],
  [
    'an export in no format',
    exporting({ document: me }),
    [400, 'BAD_USER_INPUT', 'INVALID_REQUEST', /^Say what it is to be: `format=csv`/],
  ],
  [
    'an export of more than was asked for',
    exporting({ document: me, fromat: 'csv' }),
    [400, 'BAD_USER_INPUT', 'INVALID_REQUEST', /there are document, variables/],
  ],
  [
    'an export of a form',
    exporting('x', { 'content-type': 'text/plain' }),
    [415, 'BAD_USER_INPUT', 'INVALID_REQUEST', /application\/json/],
  ],
  ['a download that is none', { url: '/exports/x' }, [404, 'NOT_FOUND', undefined, /ask for one with `exportMyData`/]],
  [
    'an upload to nowhere',
    { method: 'PUT', url: '/uploads/x', payload: 'x' },
    [404, 'NOT_FOUND', undefined, /ask for one with `requestUpload`/],
  ],
  ['another path', { url: '/nowhere' }, [404, 'NOT_FOUND', undefined, /GraphQL is at \/graphql/]],
] as const)('%s is refused with what to do', async (_, request, [status, code, reason, message]) => {
  const { isLoggedIn = false, headers = {}, ...sent }: Sent = request
  const answer = await service.app.http.inject({
    ...sent,
    headers: { ...headers, ...(isLoggedIn && { authorization }) },
  })
  const [error] = answer.json().errors
  expect([answer.statusCode, error.extensions.code, error.extensions.reason]).toEqual([status, code, reason])
  expect(error.message).toMatch(message)
})

test.each(['GET', 'POST'] as const)('%s of a link that turns nothing off says what to do', async (method) => {
  const answer = await service.app.http.inject({ method, url: '/turn-off?token=x' })
  expect(answer.statusCode).toBe(404)
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(answer.body).toMatch(/<h1>[^<]+<\/h1>\s*<p>[^<]*(reminders|settings)[^<]*<\/p>/)
})
