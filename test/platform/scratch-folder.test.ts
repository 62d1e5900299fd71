import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { withScratchFolder } from '../../src/platform/scratch-folder.ts'
import { temporaryFiles } from '../support/temporary-files.ts'

let files: Awaited<ReturnType<typeof temporaryFiles>>
beforeEach(async () => {
  files = await temporaryFiles()
})
afterEach(() => files.removeAll())

test('a folder is there for the work, for nobody else, and gone when it ends or fails', async () => {
  const options = { parent: files.folder }
  const answer = await withScratchFolder(async (folder) => {
    await writeFile(path.join(folder, 'points'), 'many')
    expect(await readdir(files.folder)).toEqual([path.basename(folder)])
    return (await stat(folder)).mode & 0o777
  }, options)
  expect(answer).toBe(0o700)
  await expect(withScratchFolder(() => Promise.reject(new Error('broken')), options)).rejects.toThrow('broken')
  expect(await readdir(files.folder)).toEqual([])
})

test('what a process that was killed left is removed a day later, and nothing else', async () => {
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)
  for (const [name, hours] of [
    ['kitaab-scratch-old', 25],
    ['kitaab-scratch-new', 23],
    ['kitaab-other-old', 25],
  ] as const) {
    const folder = path.join(files.folder, name)
    await mkdir(folder)
    await writeFile(path.join(folder, 'points'), 'many')
    await utimes(folder, hoursAgo(hours), hoursAgo(hours))
  }
  await withScratchFolder(async () => {}, { parent: files.folder })
  expect((await readdir(files.folder)).toSorted()).toEqual(['kitaab-other-old', 'kitaab-scratch-new'])
})
