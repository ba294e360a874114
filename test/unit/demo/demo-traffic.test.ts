import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noFaults } from '../../../src/demo/demo-forwarding.ts'
import { demoPlan, linkOf } from '../../../src/demo/demo-plan.ts'
import { createTraffic, loadShape, type Traffic } from '../../../src/demo/demo-traffic.ts'

const start = Date.parse('2026-03-01T20:00:00Z')
const link = (a: string, b: string) => linkOf({ a, b }).id

/** Mean rate in bit/s out of a port between two times. */
function outBps(traffic: Traffic, element: string, port: string, from: number, to: number): number {
  const before = traffic.totals(element, port, from).outOctets
  return ((traffic.totals(element, port, to).outOctets - before) * 8_000) / (to - from)
}

describe('traffic in the demo network', () => {
  it('has what leaves one end of a link arrive at the other', () => {
    const traffic = createTraffic(demoPlan, start)
    const near = traffic.totals('agg1', 'to-acc3', start + 60_000)
    const far = traffic.totals('acc3', 'to-agg1', start + 60_000)
    expect(near.outOctets).toBeGreaterThan(1_000_000)
    expect(far.inOctets).toBeCloseTo(near.outOctets, 0)
    expect(near.inOctets).toBeCloseTo(far.outOctets, 0)
  })

  it('keeps every link below half of its capacity when all is well', () => {
    const traffic = createTraffic(demoPlan, start)
    for (const { a, b, speedBps } of demoPlan.links) {
      if (a === demoPlan.vantage) continue
      expect(outBps(traffic, a, `to-${b}`, start, start + 180_000) / speedBps).toBeLessThan(0.5)
    }
  })

  it('moves to the other uplink when one is cut', () => {
    const traffic = createTraffic(demoPlan, start)
    expect(outBps(traffic, 'agg2', 'to-acc1', start, start + 10_000)).toBeLessThan(100e3)
    traffic.reroute({ ...noFaults, down: new Set(['agg1']) }, start + 10_000)
    expect(outBps(traffic, 'agg2', 'to-acc1', start + 10_000, start + 20_000)).toBeGreaterThan(50e6)
    expect(outBps(traffic, 'core1', 'to-agg1', start + 10_000, start + 20_000)).toBe(0)
  })

  it('fills a congested link to 97 %, and the links before it with the same', () => {
    const traffic = createTraffic(demoPlan, start)
    traffic.reroute({ ...noFaults, congested: new Set([link('agg1', 'acc3')]) }, start)
    const trunk = outBps(traffic, 'core1', 'to-agg1', start, start + 30_000)
    const full = traffic.totals('agg1', 'to-acc3', start + 30_000)
    expect((full.outOctets * 8) / 30 / 200e6).toBeCloseTo(0.97, 2)
    expect(full.outDiscards).toBeGreaterThan(1_000)
    expect(trunk).toBeGreaterThan(190e6)
  })

  it('counts errors where a link loses packets', () => {
    const traffic = createTraffic(demoPlan, start)
    traffic.reroute({ ...noFaults, loss: new Map([[link('agg2', 'acc4'), 0.25]]) }, start)
    const far = traffic.totals('acc4', 'to-agg2', start + 10_000)
    const near = traffic.totals('agg2', 'to-acc4', start + 10_000)
    expect(far.inOctets / near.outOctets).toBeCloseTo(0.75, 3)
    expect(far.inErrors).toBeGreaterThan(100)
  })

  it('never counts backwards', () => {
    const times = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(times, fc.subarray(demoPlan.elements.map(({ id }) => id)), (steps, dead) => {
        const traffic = createTraffic(demoPlan, start)
        let now = start
        let before = 0
        for (const [i, step] of steps.entries()) {
          now += step
          if (i === 1) traffic.reroute({ ...noFaults, down: new Set(dead) }, now)
          const { inOctets } = traffic.totals('core1', 'internet', now)
          expect(inOctets).toBeGreaterThanOrEqual(before)
          before = inOctets
        }
      }),
      { numRuns: 30 },
    )
  })

  it('has a load that stays within a quarter of its mean', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(10_000_000), (phase, now) => {
        expect(Math.abs(loadShape(phase, now) - 1)).toBeLessThanOrEqual(0.25)
      }),
    )
  })
})
