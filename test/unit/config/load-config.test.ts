// biome-ignore-all lint/suspicious/noTemplateCurlyInString: configurations have placeholders of their own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Env } from '../../../src/config/expand-env.ts'
import { loadConfig, loadConfigText } from '../../../src/config/load-config.ts'
import { formatProblems } from '../../../src/config/problem.ts'
import type { Config } from '../../../src/config/schema.ts'

const least = 'elements: [{ id: core1, address: 192.0.2.1 }]\n'

async function configOf(
  text: string,
  env: Env = {},
  file = '/etc/faultline/faultline.yaml',
): Promise<Config> {
  const loaded = await loadConfigText(text, file, env)
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  return loaded.config
}

describe('a configuration', () => {
  it('has a default for everything but the elements', async () => {
    const config = await configOf(least)
    expect(config.server).toEqual({ listen: { host: '127.0.0.1', port: 8080 } })
    expect(config.state).toEqual({
      kind: 'sqlite',
      path: '/etc/faultline/data/state.db',
      retention: 400 * 86_400_000,
    })
    expect(config.samples).toMatchObject({ kind: 'embedded', path: '/etc/faultline/data/samples' })
    expect(config.spool).toEqual({ path: '/etc/faultline/data/spool', maxBytes: 2 ** 31 })
    expect(config.poll.icmp).toEqual({
      interval: 10_000,
      count: 5,
      timeout: 1_000,
      engine: 'auto',
      dscp: 0,
      size: 56,
    })
    expect(config.poll.stamp).toEqual({
      interval: 10_000,
      count: 5,
      timeout: 1_000,
      engine: 'auto',
      dscp: 0,
      port: 862,
    })
    expect(config.poll.snmp).toEqual({ interval: 60_000, timeout: 2_000, retries: 1 })
    expect(config.incident).toEqual({ verify: 120_000, reopen: 1_800_000, closeAfter: 86_400_000 })
    expect(config.notify).toMatchObject({ hold: 60_000, tell: ['down', 'degraded'], timeZone: 'UTC' })
    expect(config).toMatchObject({ vantage: 'nms', auth: { tokens: true }, log: { level: 'info' } })
  })

  it('brings the rules that come with the program, unless it names others', async () => {
    expect((await configOf(least)).detection.rules.map((rule) => rule.id)).toContain('unreachable')
    const own = `${least}detection: { rules: [{ id: mine, type: unreachable, indicator: reachability,
      samples: { bad: 1, of: 1, good: 1 }, severity: major }] }`
    expect((await configOf(own)).detection.rules.map((rule) => rule.id)).toEqual(['mine'])
  })

  it('may listen on IPv6', async () => {
    const { listen } = (await configOf(`${least}server: { listen: '[::1]:0' }`)).server
    expect(listen).toEqual({ host: '::1', port: 0 })
  })

  it('may share what repeats by anchors, aliases and merge keys', async () => {
    const { elements } = await configOf(`
elements:
  - { id: a, address: 192.0.2.1, snmp: &common { version: 2c, community: secret } }
  - { id: b, address: 192.0.2.2, snmp: *common }
  - { id: c, address: 192.0.2.3, snmp: { <<: *common, port: 1161 } }
`)
    expect(elements.map((element) => element.snmp?.port)).toEqual([161, 161, 1161])
    expect(elements[2]?.snmp).toMatchObject({ version: '2c', community: 'secret' })
  })

  it('warns of what is hardly meant', async () => {
    const loaded = await loadConfigText(
      'elements: [{ id: a, address: 192.0.2.1 }, { id: b, name: A, address: 192.0.2.1 }]',
      'x.yaml',
      {},
    )
    expect(loaded.ok && formatProblems(loaded.warnings)).toBe(
      [
        'x.yaml:1:43  elements[1]  is called as "a" is; LLDP can tell neither of them',
        'x.yaml:1:70  elements[1].address  element "a" has the same address',
      ].join('\n'),
    )
  })

  it('must listen on loopback when nobody is asked for a token', async () => {
    const open = (listen: string) =>
      configOf(`${least}auth: { tokens: false }\nserver: { listen: '${listen}' }`)
    await expect(open('0.0.0.0:8080')).rejects.toThrow('loopback')
    await expect(open('127.evil.example:8080')).rejects.toThrow('loopback')
    await expect(open('127.0.0.2:8080')).resolves.toMatchObject({ auth: { tokens: false } })
  })
})

