// Plain JavaScript, so that Jest hands it, and the TypeScript it imports, to Node as it is.
import { startTestServer } from './test-server.ts'

export default async function globalSetup() {
  globalThis.kitaabTestServer = await startTestServer()
}
