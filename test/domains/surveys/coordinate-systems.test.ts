import { describe, expect, test } from '@jest/globals'
import { crsOfText, unitsOfWkt } from '../../../src/domains/surveys/rules/coordinate-systems.ts'

const degrees =
  'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
const inFeet = `PROJCS["Oregon",${degrees},PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["false_easting",1312335.958],UNIT["foot",0.3048,AUTHORITY["EPSG","9002"]]]`
const inMetres = `PROJCS["UTM 36N",${degrees},PROJECTION["Transverse_Mercator"],UNIT["metre",1]]`
const newer =
  'PROJCRS["UTM 36N",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257,LENGTHUNIT["metre",1]]]],CONVERSION["UTM",METHOD["TM"]],CS[Cartesian,2],AXIS["(E)",east,LENGTHUNIT["US survey foot",0.304800609601219]],AXIS["(N)",north,LENGTHUNIT["US survey foot",0.304800609601219]]]'

describe('units of a coordinate system', () => {
  test.each<[string, string, ReturnType<typeof unitsOfWkt>]>([
    ['degrees', degrees, { metresPerUnit: null, metresPerHeightUnit: 1 }],
    ['metres', inMetres, { metresPerUnit: 1, metresPerHeightUnit: 1 }],
    ['feet, heights too', inFeet, { metresPerUnit: 0.3048, metresPerHeightUnit: 0.3048 }],
    [
      'feet of another length, told by the axes',
      newer,
      { metresPerUnit: 0.304800609601219, metresPerHeightUnit: 0.304800609601219 },
    ],
    [
      'feet with heights in metres',
      `COMPD_CS["both",${inFeet},VERT_CS["height",VERT_DATUM["any",2005],UNIT["metre",1.0]]]`,
      { metresPerUnit: 0.3048, metresPerHeightUnit: 1 },
    ],
    [
      'degrees with heights in feet',
      `COMPOUNDCRS["both",${degrees},VERTCRS["height",VDATUM["any"],CS[vertical,1],AXIS["up",up],LENGTHUNIT["foot",0.3048]]]`,
      { metresPerUnit: null, metresPerHeightUnit: 0.3048 },
    ],
    ['a geocentric system', 'GEOCCS["WGS 84",DATUM["x"],UNIT["metre",1]]', null],
    ['a projection without a unit', `PROJCS["none",${degrees}]`, null],
    ['two systems', `${inMetres},${inFeet}`, null],
    ['what never ends', 'PROJCS["x",UNIT["metre",1]', null],
    ['what is too deep', 'GEOGCS['.repeat(50), null],
    ['nothing', '', null],
    ['words', 'UTM zone 36 north', null],
  ])('%s', (_, wkt, units) => {
    expect(unitsOfWkt(wkt)).toEqual(units)
  })
})

test('a coordinate system is written as a code or as text', () => {
  expect(crsOfText(' EPSG:26910 ')).toEqual({ epsg: 26_910 })
  expect(crsOfText('epsg:4326')).toEqual({ epsg: 4326 })
  expect(crsOfText('32636')).toEqual({ epsg: 32_636 })
  expect(crsOfText(inFeet)).toEqual({ wkt: inFeet })
  for (const text of ['EPSG:', 'EPSG:abc', '12', 'UTM', 'ESRI:102100']) expect(crsOfText(text)).toBeNull()
})
