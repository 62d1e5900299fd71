import fs from 'node:fs'
import path from 'node:path'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { buildSchema, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import { connectionResolvers } from './connection.ts'
import { enumResolvers } from './enums.ts'
import { nameMissingIds } from './named-ids.ts'
import { scalarResolvers } from './scalars.ts'
import { readSchemaRules, type SchemaRules } from './schema-rules.ts'

const schemaFile = path.resolve(import.meta.dirname, '../../../schema.graphql')

/** The schema that is served, and what its directives say. */
export interface ExecutableSchema {
  readonly schema: GraphQLSchema
  readonly rules: SchemaRules
}

/** Resolvers by type and field, as graphql-tools takes them. */
export type ResolverMap = Record<string, unknown>

/** The text of `schema.graphql`. */
export function readSchemaText(): string {
  return fs.readFileSync(schemaFile, 'utf8')
}

/**
 * The schema of this text with these resolvers, our scalars, the enums' values in code and what all connections share.
 * Throws when a resolver fits no field, or access is left open: see `readSchemaRules`.
 */
export function makeSchema(text: string, resolvers: readonly ResolverMap[]): ExecutableSchema {
  const described = buildSchema(text)
  const types = Object.values(described.getTypeMap())
  const scalars = Object.entries(scalarResolvers).filter(([name]) => described.getType(name))
  const pages = types.filter(isObjectType).map(({ name }) => name)
  const schema = makeExecutableSchema({
    // Nobody else has it: it need not be built a second time, nor copied.
    typeDefs: described,
    updateResolversInPlace: true,
    resolvers: [
      Object.fromEntries(scalars),
      enumResolvers(described),
      connectionResolvers(pages.filter((name) => name.endsWith('Connection'))),
      ...resolvers,
    ] as never,
    inheritResolversFromInterfaces: types.some(isInterfaceType),
  })
  nameMissingIds(schema)
  return { schema, rules: readSchemaRules(schema) }
}
