import { expect, test } from '@jest/globals'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { las, withScanFiles } from './scan-files-world.ts'

describeWithPostgis('the link to a file of points', () => {
  const { files, imported, fileOf } = withScanFiles()

  const download = (url: string) => files.service.app.http.inject({ method: 'GET', url: new URL(url).pathname })

  test('gives the file as it was sent, and notes that it was read', async () => {
    const { scan } = await imported(las)
    const { file } = await fileOf(scan.id)
    const answer = await download(file.downloadUrl)
    expect(answer.statusCode).toBe(200)
    expect(answer.rawPayload.equals(las)).toBe(true)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(las.length),
      'content-disposition': `attachment; filename="plot.las"; filename*=UTF-8''plot.las`,
      'cache-control': 'private, no-store',
    })
    const { data } = await files.surveys.node(files.leila, scan.id)
    expect(data.node.lastReadAt).not.toBeNull()
  })

  test('is over when it expires, with the session, and with the scan; and no other one is good', async () => {
    const { scan } = await imported(las)
    const { file } = await fileOf(scan.id)
    expect((await download(`${file.downloadUrl}x`)).statusCode).toBe(404)
    await files.surveys.scan('deleteScan', { scanId: scan.id }, files.leila)
    expect((await download(file.downloadUrl)).statusCode).toBe(404)
    await files.surveys.scan('restoreDeletedScan', { scanId: scan.id }, files.leila)
    expect((await download(file.downloadUrl)).statusCode).toBe(200)
    await files.database.admin.query('update sessions set revoked_at = now() where session_id = $1', [
      files.leila.sessionId,
    ])
    expect((await download(file.downloadUrl)).statusCode).toBe(401)
  })

  test('is not given while the points are in the archive', async () => {
    const { scan } = await imported(las)
    const { file } = await fileOf(scan.id)
    await files.database.admin.query("update lidar_scans set storage_tier = 'cold' where user_id = $1", [
      files.leila.userId,
    ])
    expect((await download(file.downloadUrl)).statusCode).toBe(409)
    const cold = await fileOf(scan.id)
    expect(cold.file.downloadUrl).toBeNull()
    expect(cold.errors?.map(({ extensions }) => extensions.reason)).toEqual(['SCAN_IS_COLD'])
  })
})
