import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import type { GatewayInterface } from '@apollo/server-gateway-interface'
import type { GraphQLSchema } from 'graphql'
import { formatError } from './answered-errors.ts'
import type { Executor } from './engine/compiled-executor.ts'
import type { KnownDocuments } from './known-documents.ts'
import type { CallerContext, RequestChecks } from './operation-checks.ts'
import { requestPlugin } from './request-plugin.ts'

/**
 * The GraphQL server, not started yet. It keeps parsed documents, but answers no persisted queries, no batches, no landing
 * page, and leaves signals to whoever runs the process.
 */
export function makeApolloServer<Context extends CallerContext>(
  checks: RequestChecks<Context>,
  executor: Executor,
  plugins: readonly ApolloServerPlugin<Context>[] = [],
  stringifyResult: (result: object) => string = JSON.stringify,
  known?: KnownDocuments,
): ApolloServer<Context> {
  return new ApolloServer<Context>({
    gateway: gatewayOf(checks.executable.schema, executor),
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    // Introspection is open, so suggestions in errors tell nothing that is hidden.
    hideSchemaDetailsFromClientErrors: false,
    parseOptions: { maxTokens: checks.limits.tokens },
    stringifyResult,
    formatError,
    logger: checks.log,
    plugins: [
      // On by default, it hooks every resolver: 45 % of the processor time of a wide answer.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      requestPlugin(checks, known),
      ...plugins,
    ],
  })
}

/** Apollo's only way to have operations run by somebody else: a gateway, to one service that is here. */
function gatewayOf(schema: GraphQLSchema, executor: Executor): GatewayInterface {
  return {
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema: schema, coreSupergraphSdl: '' })
      return () => {}
    },
    load: async () => ({
      executor: ({ document, request, context }) =>
        executor({ document, operationName: request.operationName, variables: request.variables, context }),
    }),
    stop: async () => {},
  }
}
