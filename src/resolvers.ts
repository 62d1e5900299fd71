import { resolvers as deeds } from './domains/deeds/resolvers.ts'
import { resolvers as sharing } from './domains/sharing/resolvers.ts'
import type { Resolvers } from './generated/graphql.ts'

/** What the schema is executed by: each domain's resolvers, from the lowest domain up. */
export const domainResolvers: Resolvers[] = [sharing, deeds]
