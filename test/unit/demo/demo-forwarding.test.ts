import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  conditionsOn,
  type Faults,
  noFaults,
  pathsFrom,
  portIsUp,
} from '../../../src/demo/demo-forwarding.ts'
import { demoPlan, linkOf } from '../../../src/demo/demo-plan.ts'

const link = (a: string, b: string) => linkOf({ a, b }).id
const down = (...elements: string[]): Faults => ({ ...noFaults, down: new Set(elements) })
const reached = (faults: Faults) => new Set(pathsFrom(demoPlan, faults).keys())
const silent = (faults: Faults) =>
  demoPlan.elements.map(({ id }) => id).filter((id) => !reached(faults).has(id))
const pathTo = (element: string, faults: Faults = noFaults) => pathsFrom(demoPlan, faults).get(element) ?? []

describe('forwarding in the demo network', () => {
  it('reaches every element when nothing is broken', () => {
    expect(silent(noFaults)).toEqual([])
  })

  it('silences a dead element and what has no other way', () => {
    expect(silent(down('agg1'))).toEqual(['agg1', 'acc2', 'acc3', 'bld1', 'cpe-clinic', 'cpe-hotel'])
  })

  it('goes the other way round the ring', () => {
    const ringCut = { ...noFaults, cut: new Set([link('core1', 'agg2')]) }
    expect(silent(ringCut)).toEqual([])
    expect(pathTo('acc4', ringCut).map(({ to }) => to)).toEqual(['core1', 'agg1', 'agg2', 'acc4'])
  })

  it('moves the access element with two uplinks to the one that lives', () => {
    expect(pathTo('acc1').map(({ from }) => from)).toContain('agg1')
    expect(pathTo('acc1', down('agg1')).map(({ from }) => from)).toContain('agg2')
  })

  it('adds delay by hop, and loss and queueing where they are', () => {
    const clean = conditionsOn(pathTo('acc3'), noFaults)
    expect(clean).toMatchObject({ lossForward: 0 })
    expect(clean.delayForwardMs).toBeCloseTo(2.4)
    const bad: Faults = {
      ...noFaults,
      loss: new Map([
        [link('agg1', 'acc3'), 0.5],
        ['agg1', 0.2],
      ]),
      congested: new Set([link('core1', 'agg1')]),
    }
    const conditions = conditionsOn(pathTo('acc3'), bad)
    expect(conditions.lossForward).toBeCloseTo(1 - 0.5 * 0.8 * 0.97)
    expect(conditions.delayForwardMs).toBeGreaterThan(130)
    expect(conditions.delayBackwardMs).toBeCloseTo(clean.delayBackwardMs)
    expect(conditionsOn(pathTo('acc4'), bad)).toEqual(conditionsOn(pathTo('acc4'), noFaults))
  })

  it('keeps a port up to a neighbour that lives but has no way to us', () => {
    const isolated = down('agg1')
    const hill = demoPlan.links.find(({ id }) => id === link('acc3', 'bld1'))
    const trunk = demoPlan.links.find(({ id }) => id === link('core1', 'agg1'))
    expect(hill && portIsUp(hill, 'bld1', isolated)).toBe(true)
    expect(trunk && portIsUp(trunk, 'agg1', isolated)).toBe(false)
  })

  it('never reaches more when more is broken, and every path is whole', () => {
    const elements = fc.subarray(demoPlan.elements.map(({ id }) => id))
    const links = fc.subarray(demoPlan.links.map(({ id }) => id))
    fc.assert(
      fc.property(elements, links, elements, links, (dead, cut, moreDead, moreCut) => {
        const some = { ...noFaults, down: new Set(dead), cut: new Set(cut) }
        const more = {
          ...noFaults,
          down: new Set([...dead, ...moreDead]),
          cut: new Set([...cut, ...moreCut]),
        }
        expect([...reached(some)]).toEqual(expect.arrayContaining([...reached(more)]))
        for (const [element, path] of pathsFrom(demoPlan, some)) {
          let at = demoPlan.vantage
          for (const hop of path) {
            expect(hop.from).toBe(at)
            expect(some.down.has(hop.to) || some.cut.has(hop.link.id)).toBe(false)
            at = hop.to
          }
          expect(at).toBe(element)
        }
      }),
    )
  })
})
