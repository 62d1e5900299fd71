import {
  defaultFieldResolver,
  type GraphQLArgument,
  GraphQLError,
  type GraphQLInputField,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isScalarType,
} from 'graphql'

type Values = Readonly<Record<string, unknown>>

/**
 * Lets every mutation say which id it found nothing for: NOT_FOUND that names no field gets that of the id which the mutation is
 * about, the first of its input, such as `input.deedId`. Whoever looks up another one names it (`ownKey` does). It says no more of
 * what there is: which id that is stands in the schema.
 */
export function nameMissingIds(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver
    field.resolve = async (root, args, context, info) => {
      try {
        return await resolve(root, args, context, info)
      } catch (error) {
        throw withField(error, () => firstId(field.args, args))
      }
    }
  }
}

function withField(error: unknown, fieldOf: () => string | null): unknown {
  if (!(error instanceof GraphQLError) || error.extensions.code !== 'NOT_FOUND' || error.extensions.field) return error
  const field = fieldOf()
  return field === null ? error : new GraphQLError(error.message, { extensions: { ...error.extensions, field } })
}

/** The path of the first id that was sent, in the schema's order; of ids in lists, none is the one that it is about. */
function firstId(fields: readonly (GraphQLArgument | GraphQLInputField)[], values: Values, above = ''): string | null {
  for (const { name, type } of fields) {
    const value = values[name]
    if (value == null) continue
    const given = getNullableType(type)
    if (isScalarType(given) && given.name === 'ID') return `${above}${name}`
    const below = isInputObjectType(given)
      ? firstId(Object.values(given.getFields()), value as Values, `${above}${name}.`)
      : null
    if (below !== null) return below
  }
  return null
}
