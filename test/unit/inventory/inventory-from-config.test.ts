import { describe, expect, it } from 'vitest'
import { loadConfigText } from '../../../src/config/load-config.ts'
import { formatProblems } from '../../../src/config/problem.ts'
import { inventoryFrom } from '../../../src/inventory/inventory-from-config.ts'

async function inventoryOf(text: string) {
  const loaded = await loadConfigText(text, 'faultline.yaml', {})
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  return inventoryFrom(loaded.config)
}

const sold = `
customers: [{ id: c, name: C, contacts: [{ channel: mail, address: c@example.net }] }]
notify: { channels: { mail: { kind: mailbox, path: mail } } }
`

describe('the inventory', () => {
  it('has the vantage as an element that is not polled, when none is declared', async () => {
    const { vantage, gateways, elements, targets } = await inventoryOf(
      'elements: [{ id: core1, address: 192.0.2.1, uplinks: [nms] }]',
    )
    expect(vantage).toBe('nms')
    expect(gateways).toEqual(['nms'])
    expect(elements.get('nms')).toMatchObject({
      name: 'nms',
      probes: { icmp: false, stamp: false, snmp: false },
    })
    expect([...targets.keys()]).toEqual(['core1'])
  })

  it('keeps a declared vantage and declared gateways', async () => {
    const { gateways, elements } = await inventoryOf(
      'vantage: nms1\ngateways: [core1]\nelements: [{ id: nms1, name: NMS }, { id: core1, address: 192.0.2.1 }]',
    )
    expect(gateways).toEqual(['core1'])
    expect([...elements.keys()]).toEqual(['nms1', 'core1'])
    expect(elements.get('nms1')?.name).toBe('NMS')
  })

  it('makes a link of an uplink, unless a link between the two is declared', async () => {
    const { links } = await inventoryOf(`
elements:
  - { id: a, address: 192.0.2.1, uplinks: [b, c] }
  - { id: b, address: 192.0.2.2, uplinks: [a] }
  - { id: c, address: 192.0.2.3 }
links: [{ a: { element: c, interface: p1 }, b: { element: a, interface: p2 } }]
`)
    expect(links.map(({ id, source }) => `${id} ${source}`)).toEqual(['a[p2]--c[p1] declared', 'a--b uplink'])
  })

  it('probes by ICMP whatever has an address, unless told not to', async () => {
    const { elements, targets } = await inventoryOf(`
elements:
  - { id: a, address: 192.0.2.1 }
  - { id: b, address: 192.0.2.2, icmp: false }
  - { id: c, address: 192.0.2.3, icmp: false, stamp: true }
  - { id: d, name: cabinet }
`)
    expect([...targets.keys()]).toEqual(['a', 'c'])
    expect(targets.get('c')).toMatchObject({ icmp: false, stamp: { port: 862, stateful: false } })
    expect(elements.get('b')?.probes).toEqual({ icmp: false, stamp: false, snmp: false })
  })

  it('knows how each agent is asked', async () => {
    const { targets } = await inventoryOf(`
poll: { stamp: { port: 5000 } }
elements:
  - { id: a, address: 192.0.2.1, snmp: { version: 1, community: public, acceptFrom: [192.0.2.9] } }
  - { id: b, address: 192.0.2.2, stamp: { stateful: true },
      snmp: { version: 3, user: u, auth: { protocol: sha256, password: long enough }, port: 1161 } }
`)
    expect(targets.get('a')?.snmp).toEqual({
      version: '1',
      community: 'public',
      port: 161,
      acceptFrom: ['192.0.2.9'],
    })
    expect(targets.get('b')).toMatchObject({
      stamp: { port: 5000, stateful: true },
      snmp: { version: '3', user: 'u', auth: { protocol: 'sha256', password: 'long enough' }, port: 1161 },
    })
  })

  it('finds no speed for an interface called like something that every object has', async () => {
    const { elements } = await inventoryOf(
      'elements: [{ id: a, address: 192.0.2.1, interfaces: { eth0: { speed: 2Mbps } } }]',
    )
    const speeds = elements.get('a')?.speedOverrides ?? {}
    expect(speeds.eth0).toBe(2_000_000)
    expect(speeds.constructor).toBeUndefined()
  })
})

describe("a customer's end", () => {
  const network = `
elements:
  - { id: acc, address: 192.0.2.1, site: north }
  - { id: cpe, address: 192.0.2.2 }
${sold}`

  it('is an element of its own when it is an address that none has', async () => {
    const { services, elements, targets, links } = await inventoryOf(
      `${network}\nservices: [{ id: s, customer: c, element: acc, interface: p7, target: 192.0.2.77 }]`,
    )
    expect(services.get('s')?.endpoint).toBe('s-end')
    expect(elements.get('s-end')).toMatchObject({
      role: 'customer-end',
      site: 'north',
      address: '192.0.2.77',
    })
    expect(targets.get('s-end')).toEqual({
      element: 's-end',
      address: '192.0.2.77',
      icmp: true,
      speedOverrides: {},
    })
    expect(links.map((link) => link.id)).toEqual(['acc[p7]--s-end'])
  })

  it('is the element with that address or that id, hung on the access element when nothing joins it', async () => {
    for (const target of ['cpe', '192.0.2.2']) {
      const { services, elements, links } = await inventoryOf(
        `${network}\nservices: [{ id: s, customer: c, element: acc, target: ${target} }]`,
      )
      expect(services.get('s')?.endpoint).toBe('cpe')
      expect(elements.has('s-end')).toBe(false)
      expect(links.map((link) => link.id)).toEqual(['acc--cpe'])
    }
  })

  it('is the access element when nothing else is polled', async () => {
    const { services, links } = await inventoryOf(
      `${network}\nservices: [{ id: s, customer: c, element: acc, down: 100Mbps, up: 20Mbps, area: rural }]`,
    )
    expect(services.get('s')).toEqual({
      id: 's',
      customer: 'c',
      element: 'acc',
      endpoint: 'acc',
      class: 'broadband',
      area: 'rural',
      downBps: 100_000_000,
      upBps: 20_000_000,
    })
    expect(links).toEqual([])
  })

  it('cannot take the id of a declared element', async () => {
    await expect(
      inventoryOf(
        `elements: [{ id: acc, address: 192.0.2.1 }, { id: s-end }]${sold}
services: [{ id: s, customer: c, element: acc, target: 192.0.2.77 }]`,
      ),
    ).rejects.toThrow('"s-end"')
  })
})
