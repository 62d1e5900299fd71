import { micrometres } from './height-grid.ts'
import { greatestHeight, type Points, UnfitPoints } from './points.ts'

/** A height below which so many percent of the points lie. */
export interface PercentileModel {
  /** 0..100 */
  readonly percent: number
  /** Metres. */
  readonly height: number
  /** Metres that `height` may be off; 0: it is exact. */
  readonly errorBound: number
}

/** How high the points of a scan lie: metres. */
export interface HeightsModel {
  readonly pointCount: number
  readonly minimum: number
  readonly maximum: number
  readonly mean: number
  /** In the order asked for. */
  readonly percentiles: PercentileModel[]
}

/** Heights fall into so many classes of equal width between the least and the greatest: 20 MB. */
export const heightClasses = 2 ** 20

/** The points of each class: how many, and their least and greatest height. */
interface Classes {
  readonly low: number
  readonly width: number
  readonly counts: Uint32Array
  readonly minima: Float64Array
  readonly maxima: Float64Array
  metres: number
  parts: number
}

/**
 * Range, mean and percentiles of heights in metres, in one pass and bounded memory. `low` and `high` are what bounds
 * the heights, or nearly: those beyond fall into the outermost class.
 *
 * A percentile is definition 7 of Hyndman and Fan (Sample Quantiles in Statistical Packages, The American Statistician 50,
 * 1996), which R, NumPy and spreadsheets use, and which the NIST/SEMATECH e-Handbook of Statistical Methods (7.2.6.2)
 * tells of beside its own: with heights x(0) <= ... <= x(n - 1) and h = (n - 1) p / 100, it is
 * x(floor h) + (h - floor h) (x(floor h + 1) - x(floor h)).
 *
 * x(k) is exact where its class holds one height only, or where it is the first or last of its class. That is so for all
 * when heights come in steps of at least (high - low) / 2^20, such as millimetres over a kilometre. Else it is the middle
 * of its class, and at most half of what the class spans is said as error.
 *
 * Classes are counted and the mean is summed in whole numbers (see `heightGridOf`): any order of the points gives the
 * same bits. Throws `UnfitPoints` when there is no point, or one at no height (`greatestHeight`).
 */
export async function heightsOf(
  batches: AsyncIterable<Points>,
  bounds: { readonly low: number; readonly high: number },
  percents: readonly number[],
): Promise<HeightsModel> {
  const classes = emptyClasses(bounds)
  for await (const batch of batches) addHeights(classes, batch)
  const pointCount = classes.counts.reduce((total, count) => total + count, 0)
  if (pointCount === 0) throw new UnfitPoints('The scan has no points.')
  return {
    pointCount,
    minimum: orderStatistic(classes, 0).height,
    maximum: orderStatistic(classes, pointCount - 1).height,
    mean: (classes.metres + classes.parts / micrometres) / pointCount,
    percentiles: percents.map((percent) => percentile(classes, pointCount, percent)),
  }
}

function emptyClasses({ low, high }: { low: number; high: number }): Classes {
  return {
    low,
    width: (high - low) / heightClasses,
    counts: new Uint32Array(heightClasses),
    minima: new Float64Array(heightClasses).fill(Number.POSITIVE_INFINITY),
    maxima: new Float64Array(heightClasses).fill(Number.NEGATIVE_INFINITY),
    metres: 0,
    parts: 0,
  }
}

function addHeights(classes: Classes, { length, z }: Points) {
  const { low, width, counts, minima, maxima } = classes
  for (let at = 0; at < length; at += 1) {
    const height = z[at] as number
    if (!(Math.abs(height) <= greatestHeight)) throw new UnfitPoints(`${height} m is no height.`)
    // Subtracting and dividing keep the order of heights, rounded or not; so classes are in order.
    const index = width > 0 ? Math.max(0, Math.min(heightClasses - 1, Math.floor((height - low) / width))) : 0
    counts[index] = (counts[index] as number) + 1
    if (height < (minima[index] as number)) minima[index] = height
    if (height > (maxima[index] as number)) maxima[index] = height
    const metres = Math.floor(height)
    classes.metres += metres
    classes.parts += Math.round((height - metres) * micrometres)
  }
}

function percentile(classes: Classes, pointCount: number, percent: number): PercentileModel {
  const position = ((pointCount - 1) * percent) / 100
  const rank = Math.floor(position)
  const share = position - rank
  const below = orderStatistic(classes, rank)
  if (share === 0) return { percent, ...below }
  const above = orderStatistic(classes, rank + 1)
  return {
    percent,
    height: below.height + share * (above.height - below.height),
    errorBound: (1 - share) * below.errorBound + share * above.errorBound,
  }
}

/** x(rank): the height that has so many before it. */
function orderStatistic({ counts, minima, maxima }: Classes, rank: number): { height: number; errorBound: number } {
  let before = 0
  for (let index = 0; index < counts.length; index += 1) {
    const count = counts[index] as number
    if (rank < before + count) {
      const [least, greatest] = [minima[index] as number, maxima[index] as number]
      if (rank === before || least === greatest) return { height: least, errorBound: 0 }
      if (rank === before + count - 1) return { height: greatest, errorBound: 0 }
      return { height: least + (greatest - least) / 2, errorBound: (greatest - least) / 2 }
    }
    before += count
  }
  throw new RangeError(`There is no point of rank ${rank}.`)
}
