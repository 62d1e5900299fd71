import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql'

/** Who may ask a root field: anyone, or whoever has the scope and, where given, the role. */
export type FieldAccess =
  | { readonly public: true }
  | { readonly public: false; readonly scope: string; readonly role: string | null }

/** How many objects a list without `first` is taken to hold. */
export interface AssumedSize {
  readonly assumed: number
  /** One for each day, week or month of the `range` above it; `assumed` when no range is given. */
  readonly perDay: boolean
  /** One for each value of the lists in the input of the mutation above it. */
  readonly perRow: boolean
}

/** What the directives of the schema say, by `Type.field` and by type. */
export interface SchemaRules {
  readonly access: ReadonlyMap<string, FieldAccess>
  readonly sizes: ReadonlyMap<string, AssumedSize>
  /** Points besides those of the answer, by `Type.field`. */
  readonly costs: ReadonlyMap<string, number>
  /** The scopes needed to select fields of a type; none when it is not in the map. */
  readonly scopes: ReadonlyMap<string, readonly string[]>
}

/** Types that hold no data of anybody; so do those named `...Payload`, `...Connection` and `...Edge`, which only lead to others. */
const typesWithoutData = new Set(['PageInfo', 'RowError', 'ServerInfo', 'ServerLimits'])
const leadsToOthers = /(Payload|Connection|Edge)$/

/** Its `id` may be asked of any object; whether the viewer has the scope of the object found is checked by `node.ts`. */
const anyObject = 'Node'

/**
 * Reads access and sizes from the schema's directives. Throws, naming each, when a root field says neither `@public` nor
 * `@requires`, when an object type that holds data lacks `@scope`, or when the size of a list can't be told.
 */
export function readSchemaRules(schema: GraphQLSchema): SchemaRules {
  const rules = {
    access: new Map<string, FieldAccess>(),
    sizes: new Map<string, AssumedSize>(),
    costs: new Map<string, number>(),
    scopes: new Map(),
  }
  const problems: string[] = []
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isCompositeType(type) || type.name.startsWith('__')) continue
    if (isObjectType(type) && roots.has(type)) readAccess(schema, type, rules.access, problems)
    else if (isObjectType(type)) readScope(schema, type, rules.scopes, problems)
    if ('getFields' in type)
      for (const field of Object.values(type.getFields())) {
        readSize(schema, type.name, field, rules.sizes, problems)
        const cost = directive(schema, 'cost', field)
        if (cost) rules.costs.set(`${type.name}.${field.name}`, Number(cost.points))
      }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isInterfaceType(type) || type.name === anyObject) continue
    const scopes = schema.getPossibleTypes(type).flatMap((possible) => rules.scopes.get(possible.name) ?? [])
    rules.scopes.set(type.name, [...new Set(scopes)])
  }
  if (problems.length > 0) throw new Error(`The schema leaves open who may read it:\n${problems.join('\n')}`)
  return rules
}

function readAccess(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  access: Map<string, FieldAccess>,
  problems: string[],
) {
  for (const field of Object.values(type.getFields())) {
    const name = `${type.name}.${field.name}`
    const isPublic = directive(schema, 'public', field) !== undefined
    const required = directive(schema, 'requires', field)
    if (isPublic === (required !== undefined)) problems.push(`${name} needs exactly one of @public and @requires.`)
    else if (isPublic) access.set(name, { public: true })
    else
      access.set(name, {
        public: false,
        scope: String(required?.scope),
        role: required?.role ? String(required.role) : null,
      })
  }
}

function readScope(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  scopes: Map<string, readonly string[]>,
  problems: string[],
) {
  const scope = directive(schema, 'scope', type)
  if (scope) scopes.set(type.name, [String(scope.read)])
  else if (!typesWithoutData.has(type.name) && !leadsToOthers.test(type.name))
    problems.push(`type ${type.name} needs @scope.`)
}

function readSize(
  schema: GraphQLSchema,
  typeName: string,
  field: GraphQLField<unknown, unknown>,
  sizes: Map<string, AssumedSize>,
  problems: string[],
) {
  const size = directive(schema, 'listSize', field)
  if (size) {
    const { assumed, perDay, perRow } = size
    sizes.set(`${typeName}.${field.name}`, {
      assumed: Number(assumed),
      perDay: perDay === true,
      perRow: perRow === true,
    })
  }
  const holdsObjects = isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type))
  const isPage = typeName.endsWith('Connection') || field.args.some((argument) => argument.name === 'first')
  if (holdsObjects && !size && !isPage) problems.push(`${typeName}.${field.name} needs @listSize or \`first\`.`)
}

function directive(
  schema: GraphQLSchema,
  name: string,
  { astNode }: Pick<GraphQLField<unknown, unknown> | GraphQLObjectType, 'astNode'>,
): Record<string, unknown> | undefined {
  const definition = schema.getDirective(name)
  return definition && astNode ? getDirectiveValues(definition, astNode) : undefined
}
