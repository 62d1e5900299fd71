import { expect } from '@jest/globals'
import type { TestPerson } from '../../support/people.ts'
import type { TestService } from '../../support/service.ts'

export const projectFields =
  'id name description metadata version createdAt updatedAt deletedAt owner { id } viewerMay bounds { west south east north }'
export const permissionFields =
  'id type expiresAt grantedAt revokedAt isEffective viewer { id } relation { id } project { id }'
export const scanFields =
  'id name capturedAt data geometry footprint storageTier version createdAt updatedAt deletedAt lastReadAt project { id }'

/** A square of so many degrees, its south-western corner here, WGS 84. */
export function square(west: number, south: number, degrees = 0.01) {
  const [east, north] = [west + degrees, south + degrees].map((degree) => Number(degree.toFixed(6)))
  const ring = [
    [west, south, 5],
    [east, south, 5],
    [east, north, 5],
    [west, north, 5],
    [west, south, 5],
  ]
  return { type: 'Polygon', coordinates: [ring] }
}

/** What people do with surveys, through the API. */
export function surveysOf(service: TestService) {
  const ask = (as: TestPerson, query: string, variables = {}) => service.execute(query, variables, { as })
  const send = (name: string, input: object, fields: string, as: TestPerson) => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
    return ask(as, `mutation ($input: ${type}!) { answer: ${name}(input: $input) { ${fields} } }`, { input })
  }
  const done = async (sent: ReturnType<typeof send>) => {
    const { data, errors } = await sent
    expect(errors ?? []).toEqual([])
    return data.answer
  }
  return {
    ask,
    project: (name: string, input: object, as: TestPerson) => send(name, input, `project { ${projectFields} }`, as),
    scan: (name: string, input: object, as: TestPerson) => send(name, input, `scan { ${scanFields} }`, as),
    async newProject(as: TestPerson, input: object = {}) {
      return (await done(send('createProject', { name: 'Delta', ...input }, `project { ${projectFields} }`, as)))
        .project
    },
    async newScan(as: TestPerson, projectId: string, input: object = {}) {
      const scan = { projectId, name: 'A scan', geometry: square(31, 30), ...input }
      return (await done(send('addScan', scan, `scan { ${scanFields} }`, as))).scan
    },
    node: (as: TestPerson, id: string) =>
      ask(
        as,
        `query ($id: ID!) { node(id: $id) { ... on Project { ${projectFields} } ... on Scan { ${scanFields} } } }`,
        {
          id,
        },
      ),
  }
}
