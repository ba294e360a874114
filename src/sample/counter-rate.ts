import { counterNames, type InterfaceTable, wordsPerRow } from '../model/interface-table.ts'
import { type CounterRefusal, counterDelta, noDelta, refusalOf, unknownMost } from './counter-delta.ts'

/** Fields of the measurement `interface` that are made of counters, in the order of `counterNames`. */
export const rateFields = [
  'in_bps',
  'out_bps',
  'in_pps',
  'out_pps',
  'in_errors_per_s',
  'out_errors_per_s',
  'in_discards_per_s',
  'out_discards_per_s',
] as const

const counters = counterNames.length
const octetCounters = 2
/** Octets and packets; the others are events. */
const trafficCounters = 4

/** A counter is read a moment before or after the clock, and ifHighSpeed is rounded: so much above is still true. */
const tolerance = 1.1
/** What no interface carries: bounds those that do not tell their speed. bit/s. */
const fastest = 10e12
/** The smallest Ethernet frame, without preamble and gap: more packets than speed / 512 cannot pass. */
const smallestPacketBits = 512

/** Bits that can have passed in that time; `unknownMost` where nothing tells. */
function mostBits(width: 32 | 64, speedBps: number, elapsedMs: number): number {
  if (speedBps <= 0 && width === 32) return unknownMost
  return ((speedBps > 0 ? speedBps : fastest) * tolerance * elapsedMs) / 1_000
}

/** Whether no counter of the row moved. */
export function standsStill(
  one: InterfaceTable,
  row: number,
  other: InterfaceTable,
  otherRow: number,
): boolean {
  if (one.present[row] !== other.present[otherRow]) return false
  for (let word = 0; word < wordsPerRow; word++)
    if (one.words[row * wordsPerRow + word] !== other.words[otherRow * wordsPerRow + word]) return false
  return true
}

/**
 * Puts the rates of one interface between two readings into `rates`, by the order of `rateFields`, and returns which of
 * them there are: bit n is set for rate n. The readings are `elapsedMs` (a whole number above 0) apart; `speedBps` is 0
 * when unknown. Octets are told in whole bit/s. When one of its octet or packet counters was reset then all were,
 * whatever the others look like; errors and discards, always 32 bits, are told apart from that because they hardly ever
 * wrap: one that fell has no rate.
 */
export function ratesInto(
  rates: Float64Array,
  before: InterfaceTable,
  beforeRow: number,
  now: InterfaceTable,
  row: number,
  elapsedMs: number,
  speedBps: number,
  refuse: (reason: CounterRefusal) => void,
): number {
  const width = now.widths[row] === 32 ? 32 : 64
  const bits = mostBits(width, speedBps, elapsedMs)
  const mostOctets = bits < 0 ? unknownMost : Math.floor(bits / 8)
  const mostPackets = bits < 0 ? unknownMost : Math.floor(bits / smallestPacketBits)
  const both = (before.present[beforeRow] ?? 0) & (now.present[row] ?? 0)
  let there = 0
  let refusals: number[] | undefined
  for (let at = 0; at < counters; at++) {
    if ((both & (1 << at)) === 0) continue
    const earlier = beforeRow * wordsPerRow + 2 * at
    const word = row * wordsPerRow + 2 * at
    const isEvent = at >= trafficCounters
    const delta = counterDelta(
      before.words[earlier] ?? 0,
      before.words[earlier + 1] ?? 0,
      now.words[word] ?? 0,
      now.words[word + 1] ?? 0,
      isEvent ? 32 : width,
      isEvent ? unknownMost : at < octetCounters ? mostOctets : mostPackets,
    )
    if (delta >= 0) {
      rates[at] = at < octetCounters ? Math.round((delta * 8_000) / elapsedMs) : (delta * 1_000) / elapsedMs
      there |= 1 << at
    } else if (delta === noDelta.reset && !isEvent) {
      refuse('reset')
      return 0
    } else {
      refusals ??= []
      refusals.push(delta)
    }
  }
  if (refusals !== undefined) for (const refused of refusals) refuse(refusalOf(refused))
  return there
}
