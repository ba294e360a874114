import type { InterfaceList } from '../model/interface-list.ts'
import { type InterfaceTable, wordsPerRow } from '../model/interface-table.ts'
import type { ElementId } from '../model/network-element.ts'
import {
  createSampleMaker,
  type InterfaceValues,
  interfaceFields,
  type PollSamples,
} from '../model/poll-samples.ts'
import type { Profile } from '../model/profile.ts'
import type { AgentReading, Reading } from '../model/reading.ts'
import { type Sample, sampleOf } from '../model/sample.ts'
import type { Target } from '../model/target.ts'
import { burstFields, directionFields } from './burst-statistics.ts'
import type { CounterRefusal } from './counter-delta.ts'
import { isContinuous, ratesInto, standsStill } from './counter-rate.ts'
import { elapsedBetween, type ReadAt } from './elapsed.ts'
import { profileValues } from './profile-values.ts'

/**
 * Why counters gave no rate. `restart`, `cached`, `too-soon`, `out-of-order` and `clock` (ours or the agent's was set)
 * count polls, the others counters or interfaces.
 */
type RateRefusal =
  | CounterRefusal
  | 'restart'
  | 'discontinuity'
  | 'cached'
  | 'too-soon'
  | 'out-of-order'
  | 'clock'

export interface Sampler {
  /**
   * The samples of one poll. Counters give rates from the second reading on; what cannot be told for certain is left
   * out and counted, never guessed.
   */
  accept(reading: Reading, target: Pick<Target, 'speedOverrides'>): readonly Sample[]
  /** The same, with those of interfaces in columns, which the next call uses again. */
  columns(reading: Reading, target: Pick<Target, 'speedOverrides'>): PollSamples
  /** Rates refused since the start, by reason. */
  refused(): ReadonlyMap<RateRefusal, number>
}

/**
 * The last reading of an agent. An interface that is missing from it begins anew when it comes back. There are as many
 * as agents and they live for ever, so that one is kept and changed rather than replaced; its words are a copy.
 */
interface Known {
  at: number
  durationMs: number
  system: ReadAt['system']
  /** Whether its clock went as ours does. */
  agrees: boolean
  ports: InterfaceList
  words: Uint32Array
}

/** Which row of `before` the interface in each row of `now` had: by its name. -1: none. */
function rowsBefore(before: InterfaceList, now: InterfaceList): (row: number) => number {
  if (before === now || before.isNamedAs(now)) return (row) => row
  const rows = new Map(Array.from({ length: before.length }, (_, row) => [before.name(row), row]))
  return (row) => rows.get(now.name(row)) ?? -1
}

/** No late reading is so old, ms: our clock was set back, and all that follows will be earlier than what is known. */
const setBackMs = 300_000

/** Neither its clock nor any counter that was known moved: the agent told again what it had told before. */
function isCached(before: Known, system: ReadAt['system'], { ports, words }: InterfaceTable): boolean {
  if (before.system.upTimeTicks !== system.upTimeTicks) return false
  const rowBefore = rowsBefore(before.ports, ports)
  let isKnown = false
  for (let row = 0; row < ports.length; row++) {
    const earlier = rowBefore(row)
    if (earlier < 0) continue
    if (!standsStill(before.words, earlier * wordsPerRow, words, row * wordsPerRow)) return false
    isKnown = true
  }
  return isKnown
}

const width = interfaceFields.length
const operUp = interfaceFields.indexOf('oper_up')
const speed = interfaceFields.indexOf('speed_bps')

export interface SamplerSettings {
  readonly vantage: ElementId
  /** Those that readings name by id. */
  readonly profiles?: readonly Profile[]
  /**
   * A rate is made over at least this, ms. Agents read their counters anew only every few seconds, so a poll out of
   * turn soon after another would see a step where there is none.
   */
  readonly shortestMs?: number
}

