import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NeighbourReader, SeenElement } from '../../../src/collect/discovery/neighbour-reader.ts'
import {
  addressColumns,
  addressOf,
  type CellValue,
  cdpColumns,
  cdpNeighbours,
  chassisOf,
  lldpNeighbours,
  portColumns,
  portsIn,
  remoteColumns,
} from '../../../src/collect/discovery/neighbour-tables.ts'
import { neighbourFinder, walkNetwork } from '../../../src/collect/discovery/walk-network.ts'
import type { SnmpAccess } from '../../../src/model/target.ts'

const text = (value: string) => Buffer.from(value)
const column = (cells: Readonly<Record<string, CellValue>>) => new Map(Object.entries(cells))
const access: SnmpAccess = { version: '2c', community: 'lab', port: 161, acceptFrom: [] }

const element = (name: string, told: readonly (readonly [string, readonly string[]])[]): SeenElement => ({
  name,
  description: '',
  objectId: '1.3.6.1.4.1.1',
  chassis: `4:${name}`,
  ports: [],
  neighbours: told.map(([system, addresses], n) => ({
    protocol: 'lldp',
    localPort: `p${n}`,
    system,
    port: '',
    chassis: `4:${system}`,
    addresses,
  })),
})

/** Answers for some addresses, and remembers who was asked with what. */
function networkOf(elements: Readonly<Record<string, SeenElement>>, way: SnmpAccess = access) {
  const asked: string[] = []
  const reader: NeighbourReader = {
    async read(address, using) {
      asked.push(address)
      const found = elements[address]
      if (found === undefined || using !== way) return { outcome: 'silent', problem: 'no answer' }
      return { outcome: 'answered', element: found }
    },
  }
  return { asked, reader }
}

const options = {
  seeds: ['192.0.2.1'],
  allowed: (address: string) => address.startsWith('192.0.2.'),
  accesses: () => [access],
  addressOf: () => undefined,
  maxElements: 100,
  concurrency: 4,
}
const { signal } = new AbortController()

describe('what a table tells of neighbours', () => {
  const ports = portsIn(
    new Map([
      [portColumns.name, column({ 7: text('ge-0/0/7'), 8: text('') })],
      [portColumns.description, column({ 7: text('uplink'), 8: text('GigabitEthernet0/8') })],
    ]),
  )

  it('is read from LLDP, with addresses that are in the index, with and without their length', () => {
    const seen = lldpNeighbours(
      new Map([
        [remoteColumns.system, column({ '0.7.1': text('core1'), '0.8.2': text('') })],
        [
          remoteColumns.chassisId,
          column({ '0.7.1': Buffer.from('0011223344ff', 'hex'), '0.8.2': text('x') }),
        ],
        [remoteColumns.chassisType, column({ '0.7.1': 4, '0.8.2': 7 })],
        [remoteColumns.portId, column({ '0.7.1': Buffer.from('0011223344ff', 'hex'), '0.8.2': text('513') })],
        [remoteColumns.portIdType, column({ '0.7.1': 3, '0.8.2': 7 })],
        [remoteColumns.portText, column({ '0.7.1': text('xe-1\u001b[2J'), '0.8.2': text('eth 2') })],
        [
          addressColumns.ifSubtype,
          column({
            '0.7.1.1.4.192.0.2.9': 2,
            '0.7.1.1.192.0.2.10': 2,
            '0.7.1.1.4.127.0.0.1': 2,
            '0.7.1.6.6.1.2.3.4.5.6': 2,
            '0.7.1.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1': 2,
            '0.7.1.1.4.999.0.2.9': 2,
          }),
        ],
      ]),
      ports,
    )
    expect(seen).toEqual([
      {
        protocol: 'lldp',
        localPort: 'ge-0/0/7',
        system: 'core1',
        port: 'xe-1 [2J',
        chassis: '4:0011223344ff',
        addresses: ['192.0.2.9', '192.0.2.10', '2001:db8::1'],
      },
      {
        protocol: 'lldp',
        localPort: 'GigabitEthernet0/8',
        system: '',
        port: 'eth 2',
        chassis: '7:78',
        addresses: [],
      },
    ])
  })

  it('is read from CDP, whose device may bring its serial number along', () => {
    const cells = new Map([
      [cdpColumns.device, column({ '7.1': text('nexus.example.net(SSI1234)'), '9.3': text('phone') })],
      [cdpColumns.port, column({ '7.1': text('Ethernet1/1') })],
      [cdpColumns.address, column({ '7.1': Buffer.from([192, 0, 2, 33]), '9.3': Buffer.from([0, 0, 0, 0]) })],
    ])
    expect(cdpNeighbours(cells, ports)).toEqual([
      {
        protocol: 'cdp',
        localPort: 'ge-0/0/7',
        system: 'nexus.example.net',
        port: 'Ethernet1/1',
        addresses: ['192.0.2.33'],
      },
      { protocol: 'cdp', localPort: '9', system: 'phone', port: '', addresses: [] },
    ])
  })

  it.for([
    ['a MAC address', 4, Buffer.from([0, 224, 252, 0, 0, 1])],
    ['an address of the network', 5, Buffer.from([1, 192, 0, 2, 1])],
    ['a name of its own', 7, text('rack 3, unit 7')],
  ] as const)('knows a chassis again by %s', ([, type, id]) => {
    const tables = new Map([
      [remoteColumns.chassisType, column({ '0.3.1': type })],
      [remoteColumns.chassisId, column({ '0.3.1': id })],
      [remoteColumns.system, column({ '0.3.1': text('far') })],
    ])
    const [neighbour] = lldpNeighbours(tables, [])
    expect(neighbour?.chassis).toBe(chassisOf(type, Buffer.from(id)))
    expect(neighbour?.chassis).not.toBe(chassisOf(type === 4 ? 5 : 4, id))
    expect(chassisOf(type, Buffer.alloc(0))).toBeUndefined()
  })

  it('holds no address that many boxes have, or none', () => {
    for (const bytes of [
      [0, 0, 0, 0],
      [127, 0, 0, 1],
      [224, 0, 0, 5],
      [255, 255, 255, 255],
      [1, 2, 3],
    ])
      expect(addressOf(Uint8Array.from(bytes))).toBeUndefined()
    expect(addressOf(new Uint8Array(16))).toBeUndefined()
    const inner = (...last: readonly number[]) =>
      Uint8Array.from([...new Array<number>(16 - last.length).fill(0), ...last])
    expect(addressOf(inner(1))).toBeUndefined()
    expect(addressOf(inner(255, 255, 127, 0, 0, 1))).toBeUndefined()
    expect(addressOf(inner(255, 255, 192, 0, 2, 1))).toBe('192.0.2.1')
    expect(addressOf(inner(2))).toBe('::2')
    expect(addressOf(Uint8Array.from([254, 128, ...new Array<number>(13).fill(0), 1]))).toBe('fe80::1')
  })
})

