import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { JobTools } from '../../../../src/job-tools.ts'
import { makeLocalObjects } from '../../../../src/platform/objects/local-objects.ts'
import type { ObjectStore } from '../../../../src/platform/objects/objects.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { las, withScanFiles } from './scan-files-world.ts'

describeWithPostgis('an import of points that ends in its middle', () => {
  const { files, upload, asked, importOf, objects, scanCount, again } = withScanFiles()

  test('a process that dies when the points are stored leaves what the next one finishes, once', async () => {
    const id = await asked({ uploadId: await upload(las) })
    const real = makeLocalObjects(`${files.service.home}/objects`)
    const dead = () => Promise.reject(new Error('The process is dead.'))
    const dying: ObjectStore = {
      ...real,
      async put(key, content, options) {
        await real.put(key, content, options)
        return dead()
      },
      delete: dead,
    }
    await expect(again(id, { services: { objects: dying } as unknown as JobTools['services'] })).rejects.toThrow('dead')
    expect([await scanCount(), (await objects('scans')).length]).toEqual([0, 1])
    await again(id)
    expect(await importOf(id)).toMatchObject({ status: 'SUCCEEDED', isKnown: false })
    expect([await scanCount(), (await objects('scans')).length]).toEqual([1, 1])
    // And once it is done, it is done.
    await again(id)
    expect(await scanCount()).toBe(1)
  })

  test('a worker that ends leaves its import to the next one, and no file behind', async () => {
    const id = await asked({ uploadId: await upload(las) })
    const ending = new AbortController()
    ending.abort(new Error('The worker ends.'))
    const objects = makeLocalObjects(`${files.service.home}/objects`)
    const services = { objects } as unknown as JobTools['services']
    await expect(again(id, { services, signal: ending.signal })).rejects.toThrow()
    expect((await importOf(id)).status).toBe('RUNNING')
    await again(id)
    expect((await importOf(id)).status).toBe('SUCCEEDED')
    expect((await readdir(path.join(files.service.home, 'objects', '.unfinished'))).length).toBe(0)
  })
})
