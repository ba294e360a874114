import { describe, expect, it } from 'vitest'
import { createCorrelator } from '../../../src/correlate/correlate.ts'
import { createDetector } from '../../../src/detect/detector.ts'
import { usualFlapping } from '../../../src/detect/flapping.ts'
import type { Alarm, AlarmChange } from '../../../src/model/alarm.ts'
import { sampleOf } from '../../../src/model/sample.ts'
import { buildTopology } from '../../../src/model/topology.ts'
import { smallInventory } from '../../support/small-network.ts'
import { trackerBench } from '../../support/tracker-bench.ts'
import { pollIntervalMs, shippedRules } from '../detect/detector-bench.ts'

const dayMs = 86_400_000
const everyMs = 10_000
const start = Date.UTC(2026, 2, 1)

/** What one burst measured. */
interface Burst {
  readonly lost: number
  readonly rttMs: number
  readonly jitterMs: number
}

/** The same in every run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

/** Rows of both logs, at the times at which they were written, of a day on which one element is measured so. */
function dayOf(burstAt: (ms: number, random: () => number) => Burst) {
  const random = randomFrom(7)
  let made = 0
  const detector = createDetector({
    rules: shippedRules,
    elements: smallInventory.elements,
    active: [],
    restless: [],
    flapping: usualFlapping,
    newAlarmId: () => `a-${++made}`,
    pollIntervalMs,
  })
  const { links, elements, services, vantage, gateways } = smallInventory
  const topology = buildTopology(vantage, gateways, [...elements.keys()], links)
  const correlate = createCorrelator()
  const net = trackerBench(start - dayMs)
  const known = new Map<string, Alarm>()
  const alarmRows: number[] = []
  const incidentRows: number[] = []
  for (let ms = 0; ms < dayMs; ms += everyMs) {
    const now = start + ms
    const changes: AlarmChange[] = []
    for (const { id, probes } of elements.values()) {
      if (!probes.icmp) continue
      const { lost, rttMs, jitterMs } =
        id === 'cpe1' ? burstAt(ms, random) : { lost: 0, rttMs: 5, jitterMs: 1 }
      const fields = {
        ...{ sent: 5, received: 5 - lost, loss_ratio: lost / 5 },
        ...(lost === 5 ? {} : { rtt_avg_ms: rttMs, jitter_ms: jitterMs }),
      }
      const outcome = lost === 5 ? 'timeout' : 'answered'
      const sample = sampleOf('icmp', { element: id, vantage: 'nms' }, fields, now)
      changes.push(
        ...detector.accept({ element: id, at: now, probe: 'icmp', outcome, durationMs: 1 }, [sample], now),
      )
    }
    changes.push(...detector.tick(now))
    for (const { alarm } of changes) known.set(alarm.id, alarm)
    alarmRows.push(...changes.flatMap(({ kind }) => (kind === 'kept' ? [] : [now])))
    const { findings, undecided } = correlate({
      ...{ topology, state: detector.state(now), alarms: detector.active(), services: services.values() },
      ...{ now, decisionWaitMs: 10_000 },
    })
    const open = new Set([...net.incidents.values()].flatMap(({ alarms }) => alarms))
    const alarms = [...known.values()].filter(({ id, state }) => state === 'active' || open.has(id))
    incidentRows.push(...net.step(now, findings, alarms, undecided).map(() => now))
  }
  return { alarmRows, incidentRows, incidents: [...net.incidents.values()] }
}

const rowsAfter = (rows: readonly number[], ms: number) => rows.filter((at) => at >= start + ms).length
const mostInAnHour = (rows: readonly number[]) =>
  Math.max(
    0,
    ...Map.groupBy(rows, (at) => Math.floor(at / 3_600_000))
      .values()
      .map(({ length }) => length),
  )

describe('the logs of a day on which values never stand still', { timeout: 120_000 }, () => {
  it('grow no further while what is wrong stays wrong, whatever figure it has', () => {
    const { alarmRows, incidentRows, incidents } = dayOf((_, random) => ({
      lost: 2 + Math.floor(random() * 2),
      rttMs: 230 + 200 * random(),
      jitterMs: 110 + 80 * random(),
    }))
    expect(incidents).toMatchObject([{ kind: 'degradation', state: 'open', version: incidentRows.length }])
    expect(incidentRows.length).toBeGreaterThan(0)
    expect(rowsAfter(alarmRows, 600_000)).toBe(0)
    expect(rowsAfter(incidentRows, 600_000)).toBe(0)
  })

  it.for([
    ['a little', 0.05, 0.05],
    ['a tenth', 0.1, 0.1],
    ['a fifth', 0.2, 0.2],
    ['between two severities', 0.25, 0.35],
    ['now more, now less', 0.02, 0.4],
  ] as const)('are bounded when %s of the packets is lost by chance', ([, least, most]) => {
    const { alarmRows, incidentRows } = dayOf((ms, random) => {
      const share = least + (most - least) * (0.5 - 0.5 * Math.cos((6 * Math.PI * ms) / dayMs))
      const lost = Array.from({ length: 5 }, random).filter((one) => one < share).length
      return { lost, rttMs: 60 + 80 * random() ** 2, jitterMs: 20 + 50 * random() }
    })
    expect(incidentRows.length).toBeGreaterThan(0)
    // Without damping it is 643 changes of severity in the fourth case alone.
    expect(mostInAnHour(alarmRows)).toBeLessThanOrEqual(30)
    expect(alarmRows.length).toBeLessThan(300)
    expect(mostInAnHour(incidentRows)).toBeLessThanOrEqual(30)
    expect(incidentRows.length).toBeLessThan(300)
  })
})