describe('an environment variable', () => {
  const tagged = (tag: string) => `elements: [{ id: core1, address: 192.0.2.1, tags: ["${tag}"] }]`
  const tagOf = async (tag: string, env: Env) => (await configOf(tagged(tag), env)).elements[0]?.tags[0]

  it('is put into any text, and $${ stands for a plain ${', async () => {
    expect(await tagOf('a-${SITE}-b', { SITE: 'north' })).toBe('a-north-b')
    expect(await tagOf('$${SITE}', {})).toBe('${SITE}')
    expect(await tagOf('$SITE $ { } $', {})).toBe('$SITE $ { } $')
  })

  it('is not expanded again, and cannot bring in YAML', async () => {
    expect(await tagOf('${A}', { A: '${B} $${C}', B: 'never' })).toBe('${B} $${C}')
    const text = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme-ascii' })
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        expect(await tagOf('${VALUE}', { VALUE: value })).toBe(value)
      }),
      { examples: [['x"] }, { id: evil'], ['*a'], ['- b'], ['&c d: e'], ['null'], ['12']] },
    )
  })

  it('becomes a number or a truth value where the setting wants one, and stays text where it wants text', async () => {
    const { elements } = await configOf(
      `elements: [{ id: core1, address: 192.0.2.1, icmp: "\${ICMP}", tags: ["\${PORT}"],
         snmp: { version: 2c, community: "\${PORT}", port: "\${PORT}" } }]`,
      { ICMP: 'false', PORT: '1161' },
    )
    expect(elements[0]).toMatchObject({
      icmp: false,
      tags: ['1161'],
      snmp: { community: '1161', port: 1161 },
    })
  })

  it('does not reach into what every object has', async () => {
    await expect(tagOf('${constructor}', {})).rejects.toThrow('constructor is not set')
  })
})

describe('files beside the configuration', () => {
  let folder = ''
  const write = (name: string, content: string) => writeFile(join(folder, name), content)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-config-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('hold secrets, less the line end that editors add', async () => {
    await write('community', 'p@ss ${word}\n')
    await write(
      'faultline.yaml',
      'elements: [{ id: a, address: 192.0.2.1, snmp: { version: 2c, community_file: community } }]',
    )
    const loaded = await loadConfig(join(folder, 'faultline.yaml'), {})
    expect(loaded.ok && loaded.config.elements[0]?.snmp).toMatchObject({ community: 'p@ss ${word}' })
  })

  it('hold the lists of elements, customers and services', async () => {
    await write('elements.yaml', '- { id: a, address: 192.0.2.1 }\n')
    await write(
      'customers.yaml',
      '- { id: c, name: C, contacts: [{ channel: mail, address: c@example.net }] }\n',
    )
    await write('services.yaml', '- { id: s, customer: c, element: a }\n')
    await write(
      'faultline.yaml',
      `elements: { file: elements.yaml }
customers: { file: customers.yaml }
services: { file: services.yaml }
notify: { channels: { mail: { kind: mailbox, path: mail } } }`,
    )
    const loaded = await loadConfig(join(folder, 'faultline.yaml'), {})
    expect(loaded.ok && loaded.config).toMatchObject({
      elements: [{ id: 'a' }],
      customers: [{ id: 'c' }],
      services: [{ id: 's' }],
      notify: { channels: { mail: { path: join(folder, 'mail') } } },
    })
  })
})
