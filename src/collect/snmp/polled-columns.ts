import {
  discontinuityWord,
  flagsWord,
  isWideBit,
  trafficCounters,
  wordOf,
  wordsPerRow,
} from '../../model/interface-table.ts'
import { counterInto, numberAt } from './codec/ber-number.ts'
import { tags } from './codec/tags.ts'
import type { VarbindReader } from './codec/varbind-reader.ts'
import { type PolledColumn, polledColumns } from './if-mib.ts'
import type { RowIndex } from './row-index.ts'
import type { ColumnSink } from './walk-columns.ts'

/** What a value does to its row. One shape for all: it is looked at for each value. */
interface Effect {
  readonly kind: 'counter' | 'admin' | 'oper' | 'discontinuity' | 'name'
  /** Of a counter: its word in the row, and the flag that says that it is there; 0 for one that is only a part of it. */
  readonly word: number
  readonly flag: number
  readonly narrow: boolean
}

const effect = (kind: Effect['kind']): Effect => ({ kind, word: 0, flag: 0, narrow: false })
/** Multicast and broadcast alone are no count of packets: they only add to one. */
const counter = (at: number, narrow = false, adds = false): Effect => ({
  kind: 'counter',
  word: wordOf(at),
  flag: adds ? 0 : 1 << at,
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
  operStatus: effect('oper'),
  adminStatus: effect('admin'),
  name: effect('name'),
  descr: effect('name'),
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
  discontinuityTime: effect('discontinuity'),
  inOctets: counter(inOctets, true),
  outOctets: counter(outOctets, true),
  inUnicast: counter(inPackets, true),
  outUnicast: counter(outPackets, true),
  inNonUnicast: counter(inPackets, true, true),
  outNonUnicast: counter(outPackets, true, true),
}

const polledNames = Object.keys(effects).filter((name): name is PolledColumn => name in polledColumns)

const isNarrow = (name: PolledColumn): boolean => effects[name].narrow
/** Columns that are read in any case, and those that are read besides where an interface has no 64-bit octets. */
export const wideNames = polledNames.filter((name) => !isNarrow(name))
export const narrowNames = polledNames.filter(isNarrow)

const seenBit = 0x80
const adminShift = 3
const statusMask = 7
const unknownStatus = 4
/** ifOperStatus and ifAdminStatus in the state of a row, 0 where they were not told; and whether any column had it. */
export const operOf = (state: number): number => state & statusMask
export const adminOf = (state: number): number => (state >> adminShift) & statusMask
/** Both, as `InterfaceList` has them. */
export const statusOf = (state: number): number => state & (statusMask | (statusMask << adminShift))
export const isSeen = (state: number): boolean => (state & seenBit) !== 0

/** Flags of the traffic counters, which have two widths, and of those that must be wide for a row to be. */
const trafficFlags = (1 << trafficCounters) - 1
const octetFlags = (1 << inOctets) | (1 << outOctets)
/** Among the flags of 32-bit columns: some value was no Counter64. There are agents that put 64 bits into them. */
const narrowBit = isWideBit << 1
const firstEventWord = wordOf(trafficCounters)
const halfSize = 2 ** 32

/** Takes the values that stand beside the rows. */
interface Scalars {
  take(at: number, value: VarbindReader): void
}

/** What each row was called before. */
interface Guards {
  /** Whether a row is still called so. */
  holds(row: number, bytes: Uint8Array, start: number, end: number): boolean
}

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
  /** 32-bit octets and packets, where they are read at all, with flags of their own. */
  #narrow: Uint32Array | undefined
  readonly #halves = { low: 0, high: 0 }
  readonly #guards: Guards | undefined
  readonly #clocks: Scalars

  constructor(index: RowIndex, guards: Guards | undefined, clocks: Scalars) {
    const rows = index.size
    this.index = index
    this.#guards = guards
    this.#clocks = clocks
    this.states = new Uint8Array(rows)
    this.#words = new Uint32Array(rows * wordsPerRow)
  }

  /** Which columns the next walk is of. */
  begin(columns: readonly PolledColumn[]): void {
    this.#columns = columns.map((name) => effects[name])
    if (columns.some(isNarrow)) this.#narrow ??= new Uint32Array(this.states.length * wordsPerRow)
  }

  scalar(at: number, value: VarbindReader): void {
    this.#clocks.take(at, value)
  }

  take(column: number, index: number, hint: number, value: VarbindReader): void {
    const effect = this.#columns[column]
    // An index of several numbers is none of ifTable's.
    if (index < 0 || effect === undefined) return
    const row = this.index.row(index, hint)
    if (row >= this.states.length) this.#grow()
    const { states } = this
    const state = states[row] ?? 0
    if ((state & seenBit) === 0) states[row] = state | seenBit
    if (effect.kind === 'counter') {
      const words = effect.narrow ? this.#narrow : this.#words
      if (words !== undefined) this.#count(words, row * wordsPerRow, effect, value)
      return
    }
    const { bytes, tag, valueStart, valueEnd } = value
    if (effect.kind === 'name') {
      if (tag === tags.octetString && this.#guards?.holds(row, bytes, valueStart, valueEnd) === false)
        this.renamed = true
      return
    }
    const number = numberAt(bytes, tag, valueStart, valueEnd)
    if (effect.kind === 'discontinuity')
      this.#words[row * wordsPerRow + discontinuityWord] = number >= 0 ? number : 0
    // IF-MIB has no status above 7, and "unknown" is what is not told.
    else if (number > 0 && number <= statusMask && number !== unknownStatus)
      states[row] = state | seenBit | (effect.kind === 'oper' ? number : number << adminShift)
  }

  /** Whether every row has 64-bit octets. */
  get isWide(): boolean {
    for (let row = 0; row < this.index.size; row++)
      if (((this.#words[row * wordsPerRow + flagsWord] ?? 0) & octetFlags) !== octetFlags) return false
    return true
  }

  /** The words of an interface table, of these rows in this order; of all as they are by default. Call it once. */
  words(rows?: readonly number[]): Uint32Array {
    const { size } = this.index
    for (let row = 0; row < size; row++) this.#settle(row * wordsPerRow)
    const length = size * wordsPerRow
    if (rows === undefined) return this.#words.length === length ? this.#words : this.#words.slice(0, length)
    const words = new Uint32Array(rows.length * wordsPerRow)
    rows.forEach((row, at) => {
      words.set(this.#words.subarray(row * wordsPerRow, (row + 1) * wordsPerRow), at * wordsPerRow)
    })
    return words
  }

  /** Says how wide a row is, and gives one that lacks 64-bit octets what its other columns hold instead. */
  #settle(from: number): void {
    const words = this.#words
    const flags = words[from + flagsWord] ?? 0
    if ((flags & octetFlags) === octetFlags) {
      words[from + flagsWord] = flags | isWideBit
      return
    }
    const narrow = this.#narrow
    const narrowFlags = narrow?.[from + flagsWord] ?? 0
    const isWide = (narrowFlags & (octetFlags | narrowBit)) === octetFlags
    for (let word = 0; word < firstEventWord; word++)
      words[from + word] = isWide || (word & 1) === 0 ? (narrow?.[from + word] ?? 0) : 0
    words[from + flagsWord] =
      (flags & ~trafficFlags) | (narrowFlags & trafficFlags) | (isWide ? isWideBit : 0)
  }

  /** Adds a value to a counter of the row that begins at `from`. All begin at 0: parts of a sum may come in any order. */
  #count(words: Uint32Array, from: number, { word, flag, narrow }: Effect, value: VarbindReader): void {
    const { bytes, tag, valueStart, valueEnd } = value
    if (!counterInto(this.#halves, bytes, tag, valueStart, valueEnd)) return
    const { low, high } = this.#halves
    if (word >= firstEventWord) {
      // No counter of events has more than 32 bits: whatever that is, there is no room to be exact.
      if (high > 0) return
      words[from + word] = low
    } else {
      const sum = (words[from + word] ?? 0) + low
      words[from + word] = sum
      words[from + word + 1] = (words[from + word + 1] ?? 0) + high + (sum >= halfSize ? 1 : 0)
    }
    const told = narrow && tag !== tags.counter64 ? flag | narrowBit : flag
    words[from + flagsWord] = (words[from + flagsWord] ?? 0) | told
  }

  #grow(): void {
    const rows = Math.max(32, 2 * this.states.length, this.index.size)
    const states = new Uint8Array(rows)
    states.set(this.states)
    this.states = states
    this.#words = enlarged(this.#words, rows * wordsPerRow)
    if (this.#narrow !== undefined) this.#narrow = enlarged(this.#narrow, rows * wordsPerRow)
  }
}

function enlarged(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length)
  larger.set(array)
  return larger
}
