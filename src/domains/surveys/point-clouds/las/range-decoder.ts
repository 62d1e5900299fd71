/**
 * The range coder of LAZ, as far as its table of chunks needs it: Amir Said, "Introduction to Arithmetic Coding - Theory and
 * Practice" (HP Labs HPL-2004-76), with the constants of the LASzip format. All numbers are unsigned and of 32 bits.
 */

export const symbolShift = 15
export const bitShift = 13
export const leastLength = 0x0100_0000

/** How likely each of some symbols is, learnt from those that went by. */
export interface SymbolModel {
  readonly symbols: number
  readonly counts: Uint32Array
  readonly distribution: Uint32Array
  total: number
  cycle: number
  untilUpdate: number
}

export function newSymbolModel(symbols: number): SymbolModel {
  const counts = new Uint32Array(symbols).fill(1)
  const model = { symbols, counts, distribution: new Uint32Array(symbols), total: 0, cycle: symbols, untilUpdate: 0 }
  updateSymbols(model)
  model.cycle = (symbols + 6) >>> 1
  model.untilUpdate = model.cycle
  return model
}

/** The model learns that the symbol went by. */
export function learnSymbol(model: SymbolModel, symbol: number): void {
  model.counts[symbol] = (model.counts[symbol] ?? 0) + 1
  model.untilUpdate -= 1
  if (model.untilUpdate === 0) updateSymbols(model)
}

function updateSymbols(model: SymbolModel): void {
  const { counts, distribution, symbols } = model
  model.total += model.cycle
  if (model.total > 1 << symbolShift) {
    model.total = 0
    for (let symbol = 0; symbol < symbols; symbol += 1) {
      const halved = ((counts[symbol] ?? 0) + 1) >>> 1
      counts[symbol] = halved
      model.total += halved
    }
  }
  const scale = Math.floor(0x8000_0000 / model.total)
  let sum = 0
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    distribution[symbol] = (scale * sum) >>> (31 - symbolShift)
    sum += counts[symbol] ?? 0
  }
  model.cycle = Math.min((5 * model.cycle) >>> 2, (symbols + 6) << 3)
  model.untilUpdate = model.cycle
}

export interface BitModel {
  zeros: number
  total: number
  probability: number
  cycle: number
  untilUpdate: number
}

export function newBitModel(): BitModel {
  return { zeros: 1, total: 2, probability: 1 << (bitShift - 1), cycle: 4, untilUpdate: 4 }
}

/** The model learns that the bit went by. */
export function learnBit(model: BitModel, bit: 0 | 1): void {
  if (bit === 0) model.zeros += 1
  model.untilUpdate -= 1
  if (model.untilUpdate === 0) updateBit(model)
}

function updateBit(model: BitModel): void {
  model.total += model.cycle
  if (model.total > 1 << bitShift) {
    model.total = (model.total + 1) >>> 1
    model.zeros = (model.zeros + 1) >>> 1
    if (model.zeros === model.total) model.total += 1
  }
  const scale = Math.floor(0x8000_0000 / model.total)
  model.probability = (model.zeros * scale) >>> (31 - bitShift)
  model.cycle = Math.min((5 * model.cycle) >>> 2, 64)
  model.untilUpdate = model.cycle
}

export interface RangeDecoder {
  symbol(model: SymbolModel): number
  bit(model: BitModel): number
  /** So many bits as they are, 1 to 32. */
  bits(count: number): number
}

/** Throws RangeError where the bytes end before what they should say, or say what no coder writes. */
export function newRangeDecoder(bytes: Uint8Array): RangeDecoder {
  const interval = newInterval(bytes)
  const raw = (count: number): number => {
    const step = Math.floor(interval.length / 2 ** count)
    const read = Math.floor(interval.value / step)
    if (read >= 2 ** count) throw notCoded()
    interval.narrow(read * step, (read + 1) * step)
    return read
  }
  return {
    bits(count) {
      if (count <= 19) return raw(count)
      const low = raw(16)
      return raw(count - 16) * 65_536 + low
    },
    bit(model) {
      const border = model.probability * (interval.length >>> bitShift)
      const bit = interval.value >= border ? 1 : 0
      interval.narrow(bit === 0 ? 0 : border, bit === 0 ? border : interval.length)
      learnBit(model, bit)
      return bit
    },
    symbol(model) {
      const step = interval.length >>> symbolShift
      const starts = (symbol: number) => (model.distribution[symbol] ?? 0) * step
      const last = model.symbols - 1
      let symbol = last
      while (symbol > 0 && starts(symbol) > interval.value) symbol -= 1
      interval.narrow(starts(symbol), symbol === last ? interval.length : starts(symbol + 1))
      learnSymbol(model, symbol)
      return symbol
    },
  }
}

/** What is left of the interval of all codes, and where in it the code lies. */
function newInterval(bytes: Uint8Array) {
  let at = 0
  const nextByte = () => {
    const byte = bytes[at]
    if (byte === undefined) throw new RangeError('It ends early.')
    at += 1
    return byte
  }
  const first = ((nextByte() << 24) | (nextByte() << 16) | (nextByte() << 8) | nextByte()) >>> 0
  const interval = {
    value: first,
    length: 0xffff_ffff,
    narrow(from: number, to: number) {
      interval.value -= from
      interval.length = to - from
      if (!(interval.value >= 0 && interval.value < interval.length)) throw notCoded()
      for (; interval.length < leastLength; interval.length *= 256) interval.value = interval.value * 256 + nextByte()
    },
  }
  return interval
}

function notCoded(): RangeError {
  return new RangeError('No coder writes this.')
}
