import { describe, expect, it } from 'vitest'
import { linkBetween } from '../../../src/model/link.ts'
import type { Service } from '../../../src/model/service.ts'
import { buildTopology, type Topology } from '../../../src/model/topology.ts'
import { createServicePorts } from '../../../src/wiring/service-ports.ts'

const link = (a: string, b: string) =>
  linkBetween({ element: a, interface: `to-${b}` }, { element: b, interface: `to-${a}` }, 'declared')
const all = ['core', 'agg1', 'agg2', 'acc', 'cpe', 'far']
const service: Service = {
  id: 's-1',
  customer: 'c-1',
  element: 'acc',
  interface: 'to-cpe',
  endpoint: 'cpe',
  class: 'broadband',
  area: 'urban',
}

describe('the interfaces on the way of a service', () => {
  const before = buildTopology('core', ['core'], all, [
    link('core', 'agg1'),
    link('agg1', 'acc'),
    link('acc', 'cpe'),
  ])
  const after = buildTopology('core', ['core'], all, [
    link('core', 'agg2'),
    link('agg2', 'acc'),
    link('acc', 'cpe'),
  ])
  const named = (ports: readonly { element: string; interface: string }[]) =>
    ports.map((port) => `${port.element} ${port.interface}`).toSorted()

  it('are its own port and those of the links to the gateway, each once, of the topology as it is', () => {
    let now: Topology = before
    const portsOf = createServicePorts(() => now)
    const own = ['acc to-cpe', 'cpe to-acc']
    const first = named(portsOf(service))
    expect(first).toEqual([...own, 'acc to-agg1', 'agg1 to-acc', 'agg1 to-core', 'core to-agg1'].toSorted())
    expect(named(portsOf(service))).toEqual(first)
    now = after
    expect(named(portsOf(service))).toEqual(
      [...own, 'acc to-agg2', 'agg2 to-acc', 'agg2 to-core', 'core to-agg2'].toSorted(),
    )
  })

  it('are those up to its element where nobody knows how its end is joined, and none without a port or a way', () => {
    const portsOf = createServicePorts(() => before)
    const { interface: _, ...portless } = { ...service, endpoint: 'far' }
    expect(named(portsOf(portless))).toEqual(['acc to-agg1', 'agg1 to-acc', 'agg1 to-core', 'core to-agg1'])
    expect(portsOf({ ...portless, element: 'far' })).toEqual([])
  })
})
