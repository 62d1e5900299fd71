// Apollo Server on Express, as its documentation's integration teaches.
import { ApolloServer } from '@apollo/server'
import { expressMiddleware } from '@as-integrations/express5'
import express from 'express'
import * as data from './data.mjs'
import { typeDefs } from './schema.mjs'

const root = (read) => (_, args) => read(args)

/** The roots are alike; relations are resolved by the caller's resolvers. */
export async function serve({ relations, plugins = [], context = async () => ({}) }) {
  const server = new ApolloServer({
    typeDefs,
    resolvers: {
      Query: {
        access: root(data.access),
        entries: root(data.entries),
        sharedEntries: root(data.sharedEntries),
        totals: root(data.totals),
        deedTotals: root(data.deedTotals),
        deeds: root(data.deeds),
        merits: root(data.merits),
      },
      Mutation: { recordEntry: root(data.recordEntry) },
      ...relations,
    },
    plugins,
  })
  await server.start()
  const app = express()
  app.use('/graphql', express.json(), expressMiddleware(server, { context }))
  app.listen(Number(process.env.PORT), '127.0.0.1')
}
