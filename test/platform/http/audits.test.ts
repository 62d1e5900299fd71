import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { serverAudits } from 'graphql-http'
import { type PlatformService, startPlatform } from '../../support/platform-service.ts'

let service: PlatformService
let url: string

beforeAll(async () => {
  service = await startPlatform({
    typeDefs: 'type Query { ok: Int @public }',
    // The audits ask more in a minute than one address may.
    limits: { anonymousCostPerMinute: 10_000 },
  })
  url = await service.http.listen({ host: '127.0.0.1', port: 0 })
})

afterAll(() => service.stop())

test.each(serverAudits({ url: () => `${url}/graphql` }).map((audit) => [audit.name, audit] as const))(
  'GraphQL over HTTP: %s',
  async (_, audit) => {
    const result = await audit.fn()
    // MUST fails as "error"; SHOULD and MAY as "warn" and "notice".
    if (result.status === 'error') throw new Error(`${result.reason}`)
    expect(['ok', 'warn', 'notice']).toContain(result.status)
  },
)
