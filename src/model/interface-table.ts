import type { Interface } from './interface.ts'
import { type InterfaceList, interfaceList } from './interface-list.ts'

/** Counters of one interface, exact. Absent where the agent has no such column. */
export interface InterfaceCounters {
  readonly inOctets?: bigint
  readonly outOctets?: bigint
  readonly inPackets?: bigint
  readonly outPackets?: bigint
  readonly inErrors?: bigint
  readonly outErrors?: bigint
  readonly inDiscards?: bigint
  readonly outDiscards?: bigint
  /** Width of the octet and packet counters: 64 with ifXTable, else 32. Errors and discards are always 32. */
  readonly width: 32 | 64
  /** ifCounterDiscontinuityTime in hundredths of a second; 0 or absent: none since the agent started. */
  readonly discontinuityTicks?: number
}

/** The counters of a row, in the order in which a table holds them: first those of traffic, then those of events. */
export const counterNames = [
  'inOctets',
  'outOctets',
  'inPackets',
  'outPackets',
  'inErrors',
  'outErrors',
  'inDiscards',
  'outDiscards',
] as const satisfies readonly (keyof InterfaceCounters)[]

/** So many count traffic. They take two words, the low 32 bits and then the high ones; the others take one. */
export const trafficCounters = 4

/** Where a counter stands among the words of its row. */
export const wordOf = (counter: number): number =>
  counter < trafficCounters ? 2 * counter : trafficCounters + counter

/** ifCounterDiscontinuityTime in hundredths of a second; 0: none since the agent started. */
export const discontinuityWord = wordOf(counterNames.length)
/** Bit n: the row has counter n. `isWideBit`: the width of its traffic counters is 64. */
export const flagsWord = discontinuityWord + 1
export const isWideBit = 1 << counterNames.length
export const wordsPerRow = flagsWord + 1

/** The interfaces of one agent at one poll, in rows. Nobody changes one after it was handed on. */
export interface InterfaceTable {
  /** One a row. The same list as in the poll before while nothing that it tells of has changed. */
  readonly ports: InterfaceList
  /** `wordsPerRow` for each row. */
  readonly words: Uint32Array
}

export interface InterfaceRow {
  readonly port: Interface
  readonly counters: InterfaceCounters
}

/** A table of these rows, all of one element. Of a counter of events only the low 32 bits are kept. */
export function tableOf(rows: readonly InterfaceRow[]): InterfaceTable {
  const words = new Uint32Array(rows.length * wordsPerRow)
  rows.forEach(({ counters }, row) => {
    const from = row * wordsPerRow
    let flags = counters.width === 64 ? isWideBit : 0
    words[from + discontinuityWord] = counters.discontinuityTicks ?? 0
    counterNames.forEach((name, counter) => {
      const value = counters[name]
      if (value === undefined) return
      const word = from + wordOf(counter)
      words[word] = Number(BigInt.asUintN(32, value))
      if (counter < trafficCounters) words[word + 1] = Number(BigInt.asUintN(32, value >> 32n))
      flags |= 1 << counter
    })
    words[from + flagsWord] = flags
  })
  const [first] = rows
  const ports = rows.map(({ port }) => port)
  return { ports: interfaceList(first?.port.element ?? '', first?.port.seenAt ?? 0, ports), words }
}

/** The counters of one row, for people and files: rates are made from the words. */
export function countersAt({ words }: InterfaceTable, row: number): InterfaceCounters {
  const from = row * wordsPerRow
  const flags = words[from + flagsWord] ?? 0
  const counters: { -readonly [Name in keyof InterfaceCounters]: InterfaceCounters[Name] } = {
    width: (flags & isWideBit) === 0 ? 32 : 64,
  }
  const ticks = words[from + discontinuityWord] ?? 0
  if (ticks > 0) counters.discontinuityTicks = ticks
  counterNames.forEach((name, counter) => {
    if ((flags & (1 << counter)) === 0) return
    const word = from + wordOf(counter)
    const high = counter < trafficCounters ? BigInt(words[word + 1] ?? 0) << 32n : 0n
    counters[name] = high | BigInt(words[word] ?? 0)
  })
  return counters
}

/** Rows as objects. */
export const rowsOf = (table: InterfaceTable): readonly InterfaceRow[] =>
  table.ports.map((port, row) => ({ port, counters: countersAt(table, row) }))
