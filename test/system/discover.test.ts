import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadConfigText } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { linkBetween } from '../../src/model/link.ts'
import { eventually } from '../support/eventually.ts'
import { addressOf, type Lab, labLinks, labSecrets, startLab } from '../support/lab.ts'
import { has, isLinuxRoot } from '../support/requires.ts'

const possible = isLinuxRoot && has('snmpd', 'lldpd', 'ip')
if (!possible)
  console.warn('*** Discovery in the laboratory is LEFT OUT: it needs root on Linux and its programs.')

const main = resolve(import.meta.dirname, '../../src/main.ts')

interface Printed {
  readonly elements: readonly { readonly id: string; readonly address: string }[]
  readonly links: readonly { readonly a: object; readonly b: object }[]
}

/** The cables between nodes that have an agent, as `a[port]--b[port]`. */
const cables = labLinks
  .filter((pair) => !pair.some((node) => node === 'nms'))
  .map(([a, b]) => {
    const ends = [
      { element: a, interface: `to-${b}` },
      { element: b, interface: `to-${a}` },
    ] as const
    return linkBetween(ends[0], ends[1], 'declared').id
  })
  .sort()

describe.skipIf(!possible)('discovery', () => {
  let lab: Lab
  const folder = mkdtempSync(join(tmpdir(), 'faultline-discover-'))
  const config = {
    elements: [
      {
        id: 'core1',
        address: addressOf('core1'),
        snmp: { version: '2c', community: labSecrets.community },
      },
    ],
    poll: { snmp: { timeout: '1s', retries: 1 } },
    discovery: {
      allow: ['198.18.255.0/24'],
      snmp: [
        {
          version: 3,
          user: labSecrets.user,
          auth: { protocol: 'sha256', password: labSecrets.auth },
          priv: { protocol: 'aes', password: labSecrets.priv },
        },
        { version: '2c', community: labSecrets.community },
      ],
    },
  }

  async function discover(settings: object, ...args: readonly string[]) {
    const file = join(folder, 'faultline.yaml')
    writeFileSync(file, stringify(settings))
    const run = [main, 'discover', '--config', file, ...args]
    const child = lab.spawn('nms', process.execPath, ['--disable-warning=ExperimentalWarning', ...run])
    const text = { out: '', error: '' }
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text.out += part
    })
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      text.error += part
    })
    const [code] = await once(child, 'close')
    return { code: Number(code), ...text, inventory: (parse(text.out) ?? {}) as Printed }
  }
  const idsOf = ({ links }: Printed) =>
    links.map(({ a, b }) => linkBetween(a as never, b as never, 'declared').id).sort()

  beforeAll(async () => {
    lab = await startLab()
  }, 60_000)
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  it('walks the whole network from one seed, and prints the inventory that it is', async () => {
    const walked = await eventually(
      'all cables by LLDP',
      async () => {
        const tried = await discover(config, 'core1')
        return tried.inventory.links?.length >= cables.length && tried
      },
      60_000,
    )
    expect(walked.code).toBe(0)
    expect(idsOf(walked.inventory)).toEqual(cables)
    const expected = [...new Set(labLinks.flat())].filter((node) => node !== 'nms').sort()
    expect(walked.inventory.elements.map(({ id }) => id)).toEqual(expected)
    expect(walked.inventory.elements.map(({ address }) => address)).toEqual(
      expected.map((node) => addressOf(node)),
    )
    for (const secret of Object.values(labSecrets).filter((one) => one !== labSecrets.user))
      expect(walked.out + walked.error).not.toContain(secret)

    // What was printed is a configuration.
    const names = [...walked.out.matchAll(/^# {3}(\w+)$/gm)].map(([, name]) => name ?? '')
    const env = Object.fromEntries(names.map((name) => [name, 'not-a-secret']))
    const loaded = await loadConfigText(walked.out, join(folder, 'inventory.yaml'), env)
    expect(formatProblems(loaded.ok ? loaded.warnings : loaded.problems)).toBe('')
  })

  it('leaves out what is declared when only news is asked for', async () => {
    const { inventory } = await discover(config, '--new', addressOf('core1'))
    expect(inventory.elements.map(({ id }) => id)).not.toContain('core1')
    expect(inventory.elements).toHaveLength(9)
    expect(idsOf(inventory)).toEqual(cables)
  })

  it('asks no address that is not allowed, be it a seed or a neighbour', async () => {
    const near = { ...config, discovery: { ...config.discovery, allow: [`${addressOf('core1')}/32`] } }
    const walked = await discover(near, 'core1')
    expect(walked.inventory.elements.map(({ id }) => id)).toEqual(['core1'])
    expect(walked.out).toContain('outside of discovery.allow')
    expect(walked.error).toContain('1 addresses asked')
    expect(await discover(near, addressOf('agg1'))).toMatchObject({ code: 64, out: '' })
  })
})
