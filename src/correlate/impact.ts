import type { Impact, ImpactState, ServiceImpact } from '../model/impact.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { Service, ServiceId } from '../model/service.ts'
import { type Fault, type PortAt, without } from './fault.ts'
import { arcsOf, byText, components, everything, reachableFrom } from './graph.ts'
import { lostSpares } from './lost-spares.ts'
import { crossings, shortestPaths } from './shortest-paths.ts'
import type { Situation } from './situation.ts'

const weight: Readonly<Record<ImpactState, number>> = { down: 3, degraded: 2, atRisk: 1 }

const none: readonly never[] = []

/** What the faults do to whatever hangs on an element, by number of the fault. */
type Effects = Map<number, Map<number, ImpactState>>

function addEffect(effects: Effects, vertex: number, fault: number, state: ImpactState): void {
  const ofVertex = effects.get(vertex) ?? new Map<number, ImpactState>()
  const before = ofVertex.get(fault)
  if (before === undefined || weight[before] < weight[state]) ofVertex.set(fault, state)
  effects.set(vertex, ofVertex)
}

/**
 * Which services suffer from which fault, one list a fault in the same order, each service once with its worst state.
 * A service hangs on its endpoint; on its element where the endpoint's own place is not known.
 * - `down`: the endpoint is dark, or no path from it to a gateway is left, whatever faults work together: then each
 *   fault at the edge of the part that is cut off counts. A part that answers us although no path to us is known
 *   is not down: the measurement outranks the graph.
 * - `degraded`: measured at its endpoint or element, or every shortest path to a gateway crosses what is degraded.
 * - `atRisk`: a link on the way that had a spare in the normal topology has none now.
 */
export function impactOf(
  situation: Situation,
  faults: readonly Fault[],
  services: Iterable<Service>,
): readonly Impact[] {
  if (faults.length === 0) return []
  const onPath: Effects = new Map()
  const measured: Effects = new Map()
  addCutOff(situation, faults, onPath)
  for (const [fault, vertices] of lostSpares(situation, faults))
    for (const vertex of vertices) addEffect(onPath, vertex, fault, 'atRisk')
  addSlow(situation, faults, onPath, measured)
  return tally(situation, faults, services, onPath, measured)
}

function addCutOff(
  { graph, gateways, vantage, reach }: Situation,
  faults: readonly Fault[],
  onPath: Effects,
) {
  const left = without(faults)
  const normal = reachableFrom(graph, gateways, everything)
  const served = reachableFrom(graph, gateways, left)
  const deadBy = new Map<number, number>()
  const cutBy = new Map<number, number[]>()
  for (const [number, { dead, cut }] of faults.entries()) {
    for (const vertex of dead) {
      deadBy.set(vertex, number)
      addEffect(onPath, vertex, number, 'down')
    }
    for (const link of cut) cutBy.set(link, [...(cutBy.get(link) ?? []), number])
  }
  if (deadBy.size === 0 && cutBy.size === 0) return
  const isLost = (vertex: number) => served[vertex] === 0 && normal[vertex] !== 0 && left.vertex(vertex)
  const lost = components(graph, graph.ids.keys(), { ...left, vertex: isLost })
  for (const part of lost) {
    const causes = new Set<number>()
    for (const vertex of part)
      for (const { to, link } of arcsOf(graph, vertex)) {
        const dead = deadBy.get(to)
        if (dead !== undefined) causes.add(dead)
        for (const fault of cutBy.get(link) ?? []) causes.add(fault)
      }
    const answersSomehow = !part.includes(vantage) && part.some((vertex) => reach[vertex] === 'answering')
    for (const vertex of part)
      for (const fault of causes) addEffect(onPath, vertex, fault, answersSomehow ? 'atRisk' : 'down')
  }
}

function addSlow(
  { graph, gateways }: Situation,
  faults: readonly Fault[],
  onPath: Effects,
  measured: Effects,
) {
  const slow = [...faults.entries()].filter(
    ([, fault]) => fault.measured.length + fault.slowVertices.length + fault.slowLinks.length > 0,
  )
  if (slow.length === 0) return
  const paths = shortestPaths(graph, gateways, without(faults))
  const crossed = crossings(paths, graph.ends)
  for (const [number, fault] of slow) {
    for (const vertex of fault.measured) addEffect(measured, vertex, number, 'degraded')
    for (const vertex of crossed(fault.slowVertices, fault.slowLinks))
      addEffect(onPath, vertex, number, 'degraded')
  }
}

/** What the faults do to ports, by element. */
function portEffectsOf(faults: readonly Fault[]) {
  const effects = new Map<number, { port: InterfaceName; fault: number; state: ImpactState }[]>()
  const add = (ports: readonly PortAt[], fault: number, state: ImpactState) => {
    for (const { vertex, port } of ports) {
      const ofVertex = effects.get(vertex) ?? []
      ofVertex.push({ port, fault, state })
      effects.set(vertex, ofVertex)
    }
  }
  for (const [number, fault] of faults.entries()) {
    add(fault.ports, number, 'down')
    add(fault.slowPorts, number, 'degraded')
  }
  return effects
}

function tally(
  { graph, reach }: Situation,
  faults: readonly Fault[],
  services: Iterable<Service>,
  onPath: Effects,
  measured: Effects,
): readonly Impact[] {
  const onPort = portEffectsOf(faults)
  const worst = faults.map(() => new Map<ServiceId, ServiceImpact>())
  for (const { id, customer, element, endpoint, interface: port } of services) {
    const note = (fault: number, state: ImpactState) => {
      const before = worst[fault]?.get(id)
      if (before === undefined || weight[before.state] < weight[state])
        worst[fault]?.set(id, { service: id, customer, state })
    }
    const access = graph.indexOf.get(element) ?? -1
    const end = graph.indexOf.get(endpoint) ?? -1
    const isWired = arcsOf(graph, end).length > 0
    const answers = end !== access && reach[end] === 'answering'
    for (const [fault, state] of onPath.get(end) ?? none) note(fault, state)
    for (const [fault, state] of measured.get(end) ?? none) note(fault, state)
    if (end !== access) for (const [fault, state] of measured.get(access) ?? none) note(fault, state)
    // An end whose wiring is not known hangs where its access element hangs; when it answers, it is not down.
    if (end !== access && !isWired)
      for (const [fault, state] of onPath.get(access) ?? none)
        note(fault, state === 'down' && answers ? 'atRisk' : state)
    // The port is the line's own, unless its far end is measured or placed in the graph and so speaks for itself.
    if (port === undefined || answers) continue
    if (end !== access && arcsOf(graph, end).some(({ to }) => to !== access)) continue
    for (const effect of onPort.get(access) ?? none)
      if (effect.port === port) note(effect.fault, effect.state)
  }
  return worst.map((ofFault) =>
    [...ofFault.values()].sort((one, other) => byText(one.service, other.service)),
  )
}
