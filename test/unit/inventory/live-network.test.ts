import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLiveNetwork } from '../../../src/inventory/live-network.ts'
import type { Interface } from '../../../src/model/interface.ts'
import { tableOf } from '../../../src/model/interface-table.ts'
import type { Inventory } from '../../../src/model/inventory.ts'
import { type Link, linkBetween } from '../../../src/model/link.ts'
import type { NetworkElement } from '../../../src/model/network-element.ts'
import type { Neighbour, Reading } from '../../../src/model/reading.ts'

const element = (id: string, name = id): NetworkElement => ({
  id,
  name,
  tags: [],
  probes: { icmp: true, stamp: false, snmp: true },
  speedOverrides: {},
})

const inventory = (
  links: readonly Link[],
  elements = ['nms', 'a', 'b', 'c'].map((id) => element(id)),
): Inventory => ({
  vantage: 'nms',
  gateways: ['nms'],
  elements: new Map(elements.map((one) => [one.id, one])),
  links,
  customers: new Map(),
  services: new Map(),
  targets: new Map(),
})

const port = (owner: string, name: string, index: number, alias = ''): Interface => ({
  element: owner,
  name,
  index,
  description: `interface ${name}`,
  alias,
  adminStatus: 'up',
  operStatus: 'up',
  speedBps: 1e9,
  seenAt: 0,
})

/** `[port, neighbour, port of the neighbour]` */
type Told = readonly [string, string, string]

function reading(
  from: string,
  told: readonly Told[] | undefined,
  ports: readonly Interface[] = [],
  at = 0,
): Reading {
  const neighbours = told?.map(
    ([localPort, remoteSystem, remotePort]): Neighbour => ({ localPort, remoteSystem, remotePort }),
  )
  return {
    element: from,
    at,
    probe: 'snmp',
    outcome: 'answered',
    durationMs: 1,
    agent: {
      system: { description: '', objectId: '', name: from, location: '', upTimeTicks: 1 },
      interfaces: tableOf(ports.map((one) => ({ port: one, counters: { width: 64 } }))),
      ...(neighbours ? { neighbours } : {}),
      requests: 1,
    },
  }
}

const ids = (links: readonly Link[]) => links.map(({ id, source }) => `${id} ${source}`)
const uplink = (one: string, other: string) => linkBetween({ element: one }, { element: other }, 'uplink')
const hour = 3_600_000

