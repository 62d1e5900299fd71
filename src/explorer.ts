import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { clientOf } from './domains/identity/client.ts'
import { accountById } from './domains/identity/queries/accounts.ts'
import type { Client } from './domains/identity/queries/sessions.ts'
import { openSession } from './domains/identity/sessions.ts'
import type { Databases } from './platform/database/databases.ts'
import { makeOneTimeCode } from './platform/http/explorer/one-time-code.ts'
import { loadReadyQueries } from './platform/http/explorer/ready-queries.ts'
import { explorerRoutes, type SessionTokens, sessionPath } from './platform/http/explorer/routes.ts'
import { exportPath } from './platform/http/export/export-route.ts'
import type { DemoPerson } from './platform/http/signed-in-page/render.ts'
import type { Services } from './services.ts'
import { surveyMapRoutes } from './survey-map/routes.ts'

/** The demo world that is in a database. */
export interface Demo {
  readonly people: readonly DemoPerson[]
  /** The one as whom the printed link signs in. */
  readonly userId: string
}

export interface ExplorerParts {
  readonly databases: Databases
  readonly services: Services
  readonly demo: Demo | null
}

export const readyQueriesFolder = path.join(import.meta.dirname, 'ready-queries')

/** Adds the explorer at `/`, and the maps of surveys below `/surveys`, where one signs in alike. Answers the path to open it with: in the demo world it holds the code that signs in, once. */
export async function addExplorer(http: FastifyInstance, { databases, services, demo }: ExplorerParts) {
  const graphql = { graphqlPath: '/graphql', exportPath, readyQueries: loadReadyQueries(readyQueriesFolder) }
  const { graphqlPath, readyQueries } = graphql
  await http.register(surveyMapRoutes, {
    graphqlPath,
    exportPath,
    sessionPath,
    people: demo?.people ?? [],
    acceptsCode: demo !== null,
    signInDocuments: readyQueries.page,
  })
  if (demo === null) {
    await http.register(explorerRoutes, { ...graphql, people: [] })
    return { path: '/' }
  }
  const { code, take } = makeOneTimeCode()
  await http.register(explorerRoutes, {
    ...graphql,
    people: demo.people,
    async exchangeCode(candidate, { ip, headers }) {
      if (!take(candidate)) return null
      const client = clientOf({ ip, userAgent: headers['user-agent'] ?? null })
      return openSessionFor(demo.userId, { databases, services }, client)
    },
  })
  // Behind the "#" it is sent to no server, so that it stands in no log.
  return { path: `/#code=${code}` }
}

async function openSessionFor(
  userId: string,
  { databases, services }: Pick<ExplorerParts, 'databases' | 'services'>,
  client: Client,
): Promise<SessionTokens | null> {
  return databases.auth.inTransaction(
    async (tx) => {
      const account = await accountById(tx, userId)
      if (account?.status !== 'active') return null
      const { access, refresh } = await openSession(tx, services.identity, account, client)
      return { accessToken: access.token, accessTokenExpiresAt: access.expiresAt, refreshToken: refresh }
    },
    { actorId: userId },
  )
}
