import type { DemoSurvey } from '../../src/domains/transfer/demo/surveys.ts'

/** A field in degrees of WGS 84 from its south-western corner, flat at this height in metres. */
function field(west: number, south: number, [width, length]: readonly [number, number], height: number) {
  const [east, north] = [Number((west + width).toFixed(6)), Number((south + length).toFixed(6))]
  const ring = [
    [west, south, height],
    [east, south, height],
    [east, north, height],
    [west, north, height],
    [west, south, height],
  ]
  return { type: 'Polygon', coordinates: [ring] }
}

/** What Leila surveys in Old Cairo, and lets Budi look at; only where the database has PostGIS. */
export const demoSurveys: readonly DemoSurvey[] = [
  {
    owner: 'leila@kitaab.example',
    name: 'Garden of the old endowment, Fustat',
    description: 'Where the wall stands, what the flood left, and how much earth is to be moved.',
    metadata: { client: 'the endowment', permit: { number: 'F-118', until: '2027-01-31' } },
    scans: [
      {
        name: 'North bed, before digging',
        daysAgo: 60,
        data: { sensor: 'VLP-16', weather: 'clear', topics: ['soil'] },
        geometry: field(31.2352, 30.0058, [0.0006, 0.0004], 22.5),
      },
      {
        name: 'North bed, after digging',
        daysAgo: 21,
        data: { sensor: 'VLP-16', weather: 'haze', topics: ['soil', 'drainage'] },
        geometry: field(31.2352, 30.0058, [0.0006, 0.0004], 21.75),
      },
      {
        name: 'Eastern wall',
        daysAgo: 20,
        data: { sensor: 'hand-held', topics: ['masonry'] },
        geometry: {
          type: 'LineString',
          coordinates: [
            [31.2359, 30.0057, 23],
            [31.2359, 30.0063, 23.4],
          ],
        },
      },
    ],
    sharedWith: ['budi@kitaab.example'],
  },
]
