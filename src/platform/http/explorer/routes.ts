import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { conflict, forbidden } from '../../graphql/errors.ts'
import { sendError } from '../error-answers.ts'
import { serveAssets } from '../page-assets.ts'
import { contentSecurityPolicy, protectPage } from '../page-security.ts'
import type { DemoPerson } from '../signed-in-page/render.ts'
import { readExplorerAssets } from './assets.ts'
import { renderExplorer } from './page.ts'
import type { ReadyQueries } from './ready-queries.ts'

/** What a session begins with, as in GraphQL's `SessionPayload`. */
export interface SessionTokens {
  readonly accessToken: string
  /** RFC 3339. */
  readonly accessTokenExpiresAt: string
  readonly refreshToken: string
}

export interface ExplorerOptions {
  readonly graphqlPath: string
  readonly exportPath: string
  readonly readyQueries: ReadyQueries
  /** Whom the page offers to be; empty where there is no demo world. */
  readonly people: readonly DemoPerson[]
  /** Opens a session for the code of the printed link, once; null = no such code. Left out where there is no demo world. */
  readonly exchangeCode?: (code: string, request: FastifyRequest) => Promise<SessionTokens | null>
}

const assetsPath = '/explorer/assets'
/** Where the code of the printed link is exchanged. */
export const sessionPath = '/explorer/session'
const loopbackNames = new Set(['127.0.0.1', '[::1]', 'localhost'])
const loopbackAddress = /^(::ffff:)?127\.|^::1$/

/** A Fastify plugin: the explorer at `/`, its files, and the exchange of the one-time code. It loads nothing from elsewhere. */
export async function explorerRoutes(app: FastifyInstance, options: ExplorerOptions): Promise<void> {
  const { graphqlPath, exportPath, readyQueries, people, exchangeCode } = options
  const folder = serveAssets(app, assetsPath, readExplorerAssets())
  const settings = {
    graphqlPath,
    exportPath,
    sessionPath,
    readyQueries,
    people,
    acceptsCode: exchangeCode !== undefined,
  }

  app.get('/', (_request, reply) => {
    const nonce = randomBytes(16).toString('base64')
    protectPage(reply, contentSecurityPolicy(nonce))
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(renderExplorer(settings, folder, nonce))
  })

  if (exchangeCode !== undefined) {
    app.post(sessionPath, { bodyLimit: 1024 }, async (request, reply) => {
      reply.header('cache-control', 'no-store')
      if (!comesFromOurPage(request)) return sendError(request, reply, notOurPage(), 403)
      const tokens = await exchangeCode(codeOf(request.body), request)
      return tokens ?? sendError(request, reply, linkUsed(), 410)
    })
  }
}

function notOurPage() {
  return forbidden('Only the explorer itself may ask this: open the link that was printed, on this machine.')
}

function linkUsed() {
  const message = 'This link was used already, or is from an earlier start.'
  return conflict(message, { reason: 'LINK_EXPIRED' })
}

/**
 * A session is given to nobody but our page in a browser on this machine: another site's page is refused by its origin, also
 * when its name was made to lead here, and so is another machine.
 */
function comesFromOurPage(request: FastifyRequest): boolean {
  const { origin, host, 'sec-fetch-site': site } = request.headers
  if (!loopbackAddress.test(request.socket.remoteAddress ?? '')) return false
  if (origin === undefined || !URL.canParse(origin)) return false
  const { host: originHost, hostname } = new URL(origin)
  return originHost === host && loopbackNames.has(hostname) && (site === undefined || site === 'same-origin')
}

function codeOf(body: unknown): string {
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : ''
  return typeof code === 'string' ? code : ''
}
