import type { ElementId } from '../model/network-element.ts'
import type { ProbeName, Reading } from '../model/reading.ts'
import type { Target } from '../model/target.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { CollectMetrics } from './collect-metrics.ts'
import { phaseOf, pollGrid, slotAt } from './poll-grid.ts'
import { PollLine } from './poll-line.ts'
import type { Probe } from './probe.ts'
import type { RunningPoll } from './running-poll.ts'

export interface ScheduledProbe {
  readonly probe: Probe
  /** Time between two polls of one element. */
  readonly intervalMs: number
  /** After this a poll is aborted. Default: two intervals. */
  readonly deadlineMs?: number
  /** Polls at a time, silent elements apart, for probes that are not batched. Default: 50. */
  readonly maxInFlight?: number
}

export interface SchedulerDeps {
  readonly probes: readonly ScheduledProbe[]
  /** Asked in each slot, so that a reload takes effect with the next one. */
  readonly targets: () => ReadonlyMap<ElementId, Target>
  readonly deliver: (reading: Reading) => void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
}

/** How often an element's poll was still running when the next one was due. */
export interface Overrun {
  readonly element: ElementId
  readonly probe: ProbeName
  readonly skipped: number
}

export interface Scheduler {
  /** Begins; the first poll of each element comes at its own phase, within one interval. */
  start(): void
  /**
   * Polls now, ahead of all that wait, also when not started. An element that is being polled is not polled twice: its
   * running poll counts. Resolves with the readings in the order in which they come; on abort with those that have
   * come. Elements that are unknown or lack a probe are left out.
   */
  pollNow(
    elements: Iterable<ElementId>,
    probes?: readonly ProbeName[],
    signal?: AbortSignal,
  ): Promise<Reading[]>
  /** The worst first. */
  overruns(limit?: number): readonly Overrun[]
  /** Aborts what is running and waits for its end. For good. */
  stop(): Promise<void>
}

/** So many are asked in one batch when they are asked out of turn. */
const mostInOneBatch = 50

const hasProbe: Record<ProbeName, (target: Target) => boolean> = {
  icmp: (target) => target.icmp,
  stamp: (target) => target.stamp !== undefined,
  snmp: (target) => target.snmp !== undefined,
}

/**
 * Polls each element by each of its probes at a fixed rate. Every (element, probe) has its own phase in the interval. A
 * poll that is still running when its next slot comes makes that slot be skipped, and counted against the element by
 * name; nothing is ever queued twice, so nothing piles up.
 */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { clock, metrics, targets } = deps
  const stopping = new AbortController()
  const lines = deps.probes.map((scheduled) => createLine(scheduled))
  const loops: Promise<void>[] = []

  function createLine({ probe, intervalMs, deadlineMs = 2 * intervalMs, maxInFlight = 50 }: ScheduledProbe) {
    const grid = pollGrid(intervalMs, probe.batched)
    const polls = new PollLine({ probe, deadlineMs, maxInFlight }, deps)
    const skipped = new Map<ElementId, number>()
    let indexed: ReadonlyMap<ElementId, Target> | undefined
    let byPhase = new Map<number, Target[]>()

    /** Targets by phase; made anew when there is another map, and once a round in case the map was changed in place. */
    function due(slot: number): readonly Target[] {
      const known = targets()
      const phase = slot % grid.slots
      if (known !== indexed || phase === 0) {
        byPhase = Map.groupBy(
          known.values().filter((target) => hasProbe[probe.name](target)),
          (target) => phaseOf(target.element, grid.slots),
        )
        for (const element of skipped.keys()) if (!known.has(element)) skipped.delete(element)
        indexed = known
      }
      return byPhase.get(phase) ?? []
    }

    function skip(element: ElementId, running: RunningPoll): void {
      // One that was asked for out of turn is not late.
      if (running.urgent) return
      skipped.set(element, (skipped.get(element) ?? 0) + 1)
      metrics.pollOverruns.inc({ probe: probe.name })
    }

    function pollSlots(first: number, last: number): void {
      const ready: Target[] = []
      for (let slot = first; slot <= last; slot++)
        for (const target of due(slot)) {
          const running = polls.running(target.element)
          if (running === undefined) ready.push(target)
          else skip(target.element, running)
        }
      polls.launch(ready, false)
    }

    async function keepTime(): Promise<void> {
      let done = slotAt(grid, clock.now())
      while (!stopping.signal.aborted) {
        const wait = (done + 1) * grid.slotMs - clock.now()
        await clock.sleep(Math.max(1, Math.ceil(wait)), stopping.signal)
        if (stopping.signal.aborted) return
        const now = slotAt(grid, clock.now())
        // Woken a little early: not yet. Late: what was missed is made up for, each element once. A clock that was set
        // back: go on from where it is.
        if (now === done) continue
        pollSlots(now < done ? now : Math.max(done + 1, now - grid.slots + 1), now)
        done = now
      }
    }

    /** A batch takes the longer the more are in it, so many are asked in the same batches as by their slots. */
    function launchNow(wanted: readonly Target[]): readonly RunningPoll[] {
      if (wanted.length <= mostInOneBatch) return polls.launch(wanted, true)
      const batches = Map.groupBy(wanted, ({ element }) => phaseOf(element, grid.slots))
      return [...batches.values()].flatMap((batch) => polls.launch(batch, true))
    }

    return { name: probe.name, polls, skipped, keepTime, launchNow }
  }

  return {
    start() {
      if (loops.length > 0) return
      for (const line of lines) loops.push(line.keepTime())
    },

    async pollNow(elements, probes, signal) {
      const wanted = [...new Set(elements)].flatMap((element) => targets().get(element) ?? [])
      const awaited: RunningPoll[] = []
      for (const { name, polls, launchNow } of lines) {
        if (probes !== undefined && !probes.includes(name)) continue
        const able = wanted.filter((target) => hasProbe[name](target))
        const running = Map.groupBy(able, ({ element }) => polls.running(element) !== undefined)
        for (const { element } of running.get(true) ?? []) {
          awaited.push(...[polls.running(element)].filter((poll) => poll !== undefined))
          polls.promote(element)
        }
        awaited.push(...launchNow(running.get(false) ?? []))
      }
      const readings: Reading[] = []
      const all = Promise.all(
        awaited.map(async ({ done }) => {
          const reading = await done
          if (reading !== undefined) readings.push(reading)
        }),
      )
      await (signal === undefined ? all : Promise.race([all, aborted(signal)]))
      return [...readings]
    },

    overruns(limit = 20) {
      return lines
        .flatMap(({ name, skipped }) =>
          [...skipped].map(([element, count]) => ({ element, probe: name, skipped: count })),
        )
        .sort((a, b) => b.skipped - a.skipped || a.element.localeCompare(b.element))
        .slice(0, limit)
    },

    async stop() {
      stopping.abort()
      await Promise.all([...lines.map(({ polls }) => polls.stop()), ...loops])
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
