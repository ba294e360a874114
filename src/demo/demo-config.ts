import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { loadConfig } from '../config/load-config.ts'
import type { Config } from '../config/schema.ts'
import type { ElementId } from '../model/network-element.ts'
import { FaultlineError } from '../platform/errors.ts'
import { customerId, demoCustomers, serviceId } from './demo-customers.ts'
import { demoPlan, type PlannedElement, portTo } from './demo-plan.ts'
import { demoAccess } from './snmp-agent.ts'

/** Where an element of the demo network answers. */
export interface ElementPlace {
  readonly address: string
  readonly snmpPort: number
  readonly stampPort: number
}

export interface DemoConfigOptions {
  /** Absolute path of the folder for stores and the mailbox. */
  readonly directory: string
  readonly places: ReadonlyMap<ElementId, ElementPlace>
  /** Default: `127.0.0.1:8080`. */
  readonly listen?: string
}

const rates: Readonly<Record<string, { readonly down: string; readonly up: string }>> = {
  consumer: { down: '100Mbps', up: '20Mbps' },
  business: { down: '200Mbps', up: '50Mbps' },
  vip: { down: '100Mbps', up: '100Mbps' },
}

/**
 * The configuration of a daemon for the demo network. It is also left in the folder as `demo.yaml`, for people to read
 * and to try the other commands with while the demo runs.
 *
 * @throws FaultlineError CONFIG_INVALID when the checks that every configuration gets find a problem in it.
 */
export async function demoConfig(options: DemoConfigOptions): Promise<Config> {
  const file = join(options.directory, 'demo.yaml')
  await writeFile(file, stringify(demoSettings(options)))
  const loaded = await loadConfig(file, {})
  if (loaded.ok) return loaded.config
  const first = loaded.problems[0]?.message ?? 'no reason given'
  throw new FaultlineError('CONFIG_INVALID', `the demo network: ${first}`, { problems: loaded.problems })
}

/**
 * The same as in the file: embedded stores, no privileges (no ICMP), no tokens, and timers so short that a whole outage
 * fits into two minutes. Rules are those that come with Faultline. The ring's cross link is left for LLDP to find.
 */
export function demoSettings({ places, listen = '127.0.0.1:8080' }: Omit<DemoConfigOptions, 'directory'>) {
  return {
    server: { listen },
    auth: { tokens: false },
    state: { kind: 'sqlite', path: 'state.db' },
    samples: { kind: 'embedded', path: 'samples' },
    spool: { path: 'spool' },
    poll: {
      stamp: { interval: '2s', count: 10, timeout: '500ms' },
      // Three tries: a path that loses three packets in ten should not look like a dead agent.
      snmp: { interval: '5s', timeout: '500ms', retries: 2 },
    },
    detection: { decisionWait: '3s' },
    incident: { verify: '5s', reopen: '20s', closeAfter: '2m' },
    notify: {
      channels: {
        mailbox: {
          kind: 'mailbox',
          path: 'mailbox',
          from: 'Faultline demo <noc@example.net>',
        },
      },
      hold: '5s',
    },
    vantage: demoPlan.vantage,
    gateways: [demoPlan.gateway],
    elements: demoPlan.elements.map((element) => elementInput(element, places.get(element.id))),
    customers: demoCustomers.map(({ name, mailbox, language, tier, flags }, i) => ({
      id: customerId(i),
      name,
      language,
      tier,
      flags,
      contacts: [{ channel: 'mailbox', address: `${mailbox}@example.net` }],
    })),
    services: demoCustomers.flatMap(({ tier, lines }, i) =>
      lines.map(({ element, interface: port, target }, line) => ({
        id: serviceId(i, line),
        customer: customerId(i),
        element,
        interface: port,
        ...(target === undefined ? {} : { target }),
        class: target === undefined ? 'broadband' : 'leased-line',
        area: element === 'acc3' || element === 'bld1' ? 'rural' : 'urban',
        ...rates[tier],
      })),
    ),
  }
}

function elementInput({ id, name, role, site, uplinks }: PlannedElement, place: ElementPlace | undefined) {
  if (place === undefined) throw new RangeError(`no place for the demo element ${id}`)
  const { community, user, authPassword, privPassword } = demoAccess
  return {
    id,
    name,
    role,
    site,
    uplinks,
    address: place.address,
    icmp: false,
    stamp: { port: place.stampPort, stateful: true },
    // The core is asked as one should ask, the rest as most are asked.
    snmp:
      role === 'core'
        ? {
            version: 3,
            user,
            auth: { protocol: 'sha256', password: authPassword },
            priv: { protocol: 'aes', password: privPassword },
            port: place.snmpPort,
          }
        : { version: '2c', community, port: place.snmpPort },
    // The leased lines are shaped to less than their ports can do.
    interfaces: role === 'cpe' ? { [portTo(uplinks[0] ?? '')]: { speed: '100Mbps' } } : {},
  }
}
