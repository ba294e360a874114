import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { NeighbourRead, SeenElement } from '../../../src/collect/discovery/neighbour-reader.ts'
import { discover } from '../../../src/commands/discover.ts'
import { validId } from '../../../src/commands/discovered-inventory.ts'
import { loadConfigText } from '../../../src/config/load-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'faultline-discover-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const secrets = { FAULTLINE_SNMP_1_COMMUNITY: 'x', INFLUX_PASSWORD: 'never shown' }
const settings = {
  elements: [{ id: 'core1', name: 'Core One', address: '192.0.2.1' }],
  discovery: { snmp: [{ version: '2c', community: 'not-a-secret' }], allow: ['192.0.2.0/24'] },
}

async function run(config: object, network: Readonly<Record<string, SeenElement>>, args: object = {}) {
  const file = join(folder, 'faultline.yaml')
  writeFileSync(file, stringify(config))
  const out: string[] = []
  const errors: string[] = []
  const code = await discover(
    { config: file, seeds: ['core1'], onlyNew: false, ...args },
    {
      env: {},
      terminal: { out: (line) => out.push(line), error: (line) => errors.push(line) },
      openReader: async () => ({
        close: async () => undefined,
        read: async (address): Promise<NeighbourRead> => {
          const element = network[address]
          return element === undefined
            ? { outcome: 'silent', problem: 'no answer' }
            : { outcome: 'answered', element }
        },
      }),
    },
  )
  return { code, out: out.join('\n'), errors: errors.join('\n') }
}

const seen = (name: string, more: Partial<SeenElement> = {}): SeenElement => ({
  name,
  description: '',
  objectId: '',
  ports: [{ index: 1, name: 'ge-1', description: '', alias: '' }],
  neighbours: [],
  ...more,
})

describe('the inventory that discovery prints', () => {
  it('says where it goes, and what it does not tell', async () => {
    const { code, out } = await run(settings, { '192.0.2.1': seen('core1') })
    expect(code).toBe(0)
    const head = out.slice(0, out.indexOf('elements:\n'))
    expect(head).toContain('# Put what stands under elements: and links: to the end of the lists')
    expect(head).toContain('uplinks: [ID of the vantage]')
    // Included whole, as one may try, it is refused with what to do.
    writeFileSync(join(folder, 'found.yaml'), out)
    const loaded = await loadConfigText('elements: { file: found.yaml }', join(folder, 'main.yaml'), secrets)
    expect(loaded.ok ? '' : loaded.problems[0]?.message).toBe(
      'the file must hold the list of elements, and nothing else: no line "elements:" above it, no other list',
    )
  })

  // Each run reads two configurations with all profiles, which a busy machine takes its time for.
  it('reads back with the names that devices gave themselves, whatever they are', {
    timeout: 60_000,
  }, async () => {
    // As they come from the reader: one line, without control and format characters.
    const hostile = fc.oneof(
      fc.constantFrom(
        `\${INFLUX_PASSWORD}`,
        `$\${x}`,
        '# no',
        '- a',
        '*x',
        '!!js',
        '"',
        "'",
        ': ',
        '核心1',
        '~',
        'null',
        '1e3',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
    )
    const name = hostile
      .map((text) => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim())
      .filter((text) => text !== '')
    await fc.assert(
      fc.asyncProperty(name, name, async (system, port) => {
        const far = seen(system, { ports: [{ index: 1, name: port, description: '', alias: '' }] })
        const near = seen('Core One', {
          neighbours: [
            { protocol: 'lldp', localPort: 'ge-1', system, port, addresses: ['192.0.2.2'] },
            { protocol: 'lldp', localPort: 'ge-9', system: `${system} #`, port, addresses: ['10.0.0.1'] },
          ],
        })
        const { out } = await run(settings, { '192.0.2.1': near, '192.0.2.2': far })
        const loaded = await loadConfigText(out, join(folder, 'inventory.yaml'), secrets)
        if (!loaded.ok) throw new Error(`${JSON.stringify(loaded.problems)}\n${out}`)
        const [one, other] = loaded.config.elements.toSorted((a) => (a.id === 'core1' ? -1 : 1))
        expect(one).toMatchObject({ id: 'core1', address: '192.0.2.1' })
        expect(other).toMatchObject({ address: '192.0.2.2', snmp: { community: 'x' } })
        expect(other?.name ?? other?.id).toBe(system)
        expect(JSON.stringify(loaded.config.links)).toContain(JSON.stringify(port))
      }),
      { numRuns: 40 },
    )
  })

  it('makes ids that are allowed, of any name', () => {
    expect(validId('核心 A/1', '192.0.2.1')).toBe('A-1')
    expect(validId('核心', '2001:db8::1')).toBe('2001:db8::1')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(validId(name, '192.0.2.1')).toMatch(/^[A-Za-z0-9._:-]{1,64}$/)
      }),
    )
  })

  it('gives a declared id to the box with its address, whoever else calls itself so and answers first', async () => {
    const liar = seen('core1', {
      neighbours: [{ protocol: 'lldp', localPort: 'ge-1', system: 'x', port: '', addresses: ['192.0.2.1'] }],
    })
    const network = { '192.0.2.2': liar, '192.0.2.1': seen('x', { objectId: '1.3' }) }
    const { out } = await run(settings, network, { seeds: ['192.0.2.2'] })
    expect(out).toMatch(/id: core1\n +name: x\n +address: 192\.0\.2\.1\n/)
    expect(out).toMatch(/id: core1-2\n +name: core1\n +address: 192\.0\.2\.2\n/)
  })

  it('tells elements of one name apart, and shows a cable of LLDP and CDP once', async () => {
    const to = (address: string, chassis: string, localPort: string) =>
      ({ protocol: 'lldp', localPort, system: 'sw', port: 'ge-1', chassis, addresses: [address] }) as const
    const core = seen('Core One', {
      neighbours: [
        to('192.0.2.2', '4:aa', 'ge-1'),
        to('192.0.2.3', '4:bb', 'ge-2'),
        {
          protocol: 'cdp',
          localPort: 'ge-1',
          system: '',
          port: 'GigabitEthernet1',
          addresses: ['192.0.2.2'],
        },
      ],
      ports: [1, 2].map((index) => ({ index, name: `ge-${index}`, description: '', alias: '' })),
    })
    const { out, code } = await run(settings, {
      '192.0.2.1': core,
      '192.0.2.2': seen('sw', { chassis: '4:aa' }),
      '192.0.2.3': seen('sw', { chassis: '4:bb' }),
    })
    expect(code).toBe(0)
    expect(out).toContain('id: sw\n')
    expect(out).toContain('id: sw-2\n')
    expect(out).toContain('# 3 elements and 2 links')
    expect(out).not.toContain('not-a-secret')
  })
})

describe('faultline discover', () => {
  it.for([
    ['without a discovery part', { ...settings, discovery: undefined }, {}, 78, 'discovery'],
    ['a seed that is not allowed', settings, { seeds: ['10.0.0.1'] }, 64, 'outside of discovery.allow'],
    ['a seed that is nothing', settings, { seeds: ['nowhere'] }, 64, 'neither an address nor an element'],
    ['a seed that does not answer', settings, {}, 1, 'no answer'],
  ] as const)('says what is wrong: %s', async ([, config, args, code, words]) => {
    const result = await run(config, {}, args)
    expect(result.code).toBe(code)
    expect(result.errors).toContain(words)
  })
})
