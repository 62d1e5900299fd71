// What is Leila's stands behind two walls: what the application asks for, and the policies of the database. Without the policies
// the application lets nobody through; one-wall.test.ts takes the other wall away.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { TestPerson } from '../support/people.ts'
import type { TestService } from '../support/service.ts'
import { startWholeService, surveysAreTried } from '../support/whole-service.ts'
import { type Matrix, mark, newMatrix, type Role } from './world.ts'

let service: TestService
let matrix: Matrix
beforeAll(async () => {
  service = await startWholeService({ limits: { cost: 1e9, viewerCostPerMinute: 1e12 } })
  matrix = await newMatrix(service)
}, 60_000)
afterAll(() => service.stop())

const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }'
const SURVEYS = surveysAreTried
  ? '{ me { projects { nodes { id access { id } scans { nodes { id } } } } } searchScans(filter: {}) { nodes { id } } }'
  : '{ __typename }'
const LISTS = `{ me {
  auditLog(first: 100) { nodes { objectId } } sessions { id } deletions { nodes { id } }
  merits { nodes { id } } targets { nodes { id } } reminders { id } reflections { nodes { id } }
  messages { nodes { id } } dataExports { id }
  relations { nodes { id } }
} search(text: "${mark}") { nodes { node { id } } } }`

/** Ids of what is Leila's and this person is told by `nodes`, and by their own lists. */
async function told(person: TestPerson) {
  const ids = Object.values(matrix.instances).flat()
  const shown: string[] = []
  for (let from = 0; from < ids.length; from += 100) {
    const { data, errors } = await service.execute(NODES, { ids: ids.slice(from, from + 100) }, { as: person })
    expect(errors).toBeUndefined()
    shown.push(...data.nodes.flatMap((node: { __typename: string } | null) => node?.__typename ?? []))
  }
  let listed = ''
  for (const lists of [LISTS, SURVEYS]) {
    const { data, errors } = await service.execute(lists, {}, { as: person })
    expect(errors).toBeUndefined()
    listed += JSON.stringify(data)
  }
  return { nodes: [...new Set(shown)].sort(), listed: ids.filter((id) => listed.includes(`"${id}"`)) }
}

const of = (role: Role) => matrix.viewers[role] as TestPerson

const nothing = { nodes: [], listed: [] }

test('Leila herself is told of everything', async () => {
  const { nodes, listed } = await told(of('owner'))
  expect(nodes).toEqual(
    Object.keys(matrix.instances)
      .filter((type) => !['Thread', 'ScaledItem'].includes(type))
      .sort(),
  )
  expect(listed.length).toBeGreaterThan(surveysAreTried ? 8 : 5)
})

test('SHA-8 without the policies the application still hides all of hers from a stranger', async () => {
  const { admin } = service.database
  const { rows } = await admin.query<{ tablename: string; policyname: string; qual: string }>(
    `select tablename, policyname, qual from pg_policies where 'kitaab_app' = any (roles) and cmd = 'SELECT'`,
  )
  expect(rows.length).toBeGreaterThan(10)
  const turn = (to: (qual: string) => string) =>
    admin.query(
      rows
        .map(({ tablename, policyname, qual }) => `alter policy ${policyname} on ${tablename} using (${to(qual)})`)
        .join(';'),
    )
  await turn(() => 'true')
  try {
    expect(await told(of('stranger'))).toEqual(nothing)
  } finally {
    await turn((qual) => qual)
  }
})
