import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { readAssets, serveAssets } from '../page-assets.ts'
import { contentSecurityPolicy, protectPage } from '../page-security.ts'
import { accountPages } from './paths.ts'

const ofPage = (file: string) => path.join(import.meta.dirname, 'page', file)
const loaded = ['account.css', 'account.js', ...Object.values(accountPages).map((name) => `${name}.js`)]

/**
 * A Fastify plugin: the pages that the links in mails open, and the one where an account is opened. They load nothing from elsewhere, and send what they were opened with to
 * `graphql` beside them, so that they also work below a path of a proxy. Where this service has the explorer, they lead there to sign in.
 */
export async function accountPageRoutes(app: FastifyInstance, parts: { readonly explorer: boolean }): Promise<void> {
  const signIn = parts.explorer ? '<p><a href="./">Sign in</a></p>' : ''
  const files = [
    ...loaded.map((file) => [file, ofPage(file)] as const),
    ['favicon.svg', path.join(import.meta.dirname, '../signed-in-page/page/favicon.svg')] as const,
  ]
  const folder = serveAssets(app, '/account-pages', readAssets(files)).slice(1)
  for (const name of Object.values(accountPages)) {
    const page = fs
      .readFileSync(ofPage(`${name}.html`), 'utf8')
      .replaceAll('{{assets}}', folder)
      .replace('{{signIn}}', signIn)
    app.get(`/${name}`, (_request, reply) => {
      const nonce = randomBytes(16).toString('base64')
      protectPage(reply, contentSecurityPolicy(nonce))
      return reply
        .type('text/html; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(page.replaceAll('{{nonce}}', nonce))
    })
  }
}
