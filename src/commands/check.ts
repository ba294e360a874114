import { inventoryFrom } from '../inventory/inventory-from-config.ts'
import { islands } from './islands.ts'
import { missingCiphers } from './missing-ciphers.ts'
import { type ConfigDeps, readConfig } from './read-config.ts'
import { renderPolicies } from './render-policies.ts'
import { exitCodes } from './terminal.ts'
import { warnOfPaths } from './warn-of-paths.ts'

export interface CheckDeps extends ConfigDeps {
  /** What OpenSSL offers; default: what that of this host does. */
  readonly ciphers?: readonly string[]
}

const mostNamed = 10

const shortList = (ids: readonly string[]): string =>
  `${ids.slice(0, mostNamed).join(', ')}${ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : ''}`

/** `faultline check`: everything that can be known without asking the network. Returns the exit code. */
export async function check(file: string, deps: CheckDeps): Promise<number> {
  const config = await readConfig(file, deps)
  if (!config) return exitCodes.config
  const missing = missingCiphers(config, deps.ciphers)
  for (const line of missing) deps.terminal.error(`${file}  ${line}`)
  if (missing.length > 0) return exitCodes.config
  await warnOfPaths(file, config, deps.terminal)
  const inventory = inventoryFrom(config)
  const { elements, targets, links, customers, services, vantage } = inventory
  const lost = islands(inventory)
  if (lost.length > 0)
    deps.terminal.error(
      `warning: ${file}  elements  no way to the vantage "${vantage}" (unless LLDP shows one): ${shortList(lost)}`,
    )
  const polled = `${elements.size} elements (${targets.size} polled), ${links.length} links`
  const sold = `${customers.size} customers, ${services.size} services`
  deps.terminal.out(`${file}: no problems; ${polled}, ${sold}, ${config.detection.rules.length} rules`)
  const policies = renderPolicies(config, [...services.values()], customers)
  if (policies !== '') deps.terminal.out(policies)
  return exitCodes.ok
}
