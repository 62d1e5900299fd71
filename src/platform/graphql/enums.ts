import { type GraphQLSchema, isEnumType } from 'graphql'

/**
 * Enums whose values are labels of an enum in the database: in code they are those labels, in lower case. All other
 * enums keep their names. `codegen.yml` types both; a test holds the two together.
 */
export const databaseEnums = [
  'AccountStatus',
  'CalculationKind',
  'Comparator',
  'DeedCategory',
  'DeletionKind',
  'EntryAction',
  'EntryOrigin',
  'GoalMatch',
  'GoalMetric',
  'JobStatus',
  'Measure',
  'MessageAuthor',
  'NotificationChannel',
  'PermissionType',
  'PointCloudFormat',
  'ReflectionType',
  'RelationStatus',
  'ReminderCondition',
  'ResourceStatus',
  'Role',
  'ScaleMatch',
  'ScanMoveKind',
  'SearchScope',
  'StorageTier',
] as const

/** Internal values for the enums of the database that this schema has, as resolvers: `{ Role: { ADMIN: 'admin', ... } }`. */
export function enumResolvers(schema: GraphQLSchema): Record<string, Record<string, string>> {
  const enums = databaseEnums.map((name) => schema.getType(name)).filter(isEnumType)
  return Object.fromEntries(
    enums.map((type) => [
      type.name,
      Object.fromEntries(type.getValues().map(({ name }) => [name, name.toLowerCase()])),
    ]),
  )
}
