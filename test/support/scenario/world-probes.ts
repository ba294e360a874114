import type { Probe } from '../../../src/collect/probe.ts'
import type { ScheduledProbe } from '../../../src/collect/scheduler.ts'
import type { Config } from '../../../src/config/schema.ts'
import type { Burst, Reading } from '../../../src/model/reading.ts'
import type { Clock } from '../../../src/platform/clock.ts'
import { spacingOf } from '../../../src/wiring/open-probes.ts'
import type { Way, World } from './world.ts'
import { createWorldAgents } from './world-agent.ts'

type PathProbe = 'icmp' | 'stamp'

/** Round trips lost of which so many silence an agent: it needs several answers, each with a retry. */
const agentSilentFrom = 0.4

/** How many of `count` packets are lost in the burst with this number, so that the share is right over many bursts. */
const lostOf = (count: number, ratio: number, number: number): number =>
  Math.floor((number + 1) * count * ratio + 1e-9) - Math.floor(number * count * ratio + 1e-9)

/** What a burst over a way sees. `number` counts bursts. */
export function burstOver(way: Way | undefined, probe: PathProbe, count: number, number: number): Burst {
  const nothing = Array.from({ length: count }, () => null)
  if (way === undefined) return { sent: count, rttsMs: nothing }
  const lostForward = lostOf(count, way.lossForward, number)
  const lostBackward = lostOf(count, (1 - way.lossForward) * way.lossBackward, number)
  const received = Math.max(0, count - lostForward - lostBackward)
  const jitterMs = way.jitterForwardMs + way.jitterBackwardMs
  const rttsMs = nothing.map((none, at) => (at < received ? way.rttMs + (at % 2) * jitterMs : none))
  return {
    sent: count,
    rttsMs,
    ...(probe === 'stamp' && received > 0
      ? {
          lostForward,
          lostBackward: count - lostForward - received,
          jitterForwardMs: way.jitterForwardMs,
          jitterBackwardMs: way.jitterBackwardMs,
        }
      : {}),
  }
}

/** What the probes of the daemon see of a world, with the times that real ones take. */
export function createWorldProbes(
  world: World,
  poll: Config['poll'],
  clock: Clock,
  worldNow: () => number = () => clock.now(),
) {
  const agentAt = createWorldAgents(world)

  /** The reading of one poll that begins now. */
  function ask(element: string, probe: Reading['probe']): Reading {
    const at = clock.now()
    const isAt = worldNow()
    world.advanceTo(isAt)
    const { powered, frozen, agentAlive, echoFiltered, hasRoute } = world.condition(element)
    if (!world.sendingWorks || !hasRoute)
      return { element, probe, at, durationMs: 1, outcome: 'notSent', problem: 'network is unreachable' }
    const way = powered && !frozen ? world.wayTo(element, isAt) : undefined
    if (probe === 'snmp') {
      const passes = way ? (1 - way.lossForward) * (1 - way.lossBackward) : 0
      if (!agentAlive || 1 - passes >= agentSilentFrom) {
        const durationMs = poll.snmp.timeout * (poll.snmp.retries + 1)
        return { element, probe, at, durationMs, outcome: 'timeout' }
      }
      const durationMs = 40 + world.slowAgentsMs
      return { element, probe, at, durationMs, outcome: 'answered', agent: agentAt(element, isAt) }
    }
    const { count, timeout, interval } = poll[probe]
    const open = probe === 'icmp' && echoFiltered ? undefined : way
    const burst = burstOver(open, probe, count, Math.floor(at / interval))
    const outcome = burst.rttsMs.some((rtt) => rtt !== null) ? 'answered' : 'timeout'
    const complete = burst.rttsMs.every((rtt) => rtt !== null)
    const durationMs = (count - 1) * spacingOf(poll[probe]) + (complete ? 10 : timeout)
    return { element, probe, at, durationMs, outcome, burst }
  }

  const probe = (name: Reading['probe']): Probe => ({
    name,
    batched: name !== 'snmp',
    engine: 'simulated',
    async measure(targets, deliver, signal) {
      const readings = targets
        .map(({ element }) => ask(element, name))
        .toSorted((one, other) => one.durationMs - other.durationMs)
      let waitedMs = 0
      for (const reading of readings) {
        const left = reading.durationMs - waitedMs
        if (left > 0) await clock.sleep(left, signal)
        if (signal.aborted) return
        waitedMs = reading.durationMs
        deliver(reading)
      }
    },
    close: async () => {},
  })

  const scheduled = (): readonly ScheduledProbe[] => {
    const has = (name: Reading['probe']) =>
      [...world.network.elements.values()].some(({ probes }) => probes?.[name])
    return (['icmp', 'stamp', 'snmp'] as const)
      .filter(has)
      .map((name) => ({ probe: probe(name), intervalMs: poll[name].interval, maxInFlight: 200 }))
  }
  return { ask, scheduled }
}
