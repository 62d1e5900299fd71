export default async function globalTeardown() {
  await globalThis.kitaabPostgis.stop()
  await globalThis.kitaabTestServer.stop()
}
