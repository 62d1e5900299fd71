import { type GrowingBatch, PointCloudError } from '../model.ts'
import type { LasHeader } from './header.ts'

/** Puts the place of one record, three numbers of 32 bits, into a batch. `byte` is where the record, or its chunk, begins. */
export type Placing = (batch: GrowingBatch, x: number, y: number, z: number, byte: number) => void

/** Throws `PointCloudError` for a point outside the header's bounds, which writers round by up to one step of the scale. */
export function placing({ scale, offset, min, max }: LasHeader): Placing {
  const [scaleX, scaleY, scaleZ] = scale
  const [offsetX, offsetY, offsetZ] = offset
  const low = min.map((value, axis) => value - slack(value, scale[axis] ?? 0))
  const high = max.map((value, axis) => value + slack(value, scale[axis] ?? 0))
  const [lowX = 0, lowY = 0, lowZ = 0] = low
  const [highX = 0, highY = 0, highZ = 0] = high
  return (batch, nativeX, nativeY, nativeZ, byte) => {
    const x = nativeX * scaleX + offsetX
    const y = nativeY * scaleY + offsetY
    const z = nativeZ * scaleZ + offsetZ
    if (!(x >= lowX && x <= highX && y >= lowY && y <= highY && z >= lowZ && z <= highZ))
      throw new PointCloudError({ byte }, `A point at (${x}, ${y}, ${z}) lies outside the bounds of the header.`)
    batch.x[batch.length] = x
    batch.y[batch.length] = y
    batch.z[batch.length] = z
    batch.length += 1
  }
}

function slack(value: number, scale: number): number {
  return scale + Math.abs(value) * 1e-12
}
