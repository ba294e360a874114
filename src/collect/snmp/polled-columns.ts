import { type InterfaceTable, wordsPerRow } from '../../model/interface-table.ts'
import { counterInto, numberAt } from './codec/ber-number.ts'
import { tags } from './codec/tags.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import { sameOrNewText } from './device-text.ts'
import { type PolledColumn, polledColumns } from './if-mib.ts'
import type { RowIndex } from './row-index.ts'
import type { ColumnSink } from './walk-columns.ts'

/** What a value does to its row. */
type Effect =
  /** Counts towards a counter of the row (by its place in `counterNames`), in one width; or is only a part of it. */
  | { readonly kind: 'counter'; readonly counter: number; readonly adds: boolean; readonly narrow: boolean }
  | { readonly kind: 'admin' | 'oper' | 'discontinuity' | 'name' }

const counter = (at: number, narrow = false, adds = false): Effect => ({
  kind: 'counter',
  counter: at,
  adds,
  narrow,
})
const inOctets = 0
const outOctets = 1
const inPackets = 2
const outPackets = 3
const inErrors = 4
const outErrors = 5
const inDiscards = 6
const outDiscards = 7

/** In the order in which they are asked for: the first ones show which rows there are. */
const effects: Readonly<Record<PolledColumn, Effect>> = {
  operStatus: { kind: 'oper' },
  adminStatus: { kind: 'admin' },
  name: { kind: 'name' },
  descr: { kind: 'name' },
  hcInOctets: counter(inOctets),
  hcOutOctets: counter(outOctets),
  hcInUnicast: counter(inPackets),
  hcOutUnicast: counter(outPackets),
  hcInMulticast: counter(inPackets, false, true),
  hcOutMulticast: counter(outPackets, false, true),
  hcInBroadcast: counter(inPackets, false, true),
  hcOutBroadcast: counter(outPackets, false, true),
  inErrors: counter(inErrors),
  outErrors: counter(outErrors),
  inDiscards: counter(inDiscards),
  outDiscards: counter(outDiscards),
  discontinuityTime: { kind: 'discontinuity' },
  inOctets: counter(inOctets, true),
  outOctets: counter(outOctets, true),
  inUnicast: counter(inPackets, true),
  outUnicast: counter(outPackets, true),
  inNonUnicast: counter(inPackets, true, true),
  outNonUnicast: counter(outPackets, true, true),
}

const polledNames = Object.keys(effects).filter((name): name is PolledColumn => name in polledColumns)

const isNarrow = (name: PolledColumn): boolean => {
  const effect = effects[name]
  return effect.kind === 'counter' && effect.narrow
}
/** Columns that are read in any case, and those that are read besides where an interface has no 64-bit octets. */
export const wideNames = polledNames.filter((name) => !isNarrow(name))
export const narrowNames = polledNames.filter(isNarrow)

const seenBit = 0x80
const adminShift = 3
const statusMask = 7
/** ifOperStatus and ifAdminStatus in the state of a row, 0 where they were not told; and whether any column had it. */
export const operOf = (state: number): number => state & statusMask
export const adminOf = (state: number): number => (state >> adminShift) & statusMask
export const isSeen = (state: number): boolean => (state & seenBit) !== 0

/** Bits of `present`: the octet and packet counters, which have two widths; the others, which have one. */
const twoWidths = 0b1111
const bothOctets = 0b11
const narrowWords = 8

/**
 * Takes the values of one poll, straight from the bytes into arrays. What it holds afterwards is handed on, so each poll
 * has its own.
 */
export class PolledRows implements ColumnSink {
  readonly index: RowIndex
  /** By row, see `operOf`, `adminOf` and `isSeen`. */
  states: Uint8Array
  /** Some row bears another name than last time. */
  renamed = false
  #columns: readonly Effect[] = []
  #words: Uint32Array
  #present: Uint8Array
  #discontinuity: Uint32Array
  /** 32-bit octets and packets, where they are read at all; and which of them are there. */
  #narrow: Uint32Array | undefined
  #narrowPresent: Uint8Array | undefined
  readonly #names: readonly string[]
  readonly #halves = { low: 0, high: 0 }
  #scalars: (at: number, value: VarbindReader) => void

  /** @param names by row, as they were when the interfaces were last read in full */
  constructor(
    index: RowIndex,
    names: readonly string[],
    scalars: (at: number, value: VarbindReader) => void,
  ) {
    const rows = index.size
    this.index = index
    this.#names = names
    this.#scalars = scalars
    this.states = new Uint8Array(rows)
    this.#words = new Uint32Array(rows * wordsPerRow)
    this.#present = new Uint8Array(rows)
    this.#discontinuity = new Uint32Array(rows)
  }

