import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { correlate } from '../../../src/correlate/correlate.ts'
import { createDetector } from '../../../src/detect/detector.ts'
import type { Reading } from '../../../src/model/reading.ts'
import { buildTopology } from '../../../src/model/topology.ts'
import { element, pollIntervalMs, shippedRules } from '../detect/detector-bench.ts'
import { inShort, lab } from './network-bench.ts'

const polled = lab.elements.filter((id) => !lab.unpolled.includes(id))
const topology = buildTopology(lab.vantage, lab.gateways, lab.elements, lab.links)
const intervalMs = pollIntervalMs.icmp

/** Which elements answer while these are dead. */
function answering(dead: ReadonlySet<string>): ReadonlySet<string> {
  const reached = new Set([lab.vantage])
  for (const id of reached)
    for (const { neighbour } of topology.adjacent(id)) if (!dead.has(neighbour)) reached.add(neighbour)
  return reached
}

/**
 * Polls the lab by ICMP, each element in its own phase of the interval; `dead` dies at 60 s and comes back at 180 s.
 * A lost burst is told a second after it was sent. Gives what was found after every reading.
 */
function play(phases: readonly number[], dead: string) {
  const detector = createDetector({
    rules: shippedRules,
    elements: new Map(polled.map((id) => [id, element(id, { icmp: true })])),
    active: [],
    newAlarmId: (() => {
      let count = 0
      return () => `alarm-${++count}`
    })(),
    pollIntervalMs,
  })
  const [diesAt, backAt, end] = [60_000, 180_000, 240_000]
  const whole = answering(new Set())
  const broken = answering(new Set([dead]))
  const polls: { readonly reading: Reading; readonly toldAt: number }[] = []
  for (const [index, id] of polled.entries())
    for (let at = phases[index] ?? 0; at < end; at += intervalMs) {
      const isGood = (at >= diesAt && at < backAt ? broken : whole).has(id)
      const outcome = isGood ? 'answered' : 'timeout'
      polls.push({
        reading: { element: id, at, outcome, durationMs: 1, probe: 'icmp' },
        toldAt: at + (isGood ? 5 : 1000),
      })
    }
  polls.sort((one, other) => one.toldAt - other.toldAt)
  return polls.map(({ reading, toldAt: now }) => {
    detector.accept(reading, [], now)
    const { findings } = correlate({
      topology,
      state: detector.state(now),
      alarms: detector.active(),
      services: lab.services,
      now,
      decisionWaitMs: intervalMs,
    })
    return { now, findings: findings.map(inShort) }
  })
}

const phases = fc.array(fc.nat(intervalMs - 1), { minLength: polled.length, maxLength: polled.length })

describe('polls in any phase', () => {
  it.for([
    ['agg1', 'agg1', 's11 s12 s13 s21 s22'],
    ['acc1', 'acc1 or its uplink', 's11 s12 s13'],
    ['cpe21', 'cpe21 or its uplink', 's21'],
  ] as const)('find %s and never anything else when it dies', ([dead, root, down]) => {
    fc.assert(
      fc.property(phases, (some) => {
        for (const { now, findings } of play(some, dead)) {
          if (now < 60_000 + intervalMs || (now > 240_000 - intervalMs && now < 240_000))
            expect(findings).toEqual([])
          if (now > 60_000 + 2 * intervalMs + 2000 && now < 180_000)
            expect(findings).toMatchObject([{ kind: 'outage', roots: [root], down }])
          // Before that some of it may not have been seen yet, but nobody else is blamed.
          const roots = now < 180_000 ? findings.flatMap((finding) => finding.roots) : []
          expect(roots.filter((name) => !name.startsWith(dead))).toEqual([])
        }
      }),
      { numRuns: 40 },
    )
  })

  it('say that we are blind when all falls silent, and blame nobody before', () => {
    fc.assert(
      fc.property(phases, (some) => {
        for (const { now, findings } of play(some, 'core1')) {
          if (now >= 180_000) break
          for (const finding of findings) expect(finding.kind).toBe('blind')
          if (now > 60_000 + 2 * intervalMs + 2000) expect(findings).toHaveLength(1)
        }
      }),
      { numRuns: 40 },
    )
  })
})
