import { describe, expect, it } from 'vitest'
import { type ElementState, elementMib, type PortState } from '../../../src/demo/element-mib.ts'
import { createMibView, oidOf } from '../../../src/demo/mib-view.ts'

const port = (more: Partial<PortState> = {}): PortState => ({
  name: 'to-core1',
  alias: 'ring, north side',
  speedBps: 10_000_000_000,
  adminUp: true,
  operUp: true,
  changedTicks: 0,
  totals: { inOctets: 2 ** 33 + 8_000.7, outOctets: 1_600, inErrors: 3.9, outDiscards: 2 },
  ...more,
})

function view(...ports: PortState[]) {
  const element: ElementState = {
    name: 'agg1',
    description: 'a box',
    location: 'north',
    upTimeTicks: 2 ** 32 + 5.5,
    engineBoots: 3,
    ports,
  }
  const mib = createMibView(elementMib(element))
  return (oid: string) => {
    const answer = mib.get(oidOf(oid))
    return 'value' in answer ? answer.value : answer.type
  }
}

describe('the MIB of a demo element', () => {
  it('has the octets whole in 64 bits, and their lower half in 32', () => {
    const value = view(port())
    expect(value('1.3.6.1.2.1.31.1.1.1.6.1')).toBe(2n ** 33n + 8_000n)
    expect(value('1.3.6.1.2.1.2.2.1.10.1')).toBe(8_000)
    expect(value('1.3.6.1.2.1.31.1.1.1.11.1')).toBe(2n)
    expect(value('1.3.6.1.2.1.2.2.1.14.1')).toBe(3)
  })

  it('tells a speed past 32 bits by ifHighSpeed, and the most that ifSpeed can tell', () => {
    const value = view(port())
    expect(value('1.3.6.1.2.1.2.2.1.5.1')).toBe(4_294_967_295)
    expect(value('1.3.6.1.2.1.31.1.1.1.15.1')).toBe(10_000)
  })

  it('wraps sysUpTime after 32 bits and counts its restarts', () => {
    const value = view(port())
    expect(value('1.3.6.1.2.1.1.3.0')).toBe(5)
    expect(value('1.3.6.1.6.3.10.2.1.2.0')).toBe(3)
  })

  it('lists a neighbour under the number of its local port, and none where nobody is heard', () => {
    const value = view(port(), port({ name: 'to-acc1', neighbour: { system: 'acc1', port: 'to-agg1' } }))
    expect(value('1.0.8802.1.1.2.1.3.7.1.3.2')).toBe('to-acc1')
    expect(value('1.0.8802.1.1.2.1.4.1.1.9.0.2.1')).toBe('acc1')
    expect(value('1.0.8802.1.1.2.1.4.1.1.7.0.2.1')).toBe('to-agg1')
    expect(value('1.0.8802.1.1.2.1.4.1.1.9.0.1.1')).toBe('NoSuchInstance')
  })

  it('tells apart what is switched off and what is broken', () => {
    const value = view(port({ operUp: false }), port({ adminUp: false, operUp: false }))
    const status = (index: number) => [
      value(`1.3.6.1.2.1.2.2.1.7.${index}`),
      value(`1.3.6.1.2.1.2.2.1.8.${index}`),
    ]
    expect(status(1)).toEqual([1, 2])
    expect(status(2)).toEqual([2, 2])
  })
})
