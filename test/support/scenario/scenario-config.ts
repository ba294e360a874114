import { dirname, join, resolve } from 'node:path'
import { loadConfigText } from '../../../src/config/load-config.ts'
import type { Config } from '../../../src/config/schema.ts'
import type { Scenario } from './scenario.ts'
import type { ScenarioNetwork, WorldElement, WorldLink } from './world-network.ts'

const configs = new Map<string, Config>()
const repository = resolve(import.meta.dirname, '../../..')

type Mapping = Record<string, unknown>
const isMapping = (value: unknown): value is Mapping => typeof value === 'object' && value !== null

function put(config: Mapping, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let at = config
  for (const key of keys) {
    const inner = at[key]
    const next: Mapping = isMapping(inner) ? inner : {}
    at[key] = next
    at = next
  }
  at[last] = value
}

/** The configuration that an operator of the scenario's network would write; `over` comes last. */
export function rawConfigOf({ network, settings }: Scenario, over: Mapping = {}): Mapping {
  const config: Mapping = {
    vantage: network.vantage,
    ...(network.gateways.length > 0 ? { gateways: network.gateways } : {}),
    elements: [...network.elements.values()]
      .filter(({ id }) => id !== network.vantage)
      .map((element, index) => elementOf(network, element, index)),
    links: network.links.filter(({ known }) => known === 'declared' || known === 'paper').map(linkOf),
    customers: network.customers.map((customer) => ({
      ...customer,
      name: customer.id,
      contacts: [{ channel: 'post', address: `${customer.id}@example.net` }],
    })),
    services: network.services.map(({ id, customer, element, port, endpoint, class: kind }) => ({
      id,
      customer,
      element,
      ...(port === undefined ? {} : { interface: port }),
      ...(endpoint === undefined ? {} : { target: endpoint }),
      ...(kind === undefined ? {} : { class: kind }),
    })),
    notify: { channels: { post: { kind: 'mailbox', path: 'mailbox' } } },
    log: { level: 'error' },
  }
  for (const { path, value } of settings) put(config, path, value)
  for (const [path, value] of Object.entries(over)) put(config, path, value)
  return config
}

/** @throws Error with every problem of the configuration. */
export async function configOf(scenario: Scenario, over: Mapping = {}): Promise<Config> {
  const text = JSON.stringify(rawConfigOf(scenario, over))
  const folder = dirname(join(repository, scenario.file))
  const key = `${folder} ${text}`
  // Many scenarios have the same network and settings.
  const known = configs.get(key)
  if (known) return known
  const loaded = await loadConfigText(text, join(folder, 'scenario.yaml'), {})
  if (loaded.ok) {
    configs.set(key, loaded.config)
    return loaded.config
  }
  const problems = loaded.problems.map(({ path, message }) => `${path}: ${message}`)
  throw new Error(`${scenario.file}: ${problems.join('; ')}`)
}

const elementOf = ({ links }: ScenarioNetwork, { probes, ...element }: WorldElement, index: number) => ({
  id: element.id,
  tags: element.tags,
  ...(element.role === undefined ? {} : { role: element.role }),
  ...(element.site === undefined ? {} : { site: element.site }),
  uplinks: links
    .filter(({ known, a }) => known === 'uplink' && a.element === element.id)
    .map(({ b }) => b.element),
  ...(probes === undefined
    ? {}
    : {
        address: `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`,
        icmp: probes.icmp,
        ...(probes.stamp ? { stamp: { stateful: true } } : {}),
        ...(probes.snmp ? { snmp: { version: '2c', community: 'scenario' } } : {}),
      }),
})

const linkOf = ({ a, b }: WorldLink) => ({
  a: { element: a.element, interface: a.port },
  b: { element: b.element, interface: b.port },
})
