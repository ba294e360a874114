import type { InterfaceCounters } from '../model/reading.ts'
import { type CounterRefusal, counterDelta } from './counter-delta.ts'

/** A rate field of the measurement `interface`. */
type RateField =
  | 'in_bps'
  | 'out_bps'
  | 'in_pps'
  | 'out_pps'
  | 'in_errors_per_s'
  | 'out_errors_per_s'
  | 'in_discards_per_s'
  | 'out_discards_per_s'

export type Rates = Readonly<Partial<Record<RateField, number>>>

type CounterName = Exclude<keyof InterfaceCounters, 'width' | 'discontinuityTicks'>

const rules: readonly { readonly counter: CounterName; readonly field: RateField; readonly unit: Unit }[] = [
  { counter: 'inOctets', field: 'in_bps', unit: 'octets' },
  { counter: 'outOctets', field: 'out_bps', unit: 'octets' },
  { counter: 'inPackets', field: 'in_pps', unit: 'packets' },
  { counter: 'outPackets', field: 'out_pps', unit: 'packets' },
  { counter: 'inErrors', field: 'in_errors_per_s', unit: 'events' },
  { counter: 'outErrors', field: 'out_errors_per_s', unit: 'events' },
  { counter: 'inDiscards', field: 'in_discards_per_s', unit: 'events' },
  { counter: 'outDiscards', field: 'out_discards_per_s', unit: 'events' },
]
type Unit = 'octets' | 'packets' | 'events'

/** Whether no counter moved. */
export const standsStill = (one: InterfaceCounters, other: InterfaceCounters): boolean =>
  rules.every(({ counter }) => one[counter] === other[counter])

/** A counter is read a moment before or after the clock, and ifHighSpeed is rounded: so much above is still true. */
const tolerance = 1.1
/** What no interface carries: bounds those that do not tell their speed. bit/s. */
const fastest = 10e12
/** The smallest Ethernet frame, without preamble and gap: more packets than speed / 512 cannot pass. */
const smallestPacketBits = 512

/** The most that a counter can have moved in that time; undefined where nothing tells. */
function mostOf(unit: Unit, width: 32 | 64, speedBps: number, elapsedMs: number): bigint | undefined {
  if (unit === 'events') return undefined
  if (speedBps <= 0 && width === 32) return undefined
  const bits = ((speedBps > 0 ? speedBps : fastest) * tolerance * elapsedMs) / 1_000
  return BigInt(Math.floor(bits / (unit === 'octets' ? 8 : smallestPacketBits)))
}

/** Exact until the last division; octets are told in whole bit/s. */
function perSecond(delta: bigint, unit: Unit, elapsedMs: number): number {
  if (unit === 'octets') {
    const elapsed = BigInt(elapsedMs)
    return Number((delta * 8_000n + elapsed / 2n) / elapsed)
  }
  return (Number(delta) * 1_000) / elapsedMs
}

export interface RatesOfCounters {
  readonly rates: Rates
  readonly refused: readonly CounterRefusal[]
}

/**
 * The rates of one interface between two readings, `elapsedMs` (a whole number above 0) apart. `speedBps` is 0 when
 * unknown. When one of its octet or packet counters was reset then all were, whatever the others look like; errors and
 * discards, always 32 bits, are told apart from that because they hardly ever wrap: one that fell has no rate.
 */
export function ratesBetween(
  previous: InterfaceCounters,
  current: InterfaceCounters,
  elapsedMs: number,
  speedBps: number,
): RatesOfCounters {
  const rates: Partial<Record<RateField, number>> = {}
  const refused: CounterRefusal[] = []
  for (const { counter, field, unit } of rules) {
    const before = previous[counter]
    const now = current[counter]
    if (before === undefined || now === undefined) continue
    const width = unit === 'events' ? 32 : current.width
    const result = counterDelta(before, now, width, mostOf(unit, width, speedBps, elapsedMs))
    if (result.refused === undefined) rates[field] = perSecond(result.delta, unit, elapsedMs)
    else if (result.refused === 'reset' && unit !== 'events') return { rates: {}, refused: ['reset'] }
    else refused.push(result.refused)
  }
  return { rates, refused }
}
