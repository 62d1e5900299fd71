import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { type CallerContext, formatError, type RequestChecks, requestPlugin } from './request-plugin.ts'

/**
 * The GraphQL server, not started yet. It keeps parsed documents, but answers no persisted queries, no batches, no landing
 * page, and leaves signals to whoever runs the process.
 */
export function makeApolloServer<Context extends CallerContext>(
  checks: RequestChecks<Context>,
  plugins: readonly ApolloServerPlugin<Context>[] = [],
): ApolloServer<Context> {
  const { schema } = checks.executable
  return new ApolloServer<Context>({
    schema,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    // Introspection is open, so suggestions in errors tell nothing that is hidden.
    hideSchemaDetailsFromClientErrors: false,
    parseOptions: { maxTokens: checks.limits.tokens },
    stringifyResult: JSON.stringify,
    formatError,
    logger: checks.log,
    plugins: [
      // On by default, it hooks every resolver: 45 % of the processor time of a wide answer.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      requestPlugin(checks),
      ...plugins,
    ],
  })
}