  /** Which columns the next walk is of. */
  begin(columns: readonly PolledColumn[]): void {
    this.#columns = columns.map((name) => effects[name])
    if (!this.#columns.some((effect) => effect.kind === 'counter' && effect.narrow)) return
    this.#narrow ??= new Uint32Array(this.states.length * narrowWords)
    this.#narrowPresent ??= new Uint8Array(this.states.length)
  }

  scalar(at: number, value: VarbindReader): void {
    this.#scalars(at, value)
  }

  take(column: number, index: number, hint: number, value: VarbindReader): void {
    const effect = this.#columns[column]
    // An index of several numbers is none of ifTable's.
    if (index < 0 || effect === undefined) return
    const row = this.index.row(index, hint)
    if (row >= this.states.length) this.#grow()
    this.states[row] = (this.states[row] ?? 0) | seenBit
    const { bytes, tag, valueStart, valueEnd } = value
    if (effect.kind === 'counter') {
      if (!counterInto(this.#halves, bytes, tag, valueStart, valueEnd)) return
      if (effect.narrow) this.#count(this.#narrow, this.#narrowPresent, row * narrowWords, row, effect)
      else this.#count(this.#words, this.#present, row * wordsPerRow, row, effect)
    } else if (effect.kind === 'name') {
      const known = this.#names[row] ?? ''
      if (tag === tags.octetString && sameOrNewText(bytes, valueStart, valueEnd, known) !== known)
        this.renamed = true
    } else {
      const number = numberAt(bytes, tag, valueStart, valueEnd)
      // IF-MIB has no status above 7.
      if (effect.kind === 'discontinuity') this.#discontinuity[row] = number >= 0 ? number : 0
      else if (number >= 0 && number <= statusMask)
        this.states[row] = (this.states[row] ?? 0) | (effect.kind === 'oper' ? number : number << adminShift)
    }
  }

  /** Whether every row has 64-bit octets. */
  get isWide(): boolean {
    for (let row = 0; row < this.index.size; row++)
      if (((this.#present[row] ?? 0) & bothOctets) !== bothOctets) return false
    return true
  }

  /** The counters of these rows in this order, -1 for one that was not read. Call it once. */
  counters(rows: readonly number[]): Omit<InterfaceTable, 'ports'> {
    const widths = new Uint8Array(rows.length)
    const isOrdered = rows.length === this.states.length && rows.every((row, at) => row === at)
    const table = isOrdered
      ? { words: this.#words, present: this.#present, discontinuityTicks: this.#discontinuity, widths }
      : this.#ordered(rows, widths)
    rows.forEach((row, at) => {
      const bits = table.present[at] ?? 0
      const narrowBits = row < 0 ? 0 : (this.#narrowPresent?.[row] ?? 0)
      const isWide = (bits & bothOctets) === bothOctets
      widths[at] = isWide ? 64 : 32
      if (isWide) return
      const word = at * wordsPerRow
      for (let i = 0; i < narrowWords; i++)
        table.words[word + i] = (i & 1) === 1 ? 0 : (this.#narrow?.[row * narrowWords + i] ?? 0)
      table.present[at] = (bits & ~twoWidths) | narrowBits
    })
    return table
  }

  #count(
    words: Uint32Array | undefined,
    present: Uint8Array | undefined,
    base: number,
    row: number,
    { counter: at, adds }: Extract<Effect, { kind: 'counter' }>,
  ): void {
    if (words === undefined || present === undefined) return
    const word = base + 2 * at
    const { low, high } = this.#halves
    // All begin at 0, so the parts of a sum may come in any order.
    const sum = (words[word] ?? 0) + low
    words[word] = sum
    words[word + 1] = (words[word + 1] ?? 0) + high + (sum > 0xffff_ffff ? 1 : 0)
    // Multicast and broadcast alone are no count of packets.
    if (!adds) present[row] = (present[row] ?? 0) | (1 << at)
  }

  #ordered(rows: readonly number[], widths: Uint8Array) {
    const words = new Uint32Array(rows.length * wordsPerRow)
    const present = new Uint8Array(rows.length)
    const discontinuityTicks = new Uint32Array(rows.length)
    rows.forEach((row, at) => {
      if (row < 0) return
      words.set(this.#words.subarray(row * wordsPerRow, (row + 1) * wordsPerRow), at * wordsPerRow)
      present[at] = this.#present[row] ?? 0
      discontinuityTicks[at] = this.#discontinuity[row] ?? 0
    })
    return { words, present, discontinuityTicks, widths }
  }

  #grow(): void {
    const rows = Math.max(32, 2 * this.states.length, this.index.size)
    this.states = enlarged(this.states, rows)
    this.#present = enlarged(this.#present, rows)
    this.#words = enlarged32(this.#words, rows * wordsPerRow)
    this.#discontinuity = enlarged32(this.#discontinuity, rows)
    if (this.#narrow !== undefined) this.#narrow = enlarged32(this.#narrow, rows * narrowWords)
    if (this.#narrowPresent !== undefined) this.#narrowPresent = enlarged(this.#narrowPresent, rows)
  }
}

function enlarged(array: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length)
  larger.set(array)
  return larger
}

function enlarged32(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length)
  larger.set(array)
  return larger
}
