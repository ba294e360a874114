import { describe, expect, it } from 'vitest'
import { pathTo, portsAlong } from '../../../src/correlate/path.ts'
import { linkBetween } from '../../../src/model/link.ts'
import { buildTopology } from '../../../src/model/topology.ts'
import { lab, type Network, network } from './network-bench.ts'

const path = (net: Network, element: string) =>
  pathTo(buildTopology(net.vantage, net.gateways, net.elements, net.links), element)

describe('the path to an element', () => {
  it.for([
    ['leads from the gateway down the tree', lab, 'cpe31', 'core1 agg2 acc3 cpe31'],
    ['is the gateway alone for the gateway', lab, 'core1', 'core1'],
    ['takes the nearest gateway', network('nms-a a-b b-c c-d', { gateways: ['a', 'd'] }), 'c', 'd c'],
    ['takes the shortest way round a ring', network('nms-core1 core1-a a-b b-c c-core1'), 'c', 'core1 c'],
    ['of two equal ones is always the same', network('nms-core1 core1-b core1-a b-x a-x'), 'x', 'core1 a x'],
    ['is the element alone when no way is known', network('nms-core1', { alone: ['z'] }), 'z', 'z'],
    ['is empty for a stranger', lab, 'nobody', ''],
  ] as const)('%s', ([, net, element, expected]) => {
    expect(path(net, element).join(' ')).toBe(expected)
  })
})

describe('the ports along a path', () => {
  it('are those of its links on both sides, and of all parallel ones', () => {
    const links = [
      linkBetween({ element: 'core', interface: 'c1' }, { element: 'agg', interface: 'a1' }, 'declared'),
      linkBetween({ element: 'agg', interface: 'a2' }, { element: 'core', interface: 'c2' }, 'declared'),
      linkBetween({ element: 'agg', interface: 'a3' }, { element: 'acc' }, 'uplink'),
      linkBetween({ element: 'agg', interface: 'a4' }, { element: 'other', interface: 'o1' }, 'lldp'),
    ]
    const topology = buildTopology('core', ['core'], ['core', 'agg', 'acc', 'other'], links)
    const ports = portsAlong(topology, pathTo(topology, 'acc'))
    expect(ports.map((port) => `${port.element} ${port.interface}`)).toEqual([
      'core c1',
      'agg a1',
      'core c2',
      'agg a2',
      'agg a3',
    ])
    expect(portsAlong(topology, ['core'])).toEqual([])
  })
})
