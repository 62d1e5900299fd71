import type { JobTools } from '../../../job-tools.ts'
import { calculateApart } from '../calculations/calculate-apart.ts'
import { withFiles } from '../calculations/files.ts'
import { hillshadeObject } from '../hillshades/drawing.ts'
import { packRelief } from '../hillshades/stored-relief.ts'
import { scanToRead } from '../queries/calculation-work.ts'
import { finishHillshade, type HillshadeKey, removeFailedHillshades, scanOfHillshade } from '../queries/hillshades.ts'
import { failWork, makeWorkProgress, startWork } from '../queries/long-work.ts'
import { meshOver } from '../queries/map-mesh.ts'
import { UnfitPoints } from '../rules/points.ts'
import { sentenceOf } from './calculations.ts'

export const hillshadeJobs = {
  /** Makes the relief of a scan that its hillshade is drawn from. Taken again, it is made anew and takes the other's place. */
  async make_hillshade(key: HillshadeKey, tools: JobTools): Promise<void> {
    const { worker } = tools
    const work = { table: 'hillshades', ownerId: key.ownerId, id: key.hillshadeId } as const
    const scan = (await startWork(worker, work)) ? await scanOfHillshade(worker, key) : undefined
    if (scan === undefined) return
    const progress = makeWorkProgress(worker, work)
    try {
      const made = await makeRelief(key, scan.scanId, tools, progress.show)
      await progress.shown()
      await finishHillshade(worker, key, made)
    } catch (error) {
      await progress.shown()
      const sentence = sentenceOf(error)
      if (sentence === null) throw error
      await failWork(worker, work, sentence)
    }
    await removeFailedHillshades(worker, key, scan.scanId)
  },
}

/** Keeps the relief in the store. Answers where it lies, and how fine it is. */
async function makeRelief(key: HillshadeKey, scanId: string, tools: JobTools, onProgress: (share: number) => void) {
  const { worker, services, signal } = tools
  const scan = await scanToRead(worker, { ownerId: key.ownerId, scanId })
  if (!scan?.isThere || scan.crs === null) throw new UnfitPoints('The scan was deleted meanwhile.')
  const relief = await withFiles([scan], tools, (files) =>
    calculateApart({ kind: 'relief' }, files, { signal, onProgress }),
  )
  const { lattice, scale } = relief
  const { cellSize, column, row, columns, rows } = lattice
  const placed = await meshOver(worker, {
    crs: scan.crs,
    west: (column * cellSize) / scale.x,
    south: (row * cellSize) / scale.y,
    east: ((column + columns) * cellSize) / scale.x,
    north: ((row + rows) * cellSize) / scale.y,
  })
  if (placed === null)
    throw new UnfitPoints(
      'The scan lies where its coordinate system, or a map in Web Mercator, does not reach, or across the 180th meridian.',
    )
  const { mesh, bounds } = placed
  const inMetres = { ...mesh, x: mesh.x.map((x) => x * scale.x), y: mesh.y.map((y) => y * scale.y) }
  const packed = await packRelief({ lattice, heights: relief.heights, mesh: inMetres })
  await services.objects.put(hillshadeObject(key), chunk(packed), { signal })
  return { bounds, cellSize }
}

async function* chunk(bytes: Buffer) {
  yield bytes
}
