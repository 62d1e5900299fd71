// Other servers over the same database, each written as its own documentation teaches: no tokens, no row-level security, no limits, no log.
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Questions } from './question.ts'
import { questionsByHand } from './questions-by-hand.ts'
import { questionsPostgraphile } from './questions-postgraphile.ts'
import { type Server, started } from './servers.ts'

const peer = (name: string, title: string, questions: Questions): Server => ({
  name,
  title,
  refuses: (workload) => (questions[workload.name] ? null : 'is not asked this'),
  async start(world, port) {
    if (!existsSync(path.resolve(import.meta.dirname, '../node_modules')))
      throw new Error('The peers have packages of their own: run `npm ci --prefix bench` first.')
    const process = await started(`bench/peers/${name}/server.mjs`, [], port, {
      NODE_ENV: 'production',
      GRAPHILE_ENV: 'production',
      BENCH_DATABASE: world.address('postgres'),
    })
    return {
      ...process,
      name,
      request: async (workload, ask) => {
        const { query, variables } = questions[workload.name] ?? workload.kitaab
        const headers = { 'content-type': 'application/json', accept: 'application/json' }
        return { path: '/graphql', headers, body: JSON.stringify({ query, variables: variables(ask) }) }
      },
      rows: (workload, { data, errors }, ask) => {
        if (errors) throw new Error(`${name}, ${JSON.stringify(ask)}: ${JSON.stringify(errors)}`)
        return questions[workload.name]?.rows(data, ask) ?? []
      },
    }
  },
})

export const peers: readonly Server[] = [
  peer('postgraphile', 'PostGraphile 5, amber preset', questionsPostgraphile),
  peer('mercurius', 'Mercurius with loaders and jit', questionsByHand),
  peer('apollo', 'Apollo Server with DataLoader on Express', questionsByHand),
  peer('apollo-naive', 'Apollo Server, a query per field', questionsByHand),
]
