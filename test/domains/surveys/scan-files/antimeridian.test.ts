import { expect, test } from '@jest/globals'
import { runJobs } from '../../../support/jobs.ts'
import { lasFile, type WrittenPoint } from '../../../support/las-writer.ts'
import { describeWithPostgis } from '../../../support/postgis.ts'
import { withScanFiles } from './scan-files-world.ts'

/** Points ten metres apart on a square of two kilometres around this place. */
function squareAround(east: number, north: number): WrittenPoint[] {
  return Array.from({ length: 201 * 201 }, (_, index) => [
    east - 1000 + 10 * (index % 201),
    north - 1000 + 10 * Math.floor(index / 201),
    20,
  ])
}

/** Where the 180th meridian crosses the parallel of 17 degrees south, east of Fiji, in UTM zone 60 S. */
const [east, north] = [819_400, 8_118_000]

describeWithPostgis('points on both sides of the 180th meridian', () => {
  const { files, imported } = withScanFiles()
  const across = () => imported(lasFile({ points: squareAround(east, north), geoKeys: [[3072, 32_760]] }))

  test('SUR-1 have a footprint that is cut there, as RFC 7946, section 3.1.9, asks', async () => {
    const { status, error, scan } = await across()
    expect({ status, error }).toEqual({ status: 'SUCCEEDED', error: null })
    const { type, coordinates } = scan.footprint
    expect(type).toBe('MultiPolygon')
    const sides = coordinates.map(([ring]: [number, number][][]) => (ring ?? []).map(([longitude]) => longitude))
    expect(sides).toHaveLength(2)
    const [west, beyond] = sides.toSorted((one: number[], other: number[]) => Math.max(...other) - Math.max(...one))
    for (const [side, meridian] of [
      [west, 180],
      [beyond, -180],
    ] as const) {
      expect(side).toContain(meridian)
      for (const longitude of side) expect(Math.abs(longitude - meridian)).toBeLessThan(0.02)
    }
  })

  test('SUR-1 are found from both sides, and by a box across', async () => {
    const { scan } = await across()
    const found = async (west: number, eastern: number) =>
      (
        await files.surveys.ask(
          files.leila,
          'query ($box: BoundingBoxInput!) { searchScans(filter: { bbox: $box }) { nodes { id } } }',
          { box: { west, south: -18, east: eastern, north: -16 } },
        )
      ).data.searchScans.nodes
    for (const [west, eastern] of [
      [179.9, 180],
      [-180, -179.9],
      [179.9, -179.9],
    ] as const)
      expect(await found(west, eastern)).toEqual([{ id: scan.id }])
    expect(await found(-179.9, 179.9)).toEqual([])
  })

  test('SUR-1 have the area and the rim of the square that they cover', async () => {
    const { scan } = await across()
    const { data } = await files.surveys.ask(
      files.leila,
      'mutation ($input: RequestCalculationInput!) { requestCalculation(input: $input) { calculation { id } } }',
      { input: { projectId: files.projectId, kind: 'AREA', scanIds: [scan.id] } },
    )
    await runJobs(files.service)
    const { result } = (
      await files.surveys.ask(
        files.leila,
        'query ($id: ID!) { node(id: $id) { ... on Calculation { result { ... on AreaResult { area perimeter } } } } }',
        { id: data.requestCalculation.calculation.id },
      )
    ).data.node
    // 319 km from the middle of the zone a metre on the map is 0.9996 (1 + (319 / 6370)^2 / 2) = 1.00085 on the ground. The hull's rim lies
    // within a cell of the sample, 2 km / 128, from that of the square. The cut, 2 km long, is no rim.
    const side = 2000 / 1.00085
    const within = 2 * (2000 / 128)
    expect(result.area).toBeGreaterThan((side - within) ** 2)
    expect(result.area).toBeLessThan(side ** 2 * 1.0001)
    expect(Math.abs(result.perimeter - 4 * side)).toBeLessThan(4 * within)
  })

  test('have no shaded picture, and it is said why', async () => {
    const { scan } = await across()
    const { data } = await files.surveys.ask(
      files.leila,
      'mutation ($id: ID!) { requestHillshade(input: { scanId: $id }) { hillshade { id } } }',
      { id: scan.id },
    )
    await runJobs(files.service)
    const { data: seen } = await files.surveys.ask(
      files.leila,
      'query ($id: ID!) { node(id: $id) { ... on Hillshade { status error } } }',
      { id: data.requestHillshade.hillshade.id },
    )
    expect(seen.node).toEqual({ status: 'FAILED', error: expect.stringContaining('across the 180th meridian') })
  })

  test('in degrees go on beyond 180, and are refused where they jump', async () => {
    const degrees = (longitudes: readonly number[]): WrittenPoint[] =>
      longitudes.flatMap((longitude) => [-17.001, -17].map((latitude) => [longitude, latitude, 1] as const))
    const geographic = { geoKeys: [[2048, 4326]], scale: 1e-6 } as const
    const beyond = await imported(lasFile({ points: degrees([179.999, 180.001]), ...geographic }))
    expect(beyond).toMatchObject({ status: 'SUCCEEDED', scan: { footprint: { type: 'MultiPolygon' } } })
    const jumping = await imported(lasFile({ points: degrees([179.999, -179.999]), ...geographic }))
    expect(jumping).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('on both sides of the 180th meridian'),
    })
  })

  test('around a pole are refused', async () => {
    const polar = await imported(lasFile({ points: squareAround(0, 0), geoKeys: [[3072, 3413]] }))
    expect(polar).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('In EPSG:3413 the points lie around a pole'),
    })
    expect(await imported(lasFile({ points: squareAround(0, -2000), geoKeys: [[3072, 3413]] }))).toMatchObject({
      status: 'SUCCEEDED',
    })
  })
})
