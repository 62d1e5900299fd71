import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startService, type TestService } from '../../../support/service.ts'

let service: TestService
beforeAll(async () => {
  service = await startService({ config: { production: true, explorer: false } })
})
afterAll(() => service.stop())

const get = (url: string) => service.app.http.inject(url)
const pages = ['/verify-email', '/reset-password', '/register']

test.each(pages)(
  '%s is there without the explorer, runs its own scripts and no other, and is never kept',
  async (page) => {
    const [first, second] = [await get(page), await get(page)]
    expect(first.statusCode).toBe(200)
    const policy = String(first.headers['content-security-policy'])
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1]
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(first.body.match(/<script [^>]*>/g)).toEqual([expect.stringContaining(`nonce="${nonce}"`)])
    expect(first.body).not.toMatch(/style="| on\w+="|\{\{/)
    expect(second.headers['content-security-policy']).not.toBe(policy)
    expect(first.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
  },
)

test.each(pages)('%s works below a path of a proxy: nothing it names begins at the root', async (page) => {
  const { body } = await get(page)
  const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file)
  expect(files.length).toBeGreaterThan(3)
  expect(body).not.toMatch(/\{\{|Sign in/) // where there is no explorer, nothing leads there
  for (const file of files) {
    expect(file).toMatch(/^account-pages\/[\w-]{16}\/[\w.-]+$/)
    expect((await get(`/${file}`)).statusCode).toBe(200)
  }
})

test.each(['verify-email.html', '../routes.ts', '..%2froutes.ts', 'constructor'])(
  'nothing but the files of the pages is served: %s',
  async (name) => {
    const folder = /"(account-pages\/[^/"]+)\//.exec((await get('/verify-email')).body)?.[1]
    expect((await get(`/${folder}/account.js`)).statusCode).toBe(200)
    expect((await get(`/${folder}/${name}`)).statusCode).toBe(404)
  },
)
