// Plain JavaScript, so that Jest hands it, and the TypeScript it imports, to Node as it is.
import { offerPostgis } from './postgis-server.ts'
import { makeRunFolder } from './run-folder.ts'
import { startTestServer } from './test-server.ts'

export default async function globalSetup() {
  globalThis.kitaabRunFolder = await makeRunFolder()
  globalThis.kitaabTestServer = await startTestServer()
  globalThis.kitaabPostgis = await offerPostgis()
}
