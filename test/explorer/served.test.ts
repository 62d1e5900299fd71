import { afterEach, expect, test } from '@jest/globals'
import { startService, type TestService } from '../support/service.ts'

let service: TestService
afterEach(() => service.stop())

test('where the explorer is off, there is no page', async () => {
  service = await startService({ config: { explorer: false } })
  for (const url of ['/', '/explorer/session']) expect((await service.app.http.inject(url)).statusCode).toBe(404)
})

test('on a database without the demo world it shows the form alone, under its own policy', async () => {
  service = await startService({ config: { explorer: true } })
  const page = await service.app.http.inject('/')
  expect(page.statusCode).toBe(200)
  expect(page.body).toContain('"people":[],"acceptsCode":false')
  expect(page.headers['content-security-policy']).toMatch(/script-src 'nonce-/)
  expect(page.body).not.toContain('kitaab-demo-only')
  const exchange = { method: 'POST', url: '/explorer/session', payload: { code: 'x' } } as const
  expect((await service.app.http.inject(exchange)).statusCode).toBe(404)
})
