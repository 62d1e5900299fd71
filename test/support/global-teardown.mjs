import fs from 'node:fs'

export default async function globalTeardown() {
  await globalThis.kitaabPostgis.stop()
  await globalThis.kitaabTestServer.stop()
  fs.rmSync(globalThis.kitaabRunFolder, { recursive: true, force: true })
}