describe('the live network', () => {
  it('starts with what is declared', () => {
    const live = createLiveNetwork(inventory([uplink('a', 'nms')]))
    expect(ids(live.links())).toEqual(['a--nms uplink'])
    expect(
      live
        .topology()
        .adjacent('a')
        .map((step) => step.neighbour),
    ).toEqual(['nms'])
    expect(live.interfaces('a')).toEqual([])
    expect(live.system('a')).toBeUndefined()
  })

  it('keeps the interfaces and the system that an agent told last', () => {
    const live = createLiveNetwork(inventory([]))
    live.accept(reading('a', undefined, [port('a', 'p1', 1)]))
    live.accept(reading('a', undefined, [port('a', 'p1', 1), port('a', 'p2', 2)]))
    live.accept({ element: 'a', at: 1, probe: 'snmp', outcome: 'timeout', durationMs: 1 })
    live.accept(reading('stranger', undefined, [port('stranger', 'p1', 1)]))
    expect(live.interfaces('a').map((one) => one.name)).toEqual(['p1', 'p2'])
    expect(live.system('a')?.name).toBe('a')
    expect(live.interfaces('stranger')).toEqual([])
  })

  it('adds a link that both ends tell of once, whichever tells first', () => {
    for (const order of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const live = createLiveNetwork(inventory([]))
      for (const who of order)
        live.accept(who === 'a' ? reading('a', [['p1', 'b', 'q1']]) : reading('b', [['q1', 'a', 'p1']]))
      expect(ids(live.links())).toEqual(['a[p1]--b[q1] lldp'])
    }
  })

  it('tells parallel links apart by their ports', () => {
    const live = createLiveNetwork(inventory([]))
    live.accept(reading('a', [['p1', 'b', 'q1'], ['p2', 'b', 'q2']])) // biome-ignore format: two rows of a table
    live.accept(reading('b', [['q2', 'a', 'p2'], ['q1', 'a', 'p1']])) // biome-ignore format: two rows of a table
    expect(ids(live.links())).toEqual(['a[p1]--b[q1] lldp', 'a[p2]--b[q2] lldp'])
  })

  it('gives its ports to the uplink between the same two', () => {
    const live = createLiveNetwork(inventory([uplink('a', 'b')]))
    live.accept(reading('a', [['p1', 'b', 'q1'], ['p2', 'b', 'q2']])) // biome-ignore format: two rows of a table
    expect(ids(live.links())).toEqual(['a[p1]--b[q1] uplink', 'a[p2]--b[q2] lldp'])
    expect(live.topology().adjacent('b')[0]).toMatchObject({
      neighbour: 'a',
      port: 'q1',
      neighbourPort: 'p1',
    })
  })

  it('fills in the port that a declared link leaves open, and contradicts none that it names', () => {
    const half = linkBetween({ element: 'a', interface: 'p2' }, { element: 'b' }, 'declared')
    const live = createLiveNetwork(inventory([half]))
    live.accept(reading('a', [['p1', 'b', 'q1'], ['p2', 'b', 'q2']])) // biome-ignore format: two rows of a table
    expect(ids(live.links())).toEqual(['a[p2]--b[q2] declared', 'a[p1]--b[q1] lldp'])
  })

  it('sees a declared link in one that LLDP shows on the same port, whatever the far port is called', () => {
    const declared = linkBetween(
      { element: 'a', interface: 'p1' },
      { element: 'b', interface: 'q1' },
      'declared',
    )
    const live = createLiveNetwork(inventory([declared]))
    live.accept(reading('a', [['p1', 'b', '00:11:22:33:44:55']]))
    expect(ids(live.links())).toEqual(['a[p1]--b[q1] declared'])
  })

  it('knows a neighbour by its id or its name, in any case, with or without domain', () => {
    const elements = [element('nms'), element('a'), element('b', 'Access 1')]
    for (const called of ['b', 'B', 'access 1', 'ACCESS 1', 'b.example.net']) {
      const live = createLiveNetwork(inventory([], elements))
      live.accept(reading('a', [['p1', called, 'q1']]))
      expect(ids(live.links())).toEqual(['a[p1]--b[q1] lldp'])
    }
  })

  it('takes a name that two elements have for neither', () => {
    const live = createLiveNetwork(inventory([], [element('a'), element('b', 'twin'), element('c', 'Twin')]))
    live.accept(reading('a', [['p1', 'twin', 'q1']]))
    expect(live.links()).toEqual([])
  })

  it('finds the port that a neighbour names by its description, alias or index', () => {
    for (const said of ['interface q1', 'line to a', '17']) {
      const live = createLiveNetwork(inventory([]))
      live.accept(reading('b', [], [port('b', 'q1', 17, 'line to a'), port('b', 'q2', 18)]))
      live.accept(reading('a', [['p1', 'b', said]]))
      expect(ids(live.links())).toEqual(['a[p1]--b[q1] lldp'])
    }
  })

  it('leaves a port out that the neighbour does not have, and believes the owner about its own', () => {
    const live = createLiveNetwork(inventory([]))
    live.accept(reading('a', [['p1', 'b', '00:11:22:33:44:55']], [port('a', 'p1', 1)]))
    expect(ids(live.links())).toEqual(['a[p1]--b[00:11:22:33:44:55] lldp'])
    live.accept(reading('b', [], [port('b', 'q1', 1)]))
    expect(ids(live.links())).toEqual(['a[p1]--b lldp'])
    live.accept(reading('b', [['q1', 'a', 'p1']], [port('b', 'q1', 1)]))
    expect(ids(live.links())).toEqual(['a[p1]--b[q1] lldp'])
  })

  it('counts parallel links once where each end names ports as the other does not know them', () => {
    const live = createLiveNetwork(inventory([]))
    live.accept(
      reading(
        'a',
        [
          ['p1', 'b', 'mac-1'],
          ['p2', 'b', 'mac-2'],
        ],
        [port('a', 'p1', 1), port('a', 'p2', 2)],
      ),
    )
    live.accept(
      reading(
        'b',
        [
          ['q1', 'a', 'mac-3'],
          ['q2', 'a', 'mac-4'],
        ],
        [port('b', 'q1', 1), port('b', 'q2', 2)],
      ),
    )
    expect(ids(live.links())).toEqual(['a[p1]--b lldp', 'a[p2]--b lldp'])
    live.accept(reading('a', [['p1', 'b', 'mac-1']], [port('a', 'p1', 1)], 30 * hour))
    live.accept(reading('b', [['q1', 'a', 'mac-3']], [port('b', 'q1', 1)], 30 * hour))
    expect(ids(live.links())).toEqual(['a[p1]--b[q1] lldp'])
  })

  it('keeps a link whose neighbours fell silent, for a day: a cut ends LLDP at once', () => {
    const live = createLiveNetwork(inventory([]))
    live.accept(reading('a', [['p1', 'b', 'q1']], [], 0))
    live.accept(reading('a', [], [], 23 * hour))
    expect(ids(live.links())).toEqual(['a[p1]--b[q1] lldp'])
    live.accept(reading('a', [], [], 25 * hour))
    expect(live.links()).toEqual([])
  })

  it('moves a link when its port gets another neighbour', () => {
    const live = createLiveNetwork(inventory([]))
    live.accept(reading('a', [['p1', 'b', 'q1']]))
    live.accept(reading('a', [['p1', 'c', 'r1']]))
    expect(ids(live.links())).toEqual(['a[p1]--c[r1] lldp'])
  })

  it('keeps what it knows when an agent has no LLDP table', () => {
    const live = createLiveNetwork(inventory([]))
    live.accept(reading('a', [['p1', 'b', 'q1']]))
    live.accept(reading('a', undefined))
    expect(ids(live.links())).toEqual(['a[p1]--b[q1] lldp'])
  })

  it('makes the graph anew only when a link changed', () => {
    const live = createLiveNetwork(inventory([]))
    live.accept(reading('a', [['p1', 'b', 'q1']]))
    const before = live.topology()
    live.accept(reading('a', [['p1', 'b', 'q1']], [port('a', 'p1', 1)], 60_000))
    expect(live.topology()).toBe(before)
    live.accept(reading('a', [['p2', 'b', 'q1']], [port('a', 'p1', 1)], 120_000))
    expect(live.topology()).not.toBe(before)
  })

  it('takes nothing from neighbours that it does not know, whatever they are called', () => {
    const hostile = ['', '__proto__', 'constructor', 'a', '<script>', '\u0000b', 'b\n', 'x'.repeat(100_000)]
    const live = createLiveNetwork(inventory([]))
    live.accept(reading('a', hostile.map((name, index) => [`p${index}`, name, name] as const))) // biome-ignore format: one call
    expect(live.links()).toEqual([])
  })

  it('does not grow with what one agent makes up', () => {
    const live = createLiveNetwork(inventory([]))
    const many = Array.from({ length: 50_000 }, (_, index) => [`p${index}`, 'b', `q${index}`] as const)
    live.accept(reading('a', many))
    expect(live.links().length).toBeLessThanOrEqual(2_000)
  })

  it('shows each cable once and every declared link, whoever tells what and in which order', () => {
    const cable = fc.record({
      ends: fc.constantFrom<string[]>(['a', 'b'], ['b', 'a'], ['a', 'c'], ['c', 'b']),
      tells: fc.constantFrom([true, true], [true, false], [false, true]),
    })
    const orders = fc.constantFrom(['a', 'b', 'c'], ['c', 'b', 'a'], ['b', 'c', 'a'])
    fc.assert(
      fc.property(fc.array(cable, { maxLength: 8 }), fc.boolean(), orders, (cables, declared, order) => {
        const live = createLiveNetwork(inventory(declared ? [uplink('a', 'b')] : []))
        const portOf = (index: number, end: number) => `p${index * 2 + end}`
        for (const who of order) {
          const told = cables.flatMap(({ ends, tells }, index): Told[] => {
            const end = ends.indexOf(who)
            if (end < 0 || !tells[end]) return []
            return [[portOf(index, end), ends[1 - end] ?? '', portOf(index, 1 - end)]]
          })
          const ports = Array.from({ length: 16 }, (_, index) => port(who, `p${index}`, index + 100))
          live.accept(reading(who, told, ports))
        }
        const shown = cables.map(({ ends: [from = '', to = ''] }, index) => {
          const end = { element: from, interface: portOf(index, 0) }
          return linkBetween(end, { element: to, interface: portOf(index, 1) }, 'lldp').id
        })
        const joined = cables.some(({ ends }) => ends.includes('a') && ends.includes('b'))
        const expected = declared && !joined ? ['a--b', ...shown] : shown
        expect(ids(live.links()).map((text) => text.split(' ')[0])).toEqual(expect.arrayContaining(expected))
        expect(live.links()).toHaveLength(expected.length)
      }),
    )
  })
})

describe('where LLDP and the inventory differ', () => {
  it('is told as the elements tell it, and told anew when they tell something else', () => {
    const live = createLiveNetwork(inventory([uplink('a', 'b')]))
    expect(live.differences()).toEqual([])
    live.accept(reading('a', [['1', 'c', '9']], [port('a', '1', 1)]))
    // b has not told of its neighbours yet, so nothing is known to be missing.
    expect(live.differences().map(({ kind }) => kind)).toEqual(['undeclaredLink'])
    live.accept(reading('b', [['7', 'printer', '']], [port('b', '7', 7)]))
    const differences = live.differences()
    expect(differences.map(({ kind }) => kind)).toEqual(['missingLink', 'undeclaredLink', 'unknownNeighbour'])
    live.accept(reading('b', [['7', 'printer', '']], [port('b', '7', 7)], 1_000))
    expect(live.differences()).toBe(differences)
    live.accept(reading('b', [['7', 'a', '1']], [port('b', '7', 7)], 2_000))
    live.accept(reading('a', [['1', 'b', '7']], [port('a', '1', 1)], 2_000))
    expect(live.differences()).toEqual([])
  })
})
