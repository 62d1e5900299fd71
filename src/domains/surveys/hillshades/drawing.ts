import { buffer } from 'node:stream/consumers'
import { LRUCache } from 'lru-cache'
import type { ObjectStore } from '../../../platform/objects/objects.ts'
import { hillshade } from '../rules/hillshade.ts'
import { mapPicture } from '../rules/map-picture.ts'
import { pngOf } from './png.ts'
import { unpackRelief } from './stored-relief.ts'

/** Whose relief, and which. */
export interface DrawnHillshade {
  readonly ownerId: string
  readonly hillshadeId: string
}

/** The first word of the keys of reliefs. The second is whose project they belong to: an account is erased with all below these. */
export const hillshadesKind = 'hillshades'

/** Under which the relief of a hillshade is kept. */
export function hillshadeObject({ ownerId, hillshadeId }: DrawnHillshade): string {
  return `${hillshadesKind}/${ownerId}/${hillshadeId}.relief`
}

export interface HillshadeDrawing {
  /** The picture as PNG. Rejects with `ObjectMissing` when there is no relief. */
  draw(which: DrawnHillshade): Promise<Buffer>
}

const mostKeptBytes = 16 * 2 ** 20

/** Draws hillshades, each once as long as it is remembered: a relief never changes. */
export function makeHillshadeDrawing(objects: ObjectStore): HillshadeDrawing {
  const kept = new LRUCache<string, Buffer>({
    maxSize: mostKeptBytes,
    sizeCalculation: (png) => png.length,
    fetchMethod: (key) => drawn(objects, key),
  })
  return {
    async draw(which) {
      const png = await kept.fetch(hillshadeObject(which))
      if (png === undefined) throw new Error('There is no picture.')
      return png
    },
  }
}

async function drawn(objects: ObjectStore, key: string): Promise<Buffer> {
  const relief = await unpackRelief(await buffer(await objects.get(key)))
  return pngOf(mapPicture(hillshade(relief), relief.lattice, relief.mesh))
}