/** Makes samples from readings. Its state is the last reading of each agent. */
export function createSampler({ vantage, profiles = [], shortestMs = 0 }: SamplerSettings): Sampler {
  const agents = new Map<ElementId, Known>()
  const refusals = new Map<RateRefusal, number>()
  const refuse = (reason: RateRefusal) => {
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
  }

  const toSamples = createSampleMaker()
  /** Used for each poll anew. */
  let values = new Float64Array(64 * width)

  /** What to do with a reading: whether it replaces the one before, and the time between if rates can be made. */
  const judge = (
    before: Known,
    now: ReadAt,
    table: InterfaceTable,
  ): { readonly replaces: boolean; readonly agrees?: boolean; readonly elapsedMs?: number } => {
    const elapsed = elapsedBetween(before, now)
    // The first three say nothing new, so the next rate reaches back to the reading that did.
    if (elapsed.kind === 'outOfOrder') {
      refuse('out-of-order')
      return { replaces: before.at - now.at > setBackMs }
    }
    if (elapsed.kind === 'running' && isCached(before, now.system, table)) {
      refuse('cached')
      return { replaces: false }
    }
    if (elapsed.kind === 'running' && elapsed.elapsedMs < shortestMs) {
      refuse('too-soon')
      return { replaces: false }
    }
    if (elapsed.kind === 'restarted') {
      refuse('restart')
      return { replaces: true }
    }
    const { agrees, elapsedMs } = elapsed
    // There are agents whose clock is always wrong; but of one that was right until now, nobody knows how long it was.
    if (agrees || !before.agrees) return { replaces: true, agrees, elapsedMs }
    refuse('clock')
    return { replaces: true }
  }

  const keep = (
    element: ElementId,
    { at, durationMs, system }: ReadAt,
    agrees: boolean,
    { ports, words }: InterfaceTable,
  ) => {
    const known = agents.get(element)
    if (known === undefined) {
      agents.set(element, { at, durationMs, system, agrees, ports, words: words.slice() })
      return
    }
    known.agrees = agrees
    known.at = at
    known.durationMs = durationMs
    known.system = system
    known.ports = ports
    if (known.words.length === words.length) known.words.set(words)
    else known.words = words.slice()
  }

  const interfaceValues = (
    element: ElementId,
    reading: ReadAt,
    agent: AgentReading,
    overrides: Target['speedOverrides'],
  ): InterfaceValues => {
    const table = agent.interfaces
    const { ports, words } = table
    if (values.length < ports.length * width) values = new Float64Array(2 * ports.length * width)
    values.fill(Number.NaN, 0, ports.length * width)
    const before = agents.get(element)
    const { replaces, agrees, elapsedMs } =
      before === undefined ? { replaces: true } : judge(before, reading, table)
    const rowBefore =
      before === undefined || elapsedMs === undefined ? undefined : rowsBefore(before.ports, ports)
    const isOverridden = Object.keys(overrides).length > 0
    for (let row = 0; row < ports.length; row++) {
      const override = isOverridden ? overrides[ports.name(row)] : undefined
      // An interface may bear the name of what every object has.
      const speedBps = typeof override === 'number' ? override : ports.speedBps(row)
      const to = row * width
      values[to + operUp] = ports.operStatus(row) === 'up' ? 1 : 0
      if (speedBps > 0) values[to + speed] = Math.round(speedBps)
      if (before === undefined || elapsedMs === undefined || rowBefore === undefined) continue
      const earlier = rowBefore(row)
      if (earlier < 0) continue
      const [beforeAt, nowAt] = [earlier * wordsPerRow, row * wordsPerRow]
      // It may have been faster for most of the time; many that went down tell a lower speed, or none.
      const fastestBps =
        typeof override === 'number' ? speedBps : Math.max(speedBps, before.ports.speedBps(earlier))
      if (isContinuous(before.words, beforeAt, words, nowAt))
        ratesInto(values, to, before.words, beforeAt, words, nowAt, elapsedMs, fastestBps, refuse)
      else refuse('discontinuity')
    }
    if (replaces) keep(element, reading, agrees === true, table)
    return { after: 1, ports, at: reading.at, values, from: 0 }
  }

  const profileParts = ({ profile }: AgentReading) => {
    if (profile === undefined) return { fields: {}, sensors: [] }
    const { cpuRatio, memoryRatio, temperatureC, sensors } = profileValues(profiles, profile)
    const fields = {
      ...(cpuRatio === undefined ? {} : { cpu_ratio: cpuRatio }),
      ...(memoryRatio === undefined ? {} : { memory_ratio: memoryRatio }),
      ...(temperatureC === undefined ? {} : { temperature_c: temperatureC }),
    }
    return { fields, sensors }
  }

  const agentSamples = (
    reading: Extract<Reading, { probe: 'snmp' }>,
    overrides: Target['speedOverrides'],
  ): PollSamples => {
    const { element, at, outcome, durationMs, agent } = reading
    const told = { poll_duration_ms: durationMs }
    if (outcome === 'notSent') return { samples: [] }
    if (outcome !== 'answered' || agent === undefined)
      return { samples: [sampleOf('element', { element }, { reachable: 0, ...told }, at)] }
    const { system } = agent
    const uptime = Math.floor(system.upTimeTicks / 100)
    const { fields, sensors } = profileParts(agent)
    const samples = [
      sampleOf('element', { element }, { reachable: 1, uptime_s: uptime, ...fields, ...told }, at),
      ...sensors.map(({ sensor, unit, value }) =>
        sampleOf('sensor', { element, sensor, unit }, { value }, at),
      ),
    ]
    return { samples, interfaces: interfaceValues(element, { at, durationMs, system }, agent, overrides) }
  }

  const columns = (reading: Reading, { speedOverrides }: Pick<Target, 'speedOverrides'>): PollSamples => {
    if (reading.probe === 'snmp') return agentSamples(reading, speedOverrides)
    const { element, at, outcome, probe, burst } = reading
    if (outcome === 'notSent' || burst === undefined || burst.sent === 0) return { samples: [] }
    const tags = { element, vantage }
    const fields =
      probe === 'icmp' ? burstFields(burst) : { ...burstFields(burst), ...directionFields(burst) }
    return { samples: [sampleOf(probe, tags, fields, at)] }
  }

  return {
    accept: (reading, target) => toSamples(columns(reading, target)),
    columns,
    refused: () => refusals,
  }
}
