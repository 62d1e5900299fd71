// PostGraphile 5 with its amber preset on node:http: the schema is what it makes of the tables, with SQL functions for what asks for more than
// rows and relations. No settings per request, so that it needs no transaction for a read.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { grafserv } from 'grafserv/node'
import pg from 'pg'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

const pool = new pg.Pool({ connectionString: process.env.BENCH_DATABASE, max: 10 })
pool.on('error', () => {})
await pool.query(readFileSync(path.join(import.meta.dirname, 'functions.sql'), 'utf8'))

const server = createServer()
const service = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [],
  pgServices: [makePgService({ pool, schemas: ['public'] })],
  grafserv: { graphqlPath: '/graphql', websockets: false, watch: false },
  grafast: { explain: false },
  schema: { defaultBehavior: 'list' },
}).createServ(grafserv)
await service.addTo(server)
server.listen(Number(process.env.PORT), '127.0.0.1')

if (process.env.PRINT_SCHEMA) {
  const { printSchema } = await import('graphql')
  console.error(printSchema(await service.getSchema()))
}
