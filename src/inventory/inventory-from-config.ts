import { isIP } from 'node:net'
import type { Config } from '../config/schema.ts'
import type { Customer } from '../model/customer.ts'
import type { Inventory } from '../model/inventory.ts'
import { type Link, linkBetween } from '../model/link.ts'
import type { ElementId, NetworkElement } from '../model/network-element.ts'
import type { Service, ServiceId } from '../model/service.ts'
import type { SnmpAccess, Target } from '../model/target.ts'

type ElementSettings = Config['elements'][number]
type ServiceSettings = Config['services'][number]

/** The element that stands for a customer's end. */
interface Endpoint {
  readonly element: ElementId
  /** Present when the end is an address that no element has: an element made for it. */
  readonly implicit?: { readonly element: NetworkElement; readonly target: Target }
}

/**
 * What the configuration declares, with what it implies: the vantage when no element has its id, links from uplinks, an
 * element for each customer's end that is given as an address.
 */
export function inventoryFrom(config: Config): Inventory {
  const elements = new Map(config.elements.map((settings) => [settings.id, elementFrom(settings)]))
  if (!elements.has(config.vantage)) elements.set(config.vantage, unpolled(config.vantage))
  const targets = new Map<ElementId, Target>()
  for (const settings of config.elements) {
    const target = targetFrom(settings, config.poll.stamp.port)
    if (target) targets.set(settings.id, target)
  }
  const links = linksFrom(config)
  const joined = new Set(links.flatMap(({ a, b }) => [a.element, b.element]))
  const services = new Map<ServiceId, Service>()
  const byAddress = ownersOf(targets.values())
  for (const settings of config.services) {
    const { element, implicit } = endpointOf(settings, elements, byAddress)
    if (implicit) {
      elements.set(element, implicit.element)
      targets.set(element, implicit.target)
    }
    // An end that nothing else joins hangs on the element that carries the service.
    if (element !== settings.element && !joined.has(element)) {
      links.push(lineOf(settings, element))
      joined.add(element)
    }
    services.set(settings.id, serviceFrom(settings, element))
  }
  return {
    vantage: config.vantage,
    gateways: config.gateways.length > 0 ? config.gateways : [config.vantage],
    elements,
    links,
    customers: new Map(config.customers.map((customer): [string, Customer] => [customer.id, customer])),
    services,
    targets,
  }
}

/** Which element has an address; one that several share says nothing. */
function ownersOf(targets: Iterable<Target>): ReadonlyMap<string, ElementId> {
  const owners = new Map<string, ElementId>()
  for (const [address, [first, second]] of Map.groupBy(targets, (target) => target.address))
    if (first && !second) owners.set(address, first.element)
  return owners
}

const unpolled = (id: ElementId): NetworkElement => ({
  id,
  name: id,
  role: 'vantage',
  tags: [],
  probes: { icmp: false, stamp: false, snmp: false },
  speedOverrides: {},
})

const probedByIcmp = (settings: ElementSettings): boolean =>
  settings.address !== undefined && settings.icmp !== false

// Interface names come from outside: without a prototype, one called "constructor" finds nothing by accident.
const speedsOf = (settings: ElementSettings): Readonly<Record<string, number>> =>
  Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(settings.interfaces).map(([name, { speed }]) => [name, speed])),
  )

function elementFrom(settings: ElementSettings): NetworkElement {
  const { id, address, role, site, vendor } = settings
  return {
    id,
    name: settings.name ?? id,
    ...(address === undefined ? {} : { address }),
    ...(role === undefined ? {} : { role }),
    ...(site === undefined ? {} : { site }),
    ...(vendor === undefined ? {} : { vendor }),
    tags: settings.tags,
    probes: {
      icmp: probedByIcmp(settings),
      stamp: settings.stamp !== undefined && settings.stamp !== false,
      snmp: settings.snmp !== undefined,
    },
    speedOverrides: speedsOf(settings),
  }
}

/** Undefined for an element that no probe asks. */
function targetFrom(settings: ElementSettings, stampPort: number): Target | undefined {
  const { id, address, stamp, snmp } = settings
  const icmp = probedByIcmp(settings)
  if (address === undefined || (!icmp && !stamp && !snmp)) return undefined
  const reflector = stamp === true ? { stateful: false } : stamp
  return {
    element: id,
    address,
    icmp,
    ...(reflector ? { stamp: { port: reflector.port ?? stampPort, stateful: reflector.stateful } } : {}),
    ...(snmp ? { snmp: accessFrom(snmp) } : {}),
    speedOverrides: speedsOf(settings),
  }
}

/** How an agent is asked, as it is written down. */
export function accessFrom(snmp: NonNullable<ElementSettings['snmp']>): SnmpAccess {
  const { port, acceptFrom } = snmp
  if ('community' in snmp)
    return { version: snmp.version === '2c' ? '2c' : '1', community: snmp.community, port, acceptFrom }
  return {
    version: '3',
    user: snmp.user,
    ...(snmp.auth ? { auth: snmp.auth } : {}),
    ...(snmp.priv ? { priv: snmp.priv } : {}),
    port,
    acceptFrom,
  }
}

/** Declared links, then one for each uplink between two elements that nothing joined before. */
function linksFrom(config: Config): Link[] {
  const links = config.links.map(({ a, b }) => linkBetween(a, b, 'declared'))
  const pair = (one: ElementId, other: ElementId) => [one, other].toSorted().join(' ')
  const joined = new Set(links.map(({ a, b }) => pair(a.element, b.element)))
  for (const { id, uplinks } of config.elements)
    for (const uplink of uplinks) {
      if (joined.has(pair(id, uplink))) continue
      joined.add(pair(id, uplink))
      links.push(linkBetween({ element: id }, { element: uplink }, 'uplink'))
    }
  return links
}

function endpointOf(
  settings: ServiceSettings,
  elements: ReadonlyMap<ElementId, NetworkElement>,
  byAddress: ReadonlyMap<string, ElementId>,
): Endpoint {
  const { id, element: access, target } = settings
  if (target === undefined) return { element: access }
  if (isIP(target) === 0) return { element: target }
  const declared = byAddress.get(target)
  if (declared !== undefined) return { element: declared }
  const end = `${id}-end`
  const site = elements.get(access)?.site
  return {
    element: end,
    implicit: {
      element: {
        id: end,
        name: end,
        address: target,
        role: 'customer-end',
        ...(site === undefined ? {} : { site }),
        tags: [],
        probes: { icmp: true, stamp: false, snmp: false },
        speedOverrides: {},
      },
      target: { element: end, address: target, icmp: true, speedOverrides: {} },
    },
  }
}

const lineOf = ({ element, interface: port }: ServiceSettings, end: ElementId): Link =>
  linkBetween({ element, ...(port === undefined ? {} : { interface: port }) }, { element: end }, 'uplink')

function serviceFrom(settings: ServiceSettings, endpoint: ElementId): Service {
  const { id, customer, element, class: kind, area, down, up } = settings
  return {
    id,
    customer,
    element,
    ...(settings.interface === undefined ? {} : { interface: settings.interface }),
    endpoint,
    class: kind,
    area,
    ...(down === undefined ? {} : { downBps: down }),
    ...(up === undefined ? {} : { upBps: up }),
  }
}
