export default async function globalTeardown() {
  await globalThis.kitaabTestServer.stop()
}
