import { newUser, type TestPerson } from './people.ts'
import { type Executed, type ServiceOptions, startService, type TestService } from './service.ts'

/** Somebody who can be asked by a username. */
export interface Sharer extends TestPerson {
  readonly username: string
  readonly email: string
}

export type SharingWorld = Awaited<ReturnType<typeof sharingWorld>>

/** The service, people, and what they do with each other, all of it through the API. */
export async function sharingWorld(options: ServiceOptions = {}) {
  const service = await startService(options)
  const ask = (as: TestPerson, document: string, variables: Record<string, unknown> = {}) =>
    service.execute(document, variables, { as })
  return {
    service,
    ask,
    newPerson: (name: string) => newSharer(service, name),
    ...sharingOf(ask),
    ...(await factsOf(service)),
    stop: () => service.stop(),
  }
}

let count = 0

async function newSharer(service: TestService, name: string): Promise<Sharer> {
  count += 1
  const person = await newUser(service.database, name)
  const username = `${name.toLowerCase()}_${count}`
  const { rows } = await service.database.admin.query(
    'update users set username = $2 where user_id = $1 returning email',
    [person.userId, username],
  )
  return { ...person, username, email: rows[0].email }
}

type Ask = (as: TestPerson, document: string, variables?: Record<string, unknown>) => Promise<Executed>

function sharingOf(ask: Ask) {
  const send = (as: TestPerson, mutation: string, fields: string, input: object) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`
    return ask(as, `mutation ($input: ${type}!) { answer: ${mutation}(input: $input) { ${fields} } }`, { input })
  }
  const relation = 'id status sentTo direction createdAt respondedAt requester { id } requestee { id }'
  const permission =
    'id type includesDescendants sharesNotes backfillDays expiresAt versionNumber isEffective revokedAt item { id }'
  const request = (as: TestPerson, to: string) => send(as, 'requestRelation', `sentTo relation { ${relation} }`, { to })
  const listed = async (as: TestPerson, direction: 'SENT' | 'RECEIVED', status?: string) => {
    const { data } = await ask(
      as,
      `query ($direction: RelationDirection, $status: RelationStatus) {
        me { relations(direction: $direction, status: $status, first: 100) { nodes { ${relation} } totalCount } }
      }`,
      { direction, status },
    )
    return data.me.relations.nodes
  }
  const respond = (as: TestPerson, relationId: string, response: string) =>
    send(as, 'respondToRelation', `relation { ${relation} }`, { relationId, response })
  const grant = (as: TestPerson, relationId: string, permissions: object[]) =>
    send(as, 'grantPermissions', `relation { id } permissions { ${permission} }`, { relationId, permissions })
  return {
    send,
    request,
    listed,
    respond,
    grant,
    revoke: (as: TestPerson, permissionIds: string[]) =>
      send(as, 'revokePermissions', `permissions { ${permission} }`, { permissionIds }),
    remove: (as: TestPerson, relationId: string) => send(as, 'removeRelation', 'relationId', { relationId }),
    unblock: (as: TestPerson, relationId: string) => send(as, 'unblock', 'relationId', { relationId }),
    /** An accepted relation; the owner's id of it. */
    async befriend(requester: Sharer, owner: Sharer): Promise<string> {
      await request(requester, owner.username)
      const [{ id }] = await listed(owner, 'RECEIVED', 'PENDING')
      await respond(owner, id, 'ACCEPT')
      return id
    },
    /** Prayer (Fajr (Sunnah), Isha), counted: ids by name. */
    async prayers(owner: TestPerson): Promise<Record<'Prayer' | 'Fajr' | 'Sunnah' | 'Isha', string>> {
      const { data } = await ask(
        owner,
        `mutation { createDeed(input: { category: HASANAAT, name: "Prayer", measure: COUNT, items: [
          { name: "Fajr", children: [{ name: "Sunnah" }] }, { name: "Isha" }
        ] }) { deed { id itemTree { id name } } } }`,
      )
      const { id, itemTree } = data.createDeed.deed
      const idOf = (name: string) => itemTree.find((item: { name: string }) => item.name === name).id
      return { Prayer: id, Fajr: idOf('Fajr'), Sunnah: idOf('Sunnah'), Isha: idOf('Isha') }
    },
  }
}

async function factsOf({ database }: TestService) {
  const sql = async (text: string, values: unknown[] = []) => (await database.admin.query(text, values)).rows
  return {
    sql,
    /** As if all that is between these two had been done so much earlier. */
    async later(interval: string, requester: TestPerson) {
      await sql('alter table relations disable trigger user; alter table relation_requests disable trigger user')
      await sql(
        `update relations set created_at = created_at - $2::interval, responded_at = responded_at - $2::interval
         where requester_id = $1`,
        [requester.userId, interval],
      )
      await sql('update relation_requests set created_at = created_at - $2::interval where user_id = $1', [
        requester.userId,
        interval,
      ])
      await sql('alter table relations enable trigger user; alter table relation_requests enable trigger user')
    },
  }
}
