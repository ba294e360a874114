import {
  counterNames,
  discontinuityWord,
  flagsWord,
  isWideBit,
  trafficCounters,
  wordOf,
} from '../model/interface-table.ts'
import { interfaceFields } from '../model/poll-samples.ts'
import { type CounterRefusal, counterDelta, noDelta, refusalOf, unknownMost } from './counter-delta.ts'

/** Fields of the measurement `interface` that are made of counters, in the order of `counterNames`. */
export const rateFields = interfaceFields.slice(0, counterNames.length)

const octetCounters = 2
/** What does not get out may have come from any number of faster interfaces: its own speed says nothing about it. */
const outDiscards = counterNames.indexOf('outDiscards')

/** A counter is read a moment before or after the clock, and ifHighSpeed is rounded: so much above is still true. */
const tolerance = 1.1
/** What no interface carries: bounds those that do not tell their speed. bit/s. */
const fastest = 10e12
/** The smallest Ethernet frame, without preamble and gap: more packets than speed / 512 cannot pass. */
const smallestPacketBits = 512

/** Bits that can have passed in that time; `unknownMost` where nothing tells. */
function mostBits(isWide: boolean, speedBps: number, elapsedMs: number): number {
  if (speedBps <= 0 && !isWide) return unknownMost
  return ((speedBps > 0 ? speedBps : fastest) * tolerance * elapsedMs) / 1_000
}

/** Whether no counter of a row moved. The rows begin at these words. */
export function standsStill(one: Uint32Array, at: number, other: Uint32Array, otherAt: number): boolean {
  for (let word = 0; word < discontinuityWord; word++)
    if (one[at + word] !== other[otherAt + word]) return false
  return one[at + flagsWord] === other[otherAt + flagsWord]
}

/** Whether two readings of a row are of the same counters: of one width, and none was reset in between. */
export const isContinuous = (one: Uint32Array, at: number, other: Uint32Array, otherAt: number): boolean =>
  one[at + discontinuityWord] === other[otherAt + discontinuityWord] &&
  (((one[at + flagsWord] ?? 0) ^ (other[otherAt + flagsWord] ?? 0)) & isWideBit) === 0

/**
 * Puts the rates of one interface between two readings into `rates` from `to` on, by the order of `rateFields`, and
 * leaves what there is beside those that there are. The rows of the readings begin at `beforeAt` and `nowAt`. The
 * readings are `elapsedMs` (a whole number above 0) apart; `speedBps` is 0 when unknown. Octets are told in whole bit/s.
 * When one of its octet or packet counters was reset then all were, whatever the others look like; errors and discards,
 * always 32 bits, are told apart from that because they hardly ever wrap: one that fell has no rate, nor has one that is
 * more than the packets that can have passed.
 */
export function ratesInto(
  rates: Float64Array,
  to: number,
  before: Uint32Array,
  beforeAt: number,
  now: Uint32Array,
  nowAt: number,
  elapsedMs: number,
  speedBps: number,
  refuse: (reason: CounterRefusal) => void,
): void {
  const flags = now[nowAt + flagsWord] ?? 0
  const isWide = (flags & isWideBit) !== 0
  const width = isWide ? 64 : 32
  const bits = mostBits(isWide, speedBps, elapsedMs)
  const mostOctets = bits < 0 ? unknownMost : Math.floor(bits / 8)
  const mostPackets = bits < 0 ? unknownMost : Math.floor(bits / smallestPacketBits)
  const mostBps = tolerance * (speedBps > 0 ? speedBps : fastest) + 1
  const both = (before[beforeAt + flagsWord] ?? 0) & flags
  let refusals: number[] | undefined
  for (let counter = 0; counter < trafficCounters; counter++) {
    if ((both & (1 << counter)) === 0) continue
    const word = 2 * counter
    const delta = counterDelta(
      before[beforeAt + word] ?? 0,
      before[beforeAt + word + 1] ?? 0,
      now[nowAt + word] ?? 0,
      now[nowAt + word + 1] ?? 0,
      width,
      counter < octetCounters ? mostOctets : mostPackets,
    )
    if (delta >= 0 && counter < octetCounters) {
      const bps = Math.round((delta * 8_000) / elapsedMs)
      // Where nothing tells how much can have passed, there is still what no interface carries.
      if (bps <= mostBps) rates[to + counter] = bps
      else {
        refusals ??= []
        refusals.push(noDelta['above-speed'])
      }
    } else if (delta >= 0) rates[to + counter] = (delta * 1_000) / elapsedMs
    else if (delta === noDelta.reset) {
      for (let made = 0; made < counter; made++) rates[to + made] = Number.NaN
      refuse('reset')
      return
    } else {
      refusals ??= []
      refusals.push(delta)
    }
  }
  for (let counter = trafficCounters; counter < counterNames.length; counter++) {
    if ((both & (1 << counter)) === 0) continue
    const word = wordOf(counter)
    const delta = (now[nowAt + word] ?? 0) - (before[beforeAt + word] ?? 0)
    const isPossible = mostPackets === unknownMost || counter === outDiscards || delta <= mostPackets
    if (delta >= 0 && isPossible) rates[to + counter] = (delta * 1_000) / elapsedMs
    else {
      refusals ??= []
      refusals.push(delta < 0 ? noDelta.reset : noDelta['above-speed'])
    }
  }
  if (refusals !== undefined) for (const refused of refusals) refuse(refusalOf(refused))
}
