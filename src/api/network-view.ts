import type { NetworkAlarm } from '../model/alarm.ts'
import { type Incident, type IncidentId, rootElements } from '../model/incident.ts'
import type { Interface } from '../model/interface.ts'
import type { Link } from '../model/link.ts'
import type { ElementId, NetworkElement } from '../model/network-element.ts'
import type { ElementState, NetworkState } from '../model/network-state.ts'
import { worstSeverity } from '../model/severity.ts'
import type { Topology } from '../model/topology.ts'
import type { ApiDeps } from './api-deps.ts'
import { maybeTime, rfc3339 } from './parameters.ts'
import type { ElementView, InterfaceView, LinkView, TopologyNode } from './views/network-schemas.ts'

type NetworkDeps = Pick<
  ApiDeps,
  'inventory' | 'topology' | 'networkState' | 'activeAlarms' | 'interfaces' | 'system'
>

/** What many elements are shown from, looked up once for a request. */
export interface NetworkNow {
  readonly state: NetworkState
  readonly topology: Topology
  readonly alarms: ReadonlyMap<ElementId, readonly NetworkAlarm[]>
}

export const networkNow = (deps: NetworkDeps): NetworkNow => ({
  state: deps.networkState(),
  topology: deps.topology(),
  alarms: Map.groupBy(deps.activeAlarms(), (alarm) => alarm.resource.element),
})

const neverPolled: ElementState = { reach: 'unknown', since: 0, agentSilent: false }

/** The vantage is this process itself, so it answers by definition. */
const stateOf = (element: ElementId, now: NetworkNow): ElementState => {
  const state = now.state.elements.get(element) ?? neverPolled
  return element === now.topology.vantage && state.reach === 'unknown'
    ? { ...state, reach: 'answering' }
    : state
}

function healthOf(element: ElementId, now: NetworkNow) {
  const { reach, since, lastAnswerAt, agentSilent } = stateOf(element, now)
  const alarms = now.alarms.get(element) ?? []
  return {
    reach,
    since: since === 0 ? undefined : rfc3339(since),
    lastAnswerAt: maybeTime(lastAnswerAt),
    agentSilent,
    activeAlarms: alarms.length,
    worstSeverity: alarms.length === 0 ? undefined : worstSeverity(alarms.map((alarm) => alarm.severity)),
  }
}

export function elementView(element: NetworkElement, deps: NetworkDeps, now: NetworkNow): ElementView {
  const system = deps.system(element.id)
  const { id, name, address, role, site, tags, probes } = element
  return {
    id,
    name,
    address,
    role,
    site,
    tags: [...tags],
    probes: (['icmp', 'stamp', 'snmp'] as const).filter((probe) => probes[probe]),
    ...healthOf(id, now),
    portsDown: [...(now.state.portsDown.get(id) ?? [])],
    system: system && {
      description: system.description,
      objectId: system.objectId,
      name: system.name,
      location: system.location,
      uptimeSeconds: system.upTimeTicks / 100,
    },
  }
}

export function interfaceView(port: Interface, topology: Topology): InterfaceView {
  const links = topology.adjacent(port.element).filter((step) => step.port === port.name)
  return { ...port, seenAt: rfc3339(port.seenAt), links: links.map((step) => step.link.id) }
}

export function linkView(link: Link, now: NetworkNow): LinkView {
  const ends = [link.a, link.b]
  const portDown = ends.some(
    (end) => end.interface !== undefined && now.state.portsDown.get(end.element)?.has(end.interface),
  )
  const reaches = ends.map((end) => stateOf(end.element, now).reach)
  const state = portDown
    ? 'down'
    : reaches.includes('dark')
      ? 'dark'
      : reaches.includes('unknown')
        ? 'unknown'
        : 'up'
  return { id: link.id, a: { ...link.a }, b: { ...link.b }, source: link.source, state }
}

/** Links between each element and its nearest gateway. */
function hopsFromGateways(topology: Topology): ReadonlyMap<ElementId, number> {
  const hops = new Map<ElementId, number>(topology.gateways.map((gateway) => [gateway, 0]))
  // A Map is walked in order of insertion, and what is added on the way is walked too: breadth first.
  for (const [element, distance] of hops)
    for (const { neighbour } of topology.adjacent(element))
      if (!hops.has(neighbour)) hops.set(neighbour, distance + 1)
  return hops
}

export function topologyNodes(
  deps: NetworkDeps,
  incidents: readonly Incident[],
  now: NetworkNow,
): TopologyNode[] {
  const { elements, services } = deps.inventory()
  const hops = hopsFromGateways(now.topology)
  const parts = partsPlayed(incidents)
  const carried = new Map<ElementId, number>()
  for (const service of services.values())
    for (const element of new Set([service.element, service.endpoint]))
      carried.set(element, (carried.get(element) ?? 0) + 1)
  return [...now.topology.elements].map((id) => {
    const element = elements.get(id)
    const { lastAnswerAt, ...health } = healthOf(id, now)
    return {
      id,
      name: element?.name ?? id,
      role: element?.role,
      site: element?.site,
      hops: hops.get(id),
      ...health,
      incidents: parts.get(id) ?? [],
      services: carried.get(id) ?? 0,
    }
  })
}

function partsPlayed(incidents: readonly Incident[]) {
  const parts = new Map<ElementId, { id: IncidentId; as: 'root' | 'shadowed' }[]>()
  const add = (element: ElementId, id: IncidentId, as: 'root' | 'shadowed') => {
    const known = parts.get(element)
    if (known) known.push({ id, as })
    else parts.set(element, [{ id, as }])
  }
  for (const incident of incidents) {
    const roots = new Set(incident.roots.flatMap(rootElements))
    for (const element of roots) add(element, incident.id, 'root')
    for (const element of incident.shadowed) if (!roots.has(element)) add(element, incident.id, 'shadowed')
  }
  return parts
}
