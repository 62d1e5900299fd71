// A process of its own that runs a home's server until it is ended. Prints where that answers when it is ready.
import { startEmbedded } from '../../src/platform/database/embedded/server.ts'

const [home = ''] = process.argv.slice(2)
const server = await startEmbedded({ home, command: 'a test', log: () => {} })
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)))
console.log(JSON.stringify({ host: server.connection('postgres').host, data: server.dataDirectory }))
setInterval(() => {}, 1_000_000)
