// `node bench/kept-rows.ts`: a resource by its id and a setting by its key, read from the database and through what is kept, in this process
// and (where redis-server is installed) in Redis, through all of the service but the socket, in the same run.
import { generateKeyPairSync } from 'node:crypto'
import { newDatabase } from '../test/support/database.ts'
import { newUser, type TestPerson } from '../test/support/people.ts'
import { startRedis } from '../test/support/redis.ts'
import { startService, type TestService } from '../test/support/service.ts'
import { startTestServer } from '../test/support/test-server.ts'
import { processorTime } from './driver/processor-time.ts'

const rounds = 5
const requests = 400
const concurrency = 16

const RESOURCE = 'query ($id: ID!) { node(id: $id) { ... on Resource { name version metadata } } }'
const SETTING = 'query ($id: String!) { setting(key: $id) { value version } }'
const sizes = { small: 100, large: 60_000 }

async function ask(service: TestService, as: TestPerson, query: string, variables: object) {
  const { data, errors } = await service.execute(query, { ...variables }, { as })
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

async function questionsOf(service: TestService, leila: TestPerson, admin: TestPerson) {
  const questions: [string, string, string][] = []
  for (const [size, length] of Object.entries(sizes)) {
    const value = Object.fromEntries(Array.from({ length: length / 50 }, (_, at) => [`key ${at}`, 'x'.repeat(38)]))
    const made = await ask(
      service,
      leila,
      'mutation ($input: CreateResourceInput!) { createResource(input: $input) { resource { id } } }',
      { input: { type: 'book', name: size, metadata: value } },
    )
    questions.push([`resource by id, ${size}`, RESOURCE, made.createResource.resource.id])
    await ask(service, admin, 'mutation ($input: SetSettingInput!) { setSetting(input: $input) { setting { key } } }', {
      input: { key: size, value, isPublic: true },
    })
    questions.push([`setting by key, ${size}`, SETTING, size])
  }
  return questions
}

/** Microseconds of processor time that a request takes, of the service and of PostgreSQL: a busy machine changes them little. */
async function costOf(work: () => Promise<unknown>): Promise<readonly [service: number, database: number]> {
  const before = processorTime(process.pid, dataDirectory)
  let left = requests
  const turns = Array.from({ length: concurrency }, async () => {
    while (left > 0) {
      left -= 1
      await work()
    }
  })
  await Promise.all(turns)
  const after = processorTime(process.pid, dataDirectory)
  return [(after.server - before.server) / requests, (after.database - before.database) / requests]
}

const server = await startTestServer()
const database = await newDatabase()
const { rows } = await database.superuser.query('show data_directory')
const dataDirectory: string = rows[0].data_directory
const redis = await startRedis()
const jwtPrivateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const services: [string, TestService][] = [
  ['nothing kept', await startService({ database, refereed: false, config: { jwtPrivateKey } })],
  ['kept in process', await startService({ database, refereed: false, config: { jwtPrivateKey, cache: true } })],
]
if (redis)
  services.push([
    'kept in Redis',
    await startService({ database, refereed: false, config: { jwtPrivateKey, cache: true, redisUrl: redis.url } }),
  ])
const leila = await newUser(database, 'Leila')
const person = await newUser(database, 'Admin')
await database.admin.query("update users set role = 'admin' where user_id = $1", [person.userId])
const first = services[0]?.[1]
if (!first) throw new Error('There is no service.')
const questions = await questionsOf(first, leila, { ...person, role: 'admin' })
for (const [question, query, id] of questions) {
  const costs = new Map<string, [number, number][]>()
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, service] of services) {
      const [ours, theirs] = await costOf(() => ask(service, leila, query, { id }))
      // The first round warms up.
      if (round > 0) costs.set(name, [...(costs.get(name) ?? []), [ours, theirs]])
    }
  }
  for (const [name, each] of costs) {
    const median = (of: 0 | 1) => Math.round(each.map((cost) => cost[of]).toSorted((a, b) => a - b)[rounds >> 1] ?? 0)
    const told = `service ${String(median(0)).padStart(6)} us   PostgreSQL ${String(median(1)).padStart(6)} us`
    console.log(`${question.padEnd(26)} ${name.padEnd(16)} ${told}`)
  }
}
for (const [, service] of services) await service.stop()
await database.stop()
await redis?.stop()
await server.stop()
