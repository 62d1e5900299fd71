import { badUserInput } from '../../../platform/graphql/errors.ts'
import type { Metadata } from '../rules.ts'

/** A box along meridians and parallels, in degrees of WGS 84; where `west` is greater than `east` it crosses the 180th meridian. */
export interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** A circle on the ground: its middle in degrees of WGS 84, its radius in metres. */
export interface Circle {
  readonly longitude: number
  readonly latitude: number
  readonly metres: number
}

/** Which scans; null is no condition. */
export interface ScanFilter {
  readonly bbox: Box | null
  /** A geometry of GeoJSON. */
  readonly intersects: Readonly<Record<string, unknown>> | null
  readonly within: Circle | null
  readonly capturedFrom: string | null
  readonly capturedTo: string | null
  /** What their data hold. */
  readonly data: Metadata | null
  /** Numbers of projects. */
  readonly projectIds: readonly string[] | null
  readonly tier: 'hot' | 'cold' | null
}

export const noFilter: ScanFilter = {
  bbox: null,
  intersects: null,
  within: null,
  capturedFrom: null,
  capturedTo: null,
  data: null,
  projectIds: null,
  tier: null,
}

export function isEmpty(filter: ScanFilter): boolean {
  return Object.values(filter).every((condition) => condition === null)
}

const mostMetres = 1_000_000

/** BAD_USER_INPUT, OUT_OF_RANGE unless the box is one on earth. */
export function checkedBox(box: Box, field: string): Box {
  const { west, south, east, north } = box
  checkDegrees({ west, east }, 180, field)
  checkDegrees({ south, north }, 90, field)
  if (south <= north) return box
  throw badUserInput(
    'A box has `south` below `north`; `west` beyond `east` means that it crosses the 180th meridian.',
    {
      reason: 'OUT_OF_RANGE',
      field,
    },
  )
}

/** BAD_USER_INPUT, OUT_OF_RANGE unless the circle has its middle on earth, and a radius of some metres. */
export function checkedCircle(circle: Circle, field: string): Circle {
  const { longitude, latitude, metres } = circle
  checkDegrees({ longitude }, 180, field)
  checkDegrees({ latitude }, 90, field)
  if (metres > 0 && metres <= mostMetres) return circle
  throw badUserInput(`\`metres\` is more than 0, and at most ${mostMetres}.`, {
    reason: 'OUT_OF_RANGE',
    field: `${field}.metres`,
  })
}

function checkDegrees(values: Readonly<Record<string, number>>, most: number, field: string): void {
  const wrong = Object.entries(values).find(([, value]) => Math.abs(value) > most)
  if (!wrong) return
  throw badUserInput(`\`${wrong[0]}\` is from -${most} to ${most} degrees.`, {
    reason: 'OUT_OF_RANGE',
    field: `${field}.${wrong[0]}`,
  })
}

/** The box as one or two that do not cross the 180th meridian: `[west, south, east, north]`. */
export function partsOf({ west, south, east, north }: Box): (readonly [number, number, number, number])[] {
  if (west <= east) return [[west, south, east, north]]
  return [
    [west, south, 180, north],
    [-180, south, east, north],
  ]
}
