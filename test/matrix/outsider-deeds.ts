// All that somebody asks and does who has nothing to do with Leila: with her ids and with their own.
import { type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import { importPlan } from '../../src/domains/transfer/import.ts'
import { planOfLoopExport } from '../../src/domains/transfer/loop/plan.ts'
import type { Databases } from '../../src/platform/database/databases.ts'
import type { Viewer } from '../../src/platform/viewer.ts'
import { DASHBOARD, ENTRIES, PERSON } from '../domains/sharing/model/documents.ts'
import { archiveOf } from '../domains/transfer/archive/archives.ts'
import { exportOf, fast, read } from '../domains/transfer/import-world.ts'
import type { TestService } from '../support/service.ts'
import { isTried } from '../support/whole-service.ts'
import { attempts } from './attempts.ts'
import { inputs } from './inputs.ts'
import { idempotencyKey, type Outsider } from './outsider.ts'
import { documentFor, waysTo } from './ways.ts'
import { type Matrix, mark } from './world.ts'

/** Something to ask or to do. */
export type Deed = () => Promise<unknown>

export type Role = Viewer['role']

export interface Stage {
  readonly schema: GraphQLSchema
  readonly service: TestService
  /** The same on the same database, but that it keeps answers. */
  readonly keeping: TestService
  /** What jobs work with. */
  readonly databases: Databases
  readonly matrix: Matrix
  readonly outsider: Outsider
}

const given = {
  'Query.search': `(text: "${mark}")`,
  'Query.setting': '(key: "matrix")',
  'Query.users': `(filter: { search: "leila" })`,
  'Dashboard.series': '(by: ITEM)',
}

/** Every field of every type. */
export function reads({ schema, service, matrix, outsider }: Stage): Deed[] {
  const node = schema.getType('Node')
  const nodeTypes = isInterfaceType(node) ? schema.getPossibleTypes(node).filter(isTried) : []
  const ways = waysTo(
    schema,
    nodeTypes.map(({ name }) => name),
    given,
    [],
  )
  const types = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && ways.has(type.name) && isTried(type),
  )
  return types.flatMap((type) => {
    const way = ways.get(type.name)
    if (!way) return []
    return [matrix.instances, outsider.own].flatMap((instances) => {
      const ids = instances[way.from] ?? []
      if (way.from !== 'Query' && ids.length === 0) return []
      const document = documentFor(type, way, ids, given)
      return [async () => service.execute(document, {}, { as: outsider.person })]
    })
  })
}

/** What is asked in other words when much of it is asked at once, and before a kept answer is given. */
export function wideReads({ service, keeping, matrix, outsider }: Stage): Deed[] {
  const range = { from: '2026-01-01', to: '2026-12-31' }
  return [PERSON, DASHBOARD, ENTRIES].flatMap((document) =>
    [matrix.instances, outsider.own].flatMap((instances) =>
      [service, keeping].map((asked) => async () => {
        const user = instances.User?.[0]
        await asked.execute(
          document,
          { user, range, day: '2026-01-01', filter: { itemIds: instances.DeedItem } },
          { as: outsider.person },
        )
      }),
    ),
  )
}

export function writes({ schema, service, matrix, outsider }: Stage): Deed[] {
  const theirs = (type: string) => matrix.instances[type]?.[0] ?? `no ${type}`
  const own = (type: string) => outsider.own[type]?.[0] ?? `no ${type}`
  // What needs no token has no viewer.
  const isPublic = ({ astNode }: GraphQLField<unknown, unknown>) =>
    astNode?.directives?.some(({ name }) => name.value === 'public')
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(
    (field) => isTried(field) && !isPublic(field),
  )
  return fields.flatMap(({ name, args }) => {
    const send = async (input: object | undefined) => {
      const [parameter, argument] = args.length > 0 ? [`($input: ${args[0]?.type})`, '(input: $input)'] : ['', '']
      const document = `mutation ${parameter} { ${name}${argument} { __typename } }`
      await service.execute(document, argument ? { input } : {}, { as: outsider.person })
    }
    const sent = { role: 'owner' as const, email: outsider.emails.owner, service }
    const tries = (attempts[name] ?? []).map((attempt) => async () => send(await attempt(theirs, own)))
    const again = name === 'recordEntry' ? [() => send({ itemId: own('DeedItem'), count: '2', idempotencyKey })] : []
    return [...tries, async () => send(await inputs[name]?.(own, sent)), ...again]
  })
}

/** An import and an export as their jobs do them; without conditions they may well fail over rows that are there several times. */
export function transfers({ databases, outsider: { person } }: Stage): Deed[] {
  const plan = planOfLoopExport(new Map(Object.entries(exportOf(fast, read))))
  const { transaction } = databases.forViewer(person)
  return [
    () =>
      transaction((tx) => importPlan(tx, person.userId, plan, { source: 'Loop' }), { origin: 'imported' }).catch(
        () => {},
      ),
    () => archiveOf(databases, person.userId).catch(() => {}),
  ]
}
