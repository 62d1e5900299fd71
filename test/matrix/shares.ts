// What Leila shows to whom in the matrix, and what she showed once.
import { toGlobalId } from '../../src/platform/graphql/global-ids.ts'
import { itemIdOf } from '../support/deeds.ts'
import type { TestService } from '../support/service.ts'
import { shareSurveys } from './surveys.ts'
import type { Matrix, Role, Sql } from './world.ts'

interface Shared {
  /** Ids of items. */
  readonly granted: readonly string[]
  /** Ids; none where surveys are not tried. */
  readonly projects: readonly string[] | undefined
  /** In every text that Leila wrote. */
  readonly mark: string
}

/** Accepted relations with all but the stranger and staff; grants that hold, ended and were ended. */
export async function share(
  service: TestService,
  sql: Sql,
  viewers: Matrix['viewers'],
  { granted, projects, mark }: Shared,
) {
  const userId = (role: Role) => viewers[role]?.userId ?? ''
  const permissions: string[] = []
  for (const role of ['reader', 'writer', 'expired', 'revoked', 'blocked'] as const) {
    const [relation] = await sql(
      'insert into relations (requestee_id, requester_id, sent_to) values ($1, $2, $3) returning relation_id as id',
      [userId('owner'), userId(role), `leila ${mark}`],
    )
    await sql("update relations set status = 'accepted' where relation_id = $1", [relation?.id])
    for (const item of granted.map(itemIdOf)) {
      const [permission] = await sql(
        `insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type, shares_notes, expires_at)
         values ($1, $2, $3, $4, $5, $6, '2999-01-01') returning permission_id as id`,
        [userId('owner'), relation?.id, userId(role), item, role === 'writer' ? 'write' : 'read', role === 'writer'],
      )
      const key = { ownerId: userId('owner'), permissionId: permission?.id ?? '' }
      if (role === 'reader') permissions.push(toGlobalId('Permission', key))
    }
  }
  const [relations, past] = await relationsOf(service, sql, viewers, granted)
  const surveys = await shareSurveys(sql, (role) => userId(role as Role), projects)
  await endSome(sql, userId)
  return { Relation: relations, Permission: [...permissions, ...past], ...surveys }
}

/** The ids that the owner and the reader each have of their relation, and of a permission on it that is over. */
async function relationsOf(
  service: TestService,
  sql: Sql,
  { owner, reader }: Matrix['viewers'],
  granted: readonly string[],
) {
  if (!owner || !reader) throw new Error('nobody reads')
  const item = granted.at(-1)
  await sql(
    'update permissions set is_active = false, revoked_at = now() where requester_id = $1 and deed_item_id = $2',
    [reader.userId, itemIdOf(item ?? '')],
  )
  const [again] = await sql(
    `insert into permissions (user_id, relation_id, requester_id, deed_item_id, permission_type, expires_at)
     select user_id, relation_id, requester_id, deed_item_id, 'read', '2999-01-01' from permissions where requester_id = $1 and deed_item_id = $2
     returning permission_id as id`,
    [reader.userId, itemIdOf(item ?? '')],
  )
  const document = '{ me { relations(first: 100) { nodes { id requester { id } } } } }'
  const ids: string[] = []
  for (const as of [owner, reader]) {
    const { data } = await service.execute(document, {}, { as })
    const nodes: { id: string; requester: { id: string } }[] = data.me.relations.nodes
    ids.push(...nodes.filter(({ requester }) => requester.id === reader.globalId).map(({ id }) => id))
  }
  return [ids, [toGlobalId('Permission', { ownerId: owner.userId, permissionId: again?.id ?? '' })]] as const
}

async function endSome(sql: Sql, userId: (role: Role) => string) {
  const ofRole = 'requester_id = $1'
  await sql(`update permissions set is_active = false, revoked_at = now() where ${ofRole}`, [userId('revoked')])
  await sql(`update relations set status = 'blocked' where ${ofRole}`, [userId('blocked')])
  await sql('alter table permissions disable trigger user')
  const ended = "granted_at = now() - interval '1 hour', expires_at = now() - interval '1 minute'"
  await sql(`update permissions set ${ended} where ${ofRole}`, [userId('expired')])
  await sql('alter table permissions enable trigger user')
  const over = "expires_at = now() - interval '1 minute'"
  await sql(`update item_access set ${over} where viewer_id = $1`, [userId('expired')])
}
