import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type PlatformService, startPlatform } from '../../support/platform-service.ts'

let service: PlatformService
let arrived: PromiseWithResolvers<void>
let release: PromiseWithResolvers<string>

beforeAll(async () => {
  service = await startPlatform({
    typeDefs: 'type Query { wait: String @public quick: String @public }',
    resolvers: {
      Query: {
        wait: () => {
          arrived.resolve()
          return release.promise
        },
        quick: () => 'here',
      },
    },
    mostAtOnce: 1,
  })
})
afterAll(() => service.stop())

test('what comes while as many are worked on as may be is told when to come again, and nothing of it is done', async () => {
  arrived = Promise.withResolvers()
  release = Promise.withResolvers()
  const first = service.ask('{ wait }')
  await arrived.promise
  const { status, headers, data, errors } = await service.ask('{ quick }')
  expect(status).toBe(503)
  expect(headers['retry-after']).toBe('1')
  expect(data).toBeUndefined()
  expect(errors[0].extensions).toMatchObject({ code: 'UNAVAILABLE', retryAfter: 1 })
  release.resolve('done')
  expect((await first).data).toEqual({ wait: 'done' })
  expect((await service.ask('{ quick }')).data).toEqual({ quick: 'here' })
})
