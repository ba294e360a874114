import { BlockList, isIP, isIPv4 } from 'node:net'
import type { OpenNeighbourReader } from '../collect/discovery/neighbour-reader.ts'
import { walkNetwork } from '../collect/discovery/walk-network.ts'
import type { Config } from '../config/schema.ts'
import { accessFrom, inventoryFrom } from '../inventory/inventory-from-config.ts'
import type { Inventory } from '../model/inventory.ts'
import { systemNames } from '../model/system-names.ts'
import { inventoryOf } from './discovered-inventory.ts'
import { type ConfigDeps, readConfig } from './read-config.ts'
import { renderDiscovery } from './render-discovery.ts'
import { exitCodes } from './terminal.ts'

export interface DiscoverRequest {
  readonly config: string
  /** Addresses, or ids of elements. */
  readonly seeds: readonly string[]
  /** Leaves out elements and links that are declared. */
  readonly onlyNew: boolean
}

export interface DiscoverDeps extends ConfigDeps {
  readonly openReader: (settings: { timeoutMs: number; retries: number }) => Promise<OpenNeighbourReader>
}

/** Agents asked at a time. */
const concurrency = 16

/** `faultline discover`: prints inventory YAML of what can be walked to. Returns 0 when every seed answered. */
export async function discover(request: DiscoverRequest, deps: DiscoverDeps): Promise<number> {
  const { terminal } = deps
  const config = await readConfig(request.config, deps)
  if (!config) return exitCodes.config
  const { discovery } = config
  if (discovery === undefined) {
    terminal.error(`${request.config}: needs a discovery part, which says what may be asked, and how`)
    return exitCodes.config
  }
  const inventory = inventoryFrom(config)
  const allowed = allowing(discovery.allow)
  const seeds: string[] = []
  for (const seed of request.seeds) {
    const address = isIP(seed) === 0 ? inventory.elements.get(seed)?.address : seed
    const problem =
      address === undefined
        ? 'is neither an address nor an element that has one'
        : allowed(address)
          ? undefined
          : `is outside of discovery.allow: ${address}`
    if (problem !== undefined) {
      terminal.error(`seed ${JSON.stringify(seed)} ${problem}`)
      return exitCodes.usage
    }
    if (address !== undefined) seeds.push(address)
  }

  const { timeout: timeoutMs, retries } = config.poll.snmp
  const reader = await deps.openReader({ timeoutMs, retries })
  const walk = await walkNetwork(
    {
      seeds,
      allowed,
      ...declared(inventory, discovery),
      maxElements: discovery.maxElements,
      concurrency,
    },
    reader,
    new AbortController().signal,
  ).finally(() => reader.close())
  const found = inventoryOf(walk, inventory, request.onlyNew)
  terminal.out(renderDiscovery(found, discovery.snmp.map(accessFrom)).trimEnd())
  for (const { address, problem } of walk.failedSeeds) terminal.error(`seed ${address}: ${problem}`)
  if (walk.truncated) terminal.error('the walk ended at its limit (discovery.maxElements): there is more')
  terminal.error(
    `${walk.elements.length} elements answered, ${walk.asked} addresses asked, ${walk.unreached.length} neighbours not reached`,
  )
  return walk.failedSeeds.length === 0 && walk.elements.length > 0 ? exitCodes.ok : exitCodes.failed
}

function allowing(prefixes: NonNullable<Config['discovery']>['allow']): (address: string) => boolean {
  const list = new BlockList()
  for (const { network, length } of prefixes)
    list.addSubnet(network, length, isIPv4(network) ? 'ipv4' : 'ipv6')
  return (address) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** What the configuration knows of addresses: how an element is asked, and where one is that tells no address. */
function declared({ elements, targets }: Inventory, discovery: NonNullable<Config['discovery']>) {
  const ways = discovery.snmp.map(accessFrom)
  const own = new Map(
    [...targets.values()].flatMap(({ address, snmp }) =>
      snmp === undefined ? [] : [[address, snmp] as const],
    ),
  )
  const elementOf = systemNames(
    [...elements.values()].flatMap((one) => [[one.id, one] as const, [one.name, one] as const]),
  )
  return {
    accesses: (address: string) => [...[own.get(address) ?? []].flat(), ...ways],
    addressOf: (system: string) => elementOf(system)?.address,
  }
}
