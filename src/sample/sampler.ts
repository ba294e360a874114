import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'
import type { AgentReading, InterfaceCounters, Reading } from '../model/reading.ts'
import { type Sample, sampleOf } from '../model/sample.ts'
import type { Target } from '../model/target.ts'
import { burstFields, directionFields } from './burst-statistics.ts'
import type { CounterRefusal } from './counter-delta.ts'
import { type Rates, ratesBetween, standsStill } from './counter-rate.ts'
import { elapsedBetween, type ReadAt } from './elapsed.ts'

/** Why counters gave no rate. `restart`, `cached`, `too-soon` and `out-of-order` count polls, the others counters or interfaces. */
type RateRefusal = CounterRefusal | 'restart' | 'discontinuity' | 'cached' | 'too-soon' | 'out-of-order'

export interface Sampler {
  /**
   * The samples of one poll. Counters give rates from the second reading on; what cannot be told for certain is left
   * out and counted, never guessed.
   */
  accept(reading: Reading, target: Pick<Target, 'speedOverrides'>): readonly Sample[]
  /** Rates refused since the start, by reason. */
  refused(): ReadonlyMap<RateRefusal, number>
}

/** The last reading of an agent. An interface that is missing from it begins anew when it comes back. */
interface Known extends ReadAt {
  readonly counters: ReadonlyMap<InterfaceName, InterfaceCounters>
}

const knownFrom = (reading: ReadAt, { interfaces }: AgentReading): Known => ({
  ...reading,
  counters: new Map(interfaces.map(({ port, counters }) => [port.name, counters])),
})

/** No late reading is so old, ms: our clock was set back, and all that follows will be earlier than what is known. */
const setBackMs = 300_000

/** Neither its clock nor any counter moved: the agent told again what it had told before. */
const isCached = (before: Known, now: Known): boolean =>
  before.system.upTimeTicks === now.system.upTimeTicks &&
  now.counters.size > 0 &&
  [...now.counters].every(([name, counters]) => {
    const other = before.counters.get(name)
    return other !== undefined && standsStill(other, counters)
  })

export interface SamplerSettings {
  readonly vantage: ElementId
  /**
   * A rate is made over at least this, ms. Agents read their counters anew only every few seconds, so a poll out of
   * turn soon after another would see a step where there is none.
   */
  readonly shortestMs?: number
}

/** Makes samples from readings. Its state is the last reading of each agent. */
export function createSampler({ vantage, shortestMs = 0 }: SamplerSettings): Sampler {
  const agents = new Map<ElementId, Known>()
  const refusals = new Map<RateRefusal, number>()
  const refuse = (reason: RateRefusal) => {
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
  }

  const ratesOf = (
    before: InterfaceCounters,
    now: InterfaceCounters,
    elapsedMs: number,
    speed: number,
  ): Rates => {
    const isContinuous =
      before.width === now.width && (before.discontinuityTicks ?? 0) === (now.discontinuityTicks ?? 0)
    if (!isContinuous) {
      refuse('discontinuity')
      return {}
    }
    const { rates, refused } = ratesBetween(before, now, elapsedMs, speed)
    refused.forEach(refuse)
    return rates
  }

  /** Takes a reading over, and gives the one before it with the time between, if rates can be made from the two. */
  const advance = (element: ElementId, now: Known): { before: Known; elapsedMs: number } | undefined => {
    const before = agents.get(element)
    if (before === undefined) {
      agents.set(element, now)
      return undefined
    }
    const elapsed = elapsedBetween(before, now)
    // These two say nothing new, so the next rate reaches back to the reading that did.
    if (elapsed.kind === 'outOfOrder') {
      refuse('out-of-order')
      if (before.at - now.at > setBackMs) agents.set(element, now)
    } else if (elapsed.kind === 'running' && isCached(before, now)) refuse('cached')
    else if (elapsed.kind === 'running' && elapsed.elapsedMs < shortestMs) refuse('too-soon')
    else {
      agents.set(element, now)
      if (elapsed.kind === 'running') return { before, elapsedMs: elapsed.elapsedMs }
      refuse('restart')
    }
    return undefined
  }

  const interfaceSamples = (
    element: ElementId,
    reading: ReadAt,
    agent: AgentReading,
    overrides: Target['speedOverrides'],
  ): readonly Sample[] => {
    const past = advance(element, knownFrom(reading, agent))
    return agent.interfaces.map(({ port, counters }) => {
      const speedBps = overrides[port.name] ?? port.speedBps
      const before = past?.before.counters.get(port.name)
      const rates =
        past === undefined || before === undefined ? {} : ratesOf(before, counters, past.elapsedMs, speedBps)
      const fields = {
        ...rates,
        oper_up: port.operStatus === 'up' ? 1 : 0,
        ...(speedBps > 0 ? { speed_bps: Math.round(speedBps) } : {}),
      }
      return sampleOf('interface', { element, interface: port.name }, fields, reading.at)
    })
  }

  const agentSamples = (
    reading: Extract<Reading, { probe: 'snmp' }>,
    overrides: Target['speedOverrides'],
  ): readonly Sample[] => {
    const { element, at, outcome, durationMs, agent } = reading
    const told = { poll_duration_ms: durationMs }
    if (outcome === 'notSent') return []
    if (outcome !== 'answered' || agent === undefined)
      return [sampleOf('element', { element }, { reachable: 0, ...told }, at)]
    const { system } = agent
    const uptime = Math.floor(system.upTimeTicks / 100)
    return [
      sampleOf('element', { element }, { reachable: 1, uptime_s: uptime, ...told }, at),
      ...interfaceSamples(element, { at, durationMs, system }, agent, overrides),
    ]
  }

  return {
    accept(reading, { speedOverrides }) {
      if (reading.probe === 'snmp') return agentSamples(reading, speedOverrides)
      const { element, at, outcome, probe, burst } = reading
      if (outcome === 'notSent' || burst === undefined || burst.sent === 0) return []
      const tags = { element, vantage }
      return probe === 'icmp'
        ? [sampleOf(probe, tags, burstFields(burst), at)]
        : [sampleOf(probe, tags, { ...burstFields(burst), ...directionFields(burst) }, at)]
    },
    refused: () => refusals,
  }
}