describe('a walk', () => {
  it('reaches in any network what neighbours lead to, asks none twice, and none that is not allowed', async () => {
    const cables = fc.array(fc.tuple(fc.nat({ max: 19 }), fc.nat({ max: 19 })), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(cables, fc.nat({ max: 19 }), async (pairs, forbidden) => {
        const address = (n: number) => `192.0.2.${n + 1}`
        const near = (n: number) => [
          ...new Set(pairs.flatMap(([a, b]) => (a === n ? [b] : b === n ? [a] : []))),
        ]
        const all = Object.fromEntries(
          Array.from({ length: 20 }, (_, n) => [
            address(n),
            element(
              `e${n}`,
              near(n).map((to) => [`e${to}`, [address(to)]] as const),
            ),
          ]),
        )
        const seed = forbidden === 0 ? 1 : 0
        const reachable = new Set([seed])
        for (const n of reachable) for (const to of near(n)) if (to !== forbidden) reachable.add(to)
        const { asked, reader } = networkOf(all)
        const walk = await walkNetwork(
          { ...options, seeds: [address(seed)], allowed: (one) => one !== address(forbidden) },
          reader,
          signal,
        )
        expect(asked).toHaveLength(new Set(asked).size)
        expect(asked).not.toContain(address(forbidden))
        expect(walk.elements.map(({ name }) => name).sort()).toEqual(
          [...reachable].map((n) => `e${n}`).sort(),
        )
        expect(walk.truncated).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  it('knows an element again by its chassis, and asks another of its addresses only when the first is silent', async () => {
    const core = element('core', [['agg', ['192.0.2.66', '10.0.0.2', '192.0.2.2']]])
    const agg = element('agg', [
      ['core', ['192.0.2.77']],
      ['phone', []],
    ])
    const { asked, reader } = networkOf({ '192.0.2.1': core, '192.0.2.2': agg, '192.0.2.77': core })
    const walk = await walkNetwork(options, reader, signal)
    expect(asked).toEqual(['192.0.2.1', '192.0.2.66', '192.0.2.2'])
    expect(walk.elements.map(({ addresses }) => addresses)).toEqual([['192.0.2.1'], ['192.0.2.2']])
    expect(walk.unreached).toMatchObject([
      { neighbour: { system: 'phone' }, seenFrom: '192.0.2.2', why: 'no-address' },
    ])
  })

  it('tries the ways to ask in order, and says what a seed did instead', async () => {
    const other: SnmpAccess = { ...access, port: 1161 }
    const { asked, reader } = networkOf({ '192.0.2.1': element('core', []) }, other)
    const both = await walkNetwork({ ...options, accesses: () => [access, other] }, reader, signal)
    expect(both.elements).toMatchObject([{ name: 'core', access: other }])
    expect(asked).toEqual(['192.0.2.1', '192.0.2.1'])
    const none = await walkNetwork(options, reader, signal)
    expect(none.failedSeeds).toEqual([{ address: '192.0.2.1', problem: 'no answer' }])
  })

  it('ends at its limit, even where every answer leads to more', async () => {
    const asked: string[] = []
    const reader: NeighbourReader = {
      async read(address) {
        asked.push(address)
        const more = Array.from({ length: 50 }, (_, n) => `192.0.2.${address}.${n}`)
        return {
          outcome: 'answered',
          element: element(
            address,
            more.map((one) => [one, [one]] as const),
          ),
        }
      },
    }
    const walk = await walkNetwork({ ...options, maxElements: 10 }, reader, signal)
    expect(walk.elements).toHaveLength(10)
    expect(walk.truncated).toBe(true)
    expect(asked.length).toBeLessThan(10 + options.concurrency)
  })

  it('knows a neighbour by its name with or without domain, and no namesake of another domain', async () => {
    const core = element('core', [])
    const neighbours = ['agg.example.net', 'AGG', 'agg.example.org'].map((system, n) => ({
      protocol: 'cdp' as const,
      localPort: `p${n}`,
      system,
      port: '',
      addresses: n === 0 ? ['192.0.2.2'] : [],
    }))
    const { reader } = networkOf({
      '192.0.2.1': { ...core, neighbours },
      '192.0.2.2': element('agg.example.net', []),
    })
    const walk = await walkNetwork(options, reader, signal)
    expect(walk.elements.map(({ name }) => name)).toEqual(['core', 'agg.example.net'])
    expect(walk.unreached.map(({ neighbour }) => neighbour.system)).toEqual(['agg.example.org'])
  })

  it('finds two boxes that have one chassis id, and tells them apart by their names', async () => {
    const chassis = '4:00e0fc000001'
    const told = [['two', ['192.0.2.2']] as const, ['three', ['192.0.2.3']] as const]
    const one = element('one', told)
    const clones = {
      '192.0.2.1': { ...one, neighbours: one.neighbours.map((neighbour) => ({ ...neighbour, chassis })) },
      '192.0.2.2': { ...element('two', []), chassis },
      '192.0.2.3': { ...element('three', []), chassis },
    }
    const { reader } = networkOf(clones)
    const walk = await walkNetwork({ ...options, concurrency: 1 }, reader, signal)
    expect(walk.elements.map(({ name }) => name)).toEqual(['one', 'two', 'three'])
    expect(walk.unreached).toEqual([])
    const find = neighbourFinder(walk.elements)
    expect(walk.elements[0]?.neighbours.map((neighbour) => find(neighbour)?.name)).toEqual(['two', 'three'])
  })

  it('finds a box although another calls itself by its chassis id', async () => {
    const liar = { ...element('liar', [['core', ['192.0.2.2']]]), chassis: '4:core' }
    const { reader } = networkOf({
      '192.0.2.1': liar,
      '192.0.2.2': element('core', [['far', ['192.0.2.3']]]),
    })
    const walk = await walkNetwork(options, reader, signal)
    expect(walk.elements.map(({ name }) => name)).toEqual(['liar', 'core'])
    expect(walk.unreached).toMatchObject([{ neighbour: { system: 'far' }, why: 'no-answer' }])
  })

  it('is led nowhere by neighbours that tell addresses of others, or of nobody', async () => {
    const lies = [
      ...Array.from({ length: 500 }, (_, n) => [`ghost${n}`, [`10.${n % 256}.0.1`]] as const),
      ['ghost', ['127.0.0.1', '0.0.0.0', '192.0.2.1']] as const,
    ]
    const { asked, reader } = networkOf({ '192.0.2.1': element('liar', lies) })
    const walk = await walkNetwork(options, reader, signal)
    expect(asked).toEqual(['192.0.2.1'])
    expect(walk.elements).toHaveLength(1)
    expect(walk.unreached).toHaveLength(501)
  })

  it('does not take a factory name or address for the one box that has it', async () => {
    const core = element('switch', [['switch', ['192.0.2.1']]])
    const { reader } = networkOf({ '192.0.2.1': { ...core, chassis: '4:aa' } })
    const walk = await walkNetwork(options, reader, signal)
    expect(walk.unreached).toHaveLength(1)
  })
})
