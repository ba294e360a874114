import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCorrelator } from '../../../src/correlate/correlate.ts'
import { createDetector } from '../../../src/detect/detector.ts'
import { usualFlapping } from '../../../src/detect/flapping.ts'
import type { Reading } from '../../../src/model/reading.ts'
import { sampleOf } from '../../../src/model/sample.ts'
import { buildTopology } from '../../../src/model/topology.ts'
import { element, pollIntervalMs, shippedRules } from '../detect/detector-bench.ts'
import { bench, inShort, lab, type Network, network } from './network-bench.ts'

const intervalMs = pollIntervalMs.icmp
const [diesAt, backAt, end] = [60_000, 180_000, 240_000]

const polledIn = (net: Network) => net.elements.filter((id) => !net.unpolled.includes(id))
const topologyOf = (net: Network) => buildTopology(net.vantage, net.gateways, net.elements, net.links)

/** Which elements answer while these are dead. */
function answering(net: Network, dead: ReadonlySet<string>): ReadonlySet<string> {
  const topology = topologyOf(net)
  const reached = new Set([net.vantage])
  for (const id of reached)
    for (const { neighbour } of topology.adjacent(id)) if (!dead.has(neighbour)) reached.add(neighbour)
  return reached
}

interface Story {
  /** They die at 60 s and come back at 180 s. */
  readonly dead?: readonly string[]
  /** A fifth of the packets to these is lost in the same time. */
  readonly lossy?: readonly string[]
}

/**
 * Polls a network by ICMP, each element in its own phase of the interval. A lost burst is told a second after it was
 * sent. Gives what was found after every reading.
 */
function play(net: Network, phases: readonly number[], { dead = [], lossy = [] }: Story) {
  const polled = polledIn(net)
  const topology = topologyOf(net)
  const sites = bench(net).sites
  const correlate = createCorrelator()
  const detector = createDetector({
    rules: shippedRules,
    elements: new Map(polled.map((id) => [id, element(id, { icmp: true })])),
    active: [],
    restless: [],
    flapping: usualFlapping,
    newAlarmId: (() => {
      let count = 0
      return () => `alarm-${++count}`
    })(),
    pollIntervalMs,
  })
  const whole = answering(net, new Set())
  const broken = answering(net, new Set(dead))
  const polls: { readonly reading: Reading; readonly lossRatio: number; readonly toldAt: number }[] = []
  for (const [index, id] of polled.entries())
    for (let at = phases[index] ?? 0; at < end; at += intervalMs) {
      const isBad = at >= diesAt && at < backAt
      const isGood = (isBad ? broken : whole).has(id)
      polls.push({
        reading: { element: id, at, outcome: isGood ? 'answered' : 'timeout', durationMs: 1, probe: 'icmp' },
        lossRatio: !isGood ? 1 : isBad && lossy.includes(id) ? 0.2 : 0,
        toldAt: at + (isGood ? 5 : 1000),
      })
    }
  polls.sort((one, other) => one.toldAt - other.toldAt)
  return polls.map(({ reading, lossRatio, toldAt: now }) => {
    const tags = { element: reading.element, vantage: net.vantage }
    const fields = { sent: 5, received: 5 * (1 - lossRatio), loss_ratio: lossRatio }
    detector.accept(reading, [sampleOf('icmp', tags, fields, reading.at)], now)
    const { findings } = correlate({
      topology,
      state: detector.state(now),
      alarms: detector.active(),
      services: net.services,
      elements: sites,
      now,
      decisionWaitMs: intervalMs,
    })
    return { now, findings: findings.map(inShort) }
  })
}

const phasesOf = (net: Network) => {
  const { length } = polledIn(net)
  return fc.array(fc.nat(intervalMs - 1), { minLength: length, maxLength: length })
}

describe('polls in any phase', () => {
  it.for([
    ['agg1', 'agg1', 's11 s12 s13 s21 s22'],
    ['acc1', 'acc1 or its uplink', 's11 s12 s13'],
    ['cpe21', 'cpe21 or its uplink', 's21'],
  ] as const)('find %s and never anything else when it dies', ([dead, root, down]) => {
    fc.assert(
      fc.property(phasesOf(lab), (some) => {
        for (const { now, findings } of play(lab, some, { dead: [dead] })) {
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
      fc.property(phasesOf(lab), (some) => {
        for (const { now, findings } of play(lab, some, { dead: ['core1'] })) {
          if (now >= 180_000) break
          for (const finding of findings) expect(finding.kind).toBe('blind')
          if (now > 60_000 + 2 * intervalMs + 2000) expect(findings).toHaveLength(1)
        }
      }),
      { numRuns: 40 },
    )
  })

  const quietUntil = diesAt + intervalMs
  const saidBy = diesAt + 2 * intervalMs + 2000

  it('find the site that lost its power, and blame none of its elements before', () => {
    const net = network('nms-core1 core1-core2 core1-n1 core2-n2 n1-n3 n2-n4 n3-n5 core1-other', {
      sites: { north: 'n1 n2 n3 n4' },
    })
    fc.assert(
      fc.property(phasesOf(net), (some) => {
        for (const { now, findings } of play(net, some, { dead: ['n1', 'n2', 'n3', 'n4'] })) {
          if (now >= backAt) break
          if (now < quietUntil) expect(findings).toEqual([])
          for (const { roots } of findings) expect(roots).toEqual(['site north'])
          if (now > saidBy + intervalMs) expect(findings).toHaveLength(1)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('find the box that is not polled, and blame none of those behind it before', () => {
    const net = network('nms-core1 core1-olt olt-splitter splitter-a splitter-b splitter-c core1-other', {
      unpolled: ['splitter'],
    })
    fc.assert(
      fc.property(phasesOf(net), (some) => {
        for (const { now, findings } of play(net, some, { dead: ['splitter'] })) {
          if (now >= backAt) break
          for (const { roots } of findings) expect(roots).toEqual(['splitter or its uplink'])
          if (now > saidBy + intervalMs) expect(findings).toHaveLength(1)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('find where packets are lost, and blame none of those behind it before', () => {
    fc.assert(
      fc.property(phasesOf(lab), (some) => {
        for (const { now, findings } of play(lab, some, { lossy: ['acc1', 'cpe11', 'cpe12', 'cpe13'] })) {
          if (now >= backAt) break
          for (const { roots } of findings) expect(roots).toEqual(['acc1 or its uplink'])
          if (now > diesAt + 5 * intervalMs) expect(findings).toHaveLength(1)
        }
      }),
      { numRuns: 40 },
    )
  })
})
