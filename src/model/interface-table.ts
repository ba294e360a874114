import type { Interface } from './interface.ts'

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

/** The counters of a row, in the order in which a table holds them. */
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

/** Numbers in `words` that a row takes: each counter is its low 32 bits and then its high ones. */
export const wordsPerRow = 2 * counterNames.length

/** The interfaces of one agent at one poll, in rows. Nobody changes one after it was handed on. */
export interface InterfaceTable {
  /** One a row. The same array as in the poll before while nothing that it tells of has changed. */
  readonly ports: readonly Interface[]
  /** `wordsPerRow` for each row. */
  readonly words: Uint32Array
  /** By row: bit n is set when the row has counter n. */
  readonly present: Uint8Array
  /** By row: 32 or 64. */
  readonly widths: Uint8Array
  /** By row: ifCounterDiscontinuityTime in hundredths of a second; 0: none since the agent started. */
  readonly discontinuityTicks: Uint32Array
}

export interface InterfaceRow {
  readonly port: Interface
  readonly counters: InterfaceCounters
}

/** A table of these rows. */
export function tableOf(rows: readonly InterfaceRow[]): InterfaceTable {
  const table = {
    ports: rows.map(({ port }) => port),
    words: new Uint32Array(rows.length * wordsPerRow),
    present: new Uint8Array(rows.length),
    widths: new Uint8Array(rows.length),
    discontinuityTicks: new Uint32Array(rows.length),
  }
  rows.forEach(({ counters }, row) => {
    table.widths[row] = counters.width
    table.discontinuityTicks[row] = counters.discontinuityTicks ?? 0
    counterNames.forEach((name, at) => {
      const value = counters[name]
      if (value === undefined) return
      const word = row * wordsPerRow + 2 * at
      table.words[word] = Number(BigInt.asUintN(32, value))
      table.words[word + 1] = Number(BigInt.asUintN(32, value >> 32n))
      table.present[row] = (table.present[row] ?? 0) | (1 << at)
    })
  })
  return table
}

/** The counters of one row, for people and files: rates are made from the words. */
export function countersAt(table: InterfaceTable, row: number): InterfaceCounters {
  const counters: { -readonly [Name in keyof InterfaceCounters]: InterfaceCounters[Name] } = {
    width: table.widths[row] === 32 ? 32 : 64,
  }
  const ticks = table.discontinuityTicks[row] ?? 0
  if (ticks > 0) counters.discontinuityTicks = ticks
  counterNames.forEach((name, at) => {
    if (((table.present[row] ?? 0) & (1 << at)) === 0) return
    const word = row * wordsPerRow + 2 * at
    counters[name] = (BigInt(table.words[word + 1] ?? 0) << 32n) | BigInt(table.words[word] ?? 0)
  })
  return counters
}

/** Rows as objects. */
export const rowsOf = (table: InterfaceTable): readonly InterfaceRow[] =>
  table.ports.map((port, row) => ({ port, counters: countersAt(table, row) }))
