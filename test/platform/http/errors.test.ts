import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { GraphQLError } from 'graphql'
import pg from 'pg'
import { conflict, rateLimited, unavailable } from '../../../src/platform/graphql/errors.ts'
import { ObjectsUnavailable } from '../../../src/platform/objects/objects.ts'
import { type PlatformService, startPlatform } from '../../support/platform-service.ts'

let service: PlatformService

const secret = 'Key (email)=(leila@kitaab.example) already exists.'

function databaseError(code: string, message: string) {
  const error = new pg.DatabaseError(message, 100, 'error')
  return Object.assign(error, {
    code,
    detail: secret,
    where: 'insert into users',
    hint: secret,
    table: 'users',
    constraint: 'users_email_key',
  })
}

const failures: Record<string, () => unknown> = {
  plain: () => {
    throw new Error('select * from users at /srv/kitaab')
  },
  text: () => {
    throw 'password=hunter2'
  },
  database: () => {
    throw databaseError('23505', 'duplicate key value violates unique constraint "users_email_key"')
  },
  data: () => {
    throw databaseError('22P02', 'invalid input syntax for type bigint: "my diary"')
  },
  foreignCode: () => {
    throw Object.assign(new Error('of a driver'), { extensions: { code: 'FORBIDDEN', secret } })
  },
  uncoded: () => {
    throw new GraphQLError('of a library, with select 1')
  },
  nothing: () => null,
  stale: () => {
    throw conflict('It has version 3.', { reason: 'STALE_VERSION', currentVersion: 3 })
  },
  often: () => {
    throw rateLimited('Too many failures.', 60)
  },
  away: () => {
    throw unavailable()
  },
  fullDisk: () => {
    throw databaseError('53100', 'could not extend file "base/5/16384": No space left on device')
  },
  fullFolder: () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  },
  noFiles: () => {
    throw new ObjectsUnavailable('s3.internal could not store exports/5/a.zip: 503 SlowDown.')
  },
  fine: () => 'fine',
}

beforeAll(async () => {
  service = await startPlatform({
    typeDefs: `
      type Query {
        fail(how: String!): String @public
        need(how: String!): String! @public
        thing: Thing @public
      }
      type Thing @scope(read: DEEDS_READ) { things: [Thing!]! @listSize(assumed: 1) fail(how: String!): String }
    `,
    resolvers: {
      Query: {
        fail: (_: unknown, { how }: { how: string }) => failures[how]?.(),
        need: (_: unknown, { how }: { how: string }) => failures[how]?.(),
        thing: () => ({ things: [{}, {}] }),
      },
      Thing: { fail: (_: unknown, { how }: { how: string }) => failures[how]?.() },
    },
  })
})

afterAll(() => service.stop())

test.each(['plain', 'text', 'database', 'data', 'foreignCode', 'uncoded'])(
  'ERR-3 an unexpected failure (%s) is answered INTERNAL with the request id, nothing of it shown, and logged once',
  async (how) => {
    const before = service.log.length
    const { status, headers, data, errors } = await service.ask(`{ fail(how: "${how}") fine: fail(how: "fine") }`)
    expect(status).toBe(200)
    expect(data).toEqual({ fail: null, fine: 'fine' })
    expect(errors).toEqual([
      {
        message: 'Something went wrong on our side. It has been logged.',
        locations: [{ line: 1, column: 3 }],
        path: ['fail'],
        extensions: { code: 'INTERNAL', requestId: headers['x-request-id'] },
      },
    ])
    const logged = service.log
      .slice(before)
      .map((line) => JSON.parse(line))
      .filter(({ level }) => level === 'error')
    expect(logged).toMatchObject([{ msg: 'a request failed', requestId: headers['x-request-id'], path: ['fail'] }])
  },
)

test.each([
  ['fullDisk', 'DISK_FULL', 'make room', 'could not extend file'],
  ['fullFolder', 'DISK_FULL', 'make room', 'ENOSPC'],
  ['noFiles', 'FILES_UNAVAILABLE', 'later', 'SlowDown'],
])(
  'ERR-1 an outage (%s) is UNAVAILABLE with what to do, nothing of it shown, and logged',
  async (how, reason, advice, cause) => {
    const before = service.log.length
    const { status, headers, errors } = await service.ask(`{ fail(how: "${how}") }`)
    expect([status, headers['retry-after']]).toEqual([503, '60'])
    expect(errors).toMatchObject([
      { message: expect.stringContaining(advice), extensions: { code: 'UNAVAILABLE', reason, retryAfter: 60 } },
    ])
    expect(JSON.stringify(errors)).not.toContain(cause)
    expect(service.log.slice(before).filter((line) => line.includes('"error"'))).toEqual([
      expect.stringContaining(cause),
    ])
  },
)

test('ERR-3 the log tells what failed, but no rows and no values of the database', async () => {
  const before = service.log.length
  await service.ask('{ a: fail(how: "database") b: fail(how: "data") }')
  const log = service.log.slice(before).join('')
  expect(log).toContain('users_email_key')
  expect(log).toContain('22P02')
  expect(log).not.toContain('leila@kitaab.example')
  expect(log).not.toContain('my diary')
})

test('ERR-3 one failure under many fields is logged once', async () => {
  const before = service.log.length
  const shared = new Error('one')
  failures.shared = () => {
    throw shared
  }
  const { errors } = await service.ask('{ thing { things { fail(how: "shared") } } }')
  expect(errors).toHaveLength(2)
  expect(service.log.slice(before).filter((line) => line.includes('"error"'))).toHaveLength(1)
})

test('ERR-3 null where the schema promises a value is our defect', async () => {
  const { status, data, errors } = await service.ask('{ need(how: "nothing") }')
  expect(status).toBe(200)
  expect(data).toBeNull()
  expect(errors[0].extensions.code).toBe('INTERNAL')
  expect(errors[0].message).not.toContain('non-nullable')
})

test('ERR-1 coded errors are answered as they were thrown, with HTTP 200 as execution began', async () => {
  const { status, errors, headers } = await service.ask(
    '{ a: fail(how: "stale") b: fail(how: "often") c: fail(how: "fine") }',
  )
  expect(status).toBe(200)
  expect(errors.map(({ path, extensions }) => [path, extensions])).toEqual([
    [['a'], { code: 'CONFLICT', reason: 'STALE_VERSION', currentVersion: 3 }],
    [['b'], { code: 'RATE_LIMITED', retryAfter: 60 }],
  ])
  expect(headers['retry-after']).toBeUndefined()
})

test('ERR-2 null without an error is an answer', async () => {
  expect(await service.ask('{ fail(how: "nothing") }')).toMatchObject({ status: 200, data: { fail: null } })
})

test('ERR-2 an answer of which nothing could be had is 503 with Retry-After; beside something it is 200', async () => {
  const none = await service.ask('{ a: fail(how: "away") b: fail(how: "away") }')
  expect([none.status, none.headers['retry-after']]).toEqual([503, '1'])
  expect(none.errors[0].extensions).toEqual({ code: 'UNAVAILABLE', retryAfter: 1 })
  const some = await service.ask('{ a: fail(how: "away") b: fail(how: "fine") }')
  expect([some.status, some.headers['retry-after'], some.data.b]).toEqual([200, undefined, 'fine'])
  const other = await service.ask('{ a: fail(how: "away") b: fail(how: "stale") }')
  expect(other.status).toBe(200)
})
