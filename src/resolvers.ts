import type { Resolvers } from './generated/graphql.ts'

/** What the schema is executed by: each domain's resolvers, from the lowest domain up. */
export const domainResolvers: Resolvers[] = []
