import { describe, expect, it } from 'vitest'
import { loadConfigText } from '../../../src/config/load-config.ts'
import { inventoryFrom } from '../../../src/inventory/inventory-from-config.ts'
import { linkBetween } from '../../../src/model/link.ts'
import { buildTopology } from '../../../src/model/topology.ts'
import { createPathPorts } from '../../../src/wiring/path-ports.ts'
import { ruleSurroundings } from '../../../src/wiring/rule-surroundings.ts'

const end = (element: string, port?: string) => ({
  element,
  ...(port === undefined ? {} : { interface: port }),
})
const link = (a: ReturnType<typeof end>, b: ReturnType<typeof end>) => linkBetween(a, b, 'declared')
const topologyOf = (links: readonly ReturnType<typeof link>[]) =>
  buildTopology('nms', ['core'], ['core', 'agg', 'acc', 'cpe'], links)

describe('the ports on the way to an element', () => {
  it('are both ends of each link from the gateway on, as far as they are known', () => {
    let topology = topologyOf([
      link(end('core', 'c1'), end('agg', 'a1')),
      link(end('core', 'c2'), end('agg', 'a2')),
      link(end('agg', 'a3'), end('acc')),
      link(end('acc', 'x1'), end('cpe', 'wan')),
    ])
    const portsTo = createPathPorts(() => topology)
    const named = (element: string) => portsTo(element).map((port) => `${port.element}[${port.interface}]`)
    expect(named('acc')).toEqual(['core[c1]', 'agg[a1]', 'core[c2]', 'agg[a2]', 'agg[a3]'])
    expect(named('cpe').slice(-2)).toEqual(['acc[x1]', 'cpe[wan]'])
    expect(named('nowhere')).toEqual([])
    topology = topologyOf([link(end('core', 'c9'), end('acc', 'x9'))])
    expect(named('acc')).toEqual(['core[c9]', 'acc[x9]'])
  })
})

describe('what rules ask of the configuration', () => {
  it('comes from it: calendars, the peak, zones, and ports that a link or a service names', async () => {
    const loaded = await loadConfigText(
      `
elements:
  - { id: a, address: 192.0.2.1, timeZone: Europe/Berlin, vendor: acme }
  - { id: b, address: 192.0.2.2 }
links: [{ a: { element: a, interface: to-b }, b: { element: b, interface: to-a } }]
customers: [{ id: c, name: C, tier: consumer, contacts: [{ channel: m, address: c@example.net }] }]
services: [{ id: s, customer: c, element: b, interface: line1, class: voice }]
peak: { window: ['20:00', '22:00'], timeZone: Asia/Shanghai }
notify: { channels: { m: { kind: mailbox, path: mail, from: noc@example.net } } }
detection:
  calendars: { office: { days: [mon], hours: [['09:00', '17:00']], holidays: [2026-01-05] } }
  rules:
    - { id: u, type: unreachable, indicator: reachability, samples: { bad: 1, of: 1, good: 1 }, severity: minor, window: { calendar: office } }
`,
      'faultline.yaml',
      {},
    )
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const inventory = inventoryFrom(loaded.config)
    const topology = buildTopology('nms', [], inventory.elements.keys(), inventory.links)
    const { windows, zoneOf, ports, services } = ruleSurroundings(loaded.config, inventory, () => topology)
    expect(windows.peak).toEqual({ from: 1200, to: 1320 })
    expect(windows.calendars.get('office')).toEqual({
      days: ['mon'],
      hours: [{ from: 540, to: 1020 }],
      holidays: ['2026-01-05'],
      workdays: [],
    })
    expect([zoneOf('a').name, zoneOf('b').name]).toEqual(['Europe/Berlin', 'Asia/Shanghai'])
    expect(['to-a', 'line1', 'to-b', 'spare'].filter((name) => ports.isUsed('b', name))).toEqual([
      'to-a',
      'line1',
    ])
    expect([...services].map(({ id }) => id)).toEqual(['s'])
    expect(inventory.elements.get('a')?.vendor).toBe('acme')
  })
})
