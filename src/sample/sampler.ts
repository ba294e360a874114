import type { InterfaceTable } from '../model/interface-table.ts'
import type { FieldOf, TagOf } from '../model/measurements.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Profile } from '../model/profile.ts'
import type { AgentReading, Reading } from '../model/reading.ts'
import { type Sample, sampleOf } from '../model/sample.ts'
import type { Target } from '../model/target.ts'
import { burstFields, directionFields } from './burst-statistics.ts'
import type { CounterRefusal } from './counter-delta.ts'
import { rateFields, ratesInto, standsStill } from './counter-rate.ts'
import { elapsedBetween, type ReadAt } from './elapsed.ts'
import { profileValues } from './profile-values.ts'

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
  readonly table: InterfaceTable
}

/** Which row of `before` the interface in each row of `now` had: by its name. -1: none. */
function rowsBefore(before: InterfaceTable, now: InterfaceTable): (row: number) => number {
  if (before.ports === now.ports) return (row) => row
  const rows = new Map(before.ports.map(({ name }, row) => [name, row]))
  return (row) => rows.get(now.ports[row]?.name ?? '') ?? -1
}

/** No late reading is so old, ms: our clock was set back, and all that follows will be earlier than what is known. */
const setBackMs = 300_000

/** Neither its clock nor any counter moved: the agent told again what it had told before. */
function isCached(before: Known, now: Known): boolean {
  if (before.system.upTimeTicks !== now.system.upTimeTicks || now.table.ports.length === 0) return false
  const rowBefore = rowsBefore(before.table, now.table)
  return now.table.ports.every((_port, row) => {
    const earlier = rowBefore(row)
    return earlier >= 0 && standsStill(before.table, earlier, now.table, row)
  })
}

const allRates = 2 ** rateFields.length - 1

type InterfaceTags = Readonly<Record<TagOf<'interface'>, string>>
type InterfaceFields = Partial<Record<FieldOf<'interface'>, number>>

/** Fields of one interface. Almost all have every rate, and then they are made at one stroke. */
function interfaceFields(
  rates: Float64Array,
  there: number,
  isUp: boolean,
  speedBps: number,
): InterfaceFields {
  const up = isUp ? 1 : 0
  if (there === allRates && speedBps > 0)
    return {
      in_bps: rates[0] ?? 0,
      out_bps: rates[1] ?? 0,
      in_pps: rates[2] ?? 0,
      out_pps: rates[3] ?? 0,
      in_errors_per_s: rates[4] ?? 0,
      out_errors_per_s: rates[5] ?? 0,
      in_discards_per_s: rates[6] ?? 0,
      out_discards_per_s: rates[7] ?? 0,
      oper_up: up,
      speed_bps: Math.round(speedBps),
    }
  const fields: InterfaceFields = {}
  rateFields.forEach((field, at) => {
    if ((there & (1 << at)) !== 0) fields[field] = rates[at] ?? 0
  })
  fields.oper_up = up
  if (speedBps > 0) fields.speed_bps = Math.round(speedBps)
  return fields
}

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
  const series = new Map<ElementId, { ports: InterfaceTable['ports']; tags: readonly InterfaceTags[] }>()
  const refusals = new Map<RateRefusal, number>()
  const refuse = (reason: RateRefusal) => {
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
  }

  const rates = new Float64Array(rateFields.length)
  /** Puts the rates of one row into `rates`, and returns which there are. */
  const ratesOf = (
    before: InterfaceTable,
    beforeRow: number,
    now: InterfaceTable,
    row: number,
    elapsedMs: number,
    speedBps: number,
  ) => {
    const isContinuous =
      before.widths[beforeRow] === now.widths[row] &&
      before.discontinuityTicks[beforeRow] === now.discontinuityTicks[row]
    if (isContinuous) return ratesInto(rates, before, beforeRow, now, row, elapsedMs, speedBps, refuse)
    refuse('discontinuity')
    return 0
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

  /** The same objects from poll to poll, so that nobody makes them anew for each sample. */
  const tagsOf = (element: ElementId, ports: InterfaceTable['ports']): readonly InterfaceTags[] => {
    const known = series.get(element)
    if (known?.ports === ports) return known.tags
    const tags = ports.map(({ name }) => ({ element, interface: name }))
    series.set(element, { ports, tags })
    return tags
  }

  const interfaceSamples = (
    element: ElementId,
    reading: ReadAt,
    agent: AgentReading,
    overrides: Target['speedOverrides'],
  ): readonly Sample[] => {
    const table = agent.interfaces
    const past = advance(element, { ...reading, table })
    const before = past?.before.table
    const rowBefore = before === undefined ? undefined : rowsBefore(before, table)
    const tags = tagsOf(element, table.ports)
    return table.ports.map((port, row) => {
      const override = overrides[port.name]
      // An interface may bear the name of what every object has.
      const speedBps = typeof override === 'number' ? override : port.speedBps
      const earlier = rowBefore === undefined ? -1 : rowBefore(row)
      const there =
        past === undefined || before === undefined || earlier < 0
          ? 0
          : ratesOf(before, earlier, table, row, past.elapsedMs, speedBps)
      const fields = interfaceFields(rates, there, port.operStatus === 'up', speedBps)
      return sampleOf('interface', tags[row] ?? { element, interface: port.name }, fields, reading.at)
    })
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
  ): readonly Sample[] => {
    const { element, at, outcome, durationMs, agent } = reading
    const told = { poll_duration_ms: durationMs }
    if (outcome === 'notSent') return []
    if (outcome !== 'answered' || agent === undefined)
      return [sampleOf('element', { element }, { reachable: 0, ...told }, at)]
    const { system } = agent
    const uptime = Math.floor(system.upTimeTicks / 100)
    const { fields, sensors } = profileParts(agent)
    return [
      sampleOf('element', { element }, { reachable: 1, uptime_s: uptime, ...fields, ...told }, at),
      ...interfaceSamples(element, { at, durationMs, system }, agent, overrides),
      ...sensors.map(({ sensor, unit, value }) =>
        sampleOf('sensor', { element, sensor, unit }, { value }, at),
      ),
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
