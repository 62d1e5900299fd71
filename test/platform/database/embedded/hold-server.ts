// A process of its own that runs a home's server, to be killed by a test. Prints the settings of a connection when it is ready.
import { startEmbedded } from '../../../../src/platform/database/embedded/server.ts'

const [home = ''] = process.argv.slice(2)
const server = await startEmbedded({ home, command: 'a test', log: () => {} })
console.log(JSON.stringify({ host: server.connection('postgres').host, data: server.dataDirectory }))
setInterval(() => {}, 1_000_000)
