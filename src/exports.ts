import type { FastifyInstance } from 'fastify'
import type { Context } from './context.ts'
import { makeLoaders } from './loaders.ts'
import type { Databases } from './platform/database/databases.ts'
import type { Caller } from './platform/graphql/caller.ts'
import { addExportRoute, type ExportRouteOptions } from './platform/http/export/export-route.ts'

export interface ExportsParts extends Omit<ExportRouteOptions, 'open'> {
  readonly databases: Databases
  makeContext(caller: Caller): Context
}

/** Adds `/export`. What is exported is read in one snapshot, page by page, each with loaders of its own. */
export function addExports(http: FastifyInstance, { databases, makeContext, ...options }: ExportsParts): void {
  addExportRoute(http, {
    ...options,
    async open(caller) {
      const context = makeContext(caller)
      // Its first statement checks session, status and role (SES-2).
      await context.transaction(async () => {})
      const { requestId, viewer, signal } = caller
      const { db, close } = await databases.snapshot(viewer, { requestId, signal })
      return { makeContext: () => ({ ...context, db, loaders: makeLoaders(db, viewer) }), close }
    },
  })
}
