import type { CustomerId } from '../model/customer.ts'
import type { Impact, ImpactState, ServiceImpact } from '../model/impact.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { ServiceId } from '../model/service.ts'
import { createEffects, type Effects, isWorse } from './effects.ts'
import { type Fault, type PortAt, without } from './fault.ts'
import { arcsOf, byNumber, byText, components, type Passable, reachableFrom } from './graph.ts'
import { lostSpares } from './lost-spares.ts'
import type { PlacedService, ServicePlaces } from './service-places.ts'
import { crossings, shortestPaths } from './shortest-paths.ts'
import type { Situation } from './situation.ts'

const none: readonly never[] = []

/**
 * Which services suffer from which fault, one list a fault in the same order, each service once with its worst state and
 * with what its customer weighs. A service hangs on its endpoint; on its element where the endpoint's own place is not
 * known.
 * - `down`: the endpoint is dark, or no path from it to a gateway is left, whatever faults work together: then each
 *   fault at the edge of the part that is cut off counts. A part that answers us although no path to us is known
 *   is not down: the measurement outranks the graph.
 * - `degraded`: measured at its endpoint or element, or every shortest path to a gateway crosses what is degraded.
 * - `atRisk`: a link on the way that had a spare in the normal topology has none now. So is a part that answers us by a
 *   way that is not known, where it had several.
 * `stranded`: elements that are not dark and have no way to a gateway any more because of that fault, among others.
 */
export function impactOf(
  situation: Situation,
  faults: readonly Fault[],
  placesOf: ServicePlaces,
  weightOf: (customer: CustomerId) => number,
): { readonly impacts: readonly Impact[]; readonly stranded: (fault: number) => readonly number[] } {
  const stranded = new Map<number, number[]>()
  if (faults.length === 0) return { impacts: [], stranded: () => none }
  const onPath = createEffects()
  const measured = createEffects()
  const left = without(faults)
  addCutOff(situation, faults, left, onPath, stranded)
  for (const [fault, vertices] of lostSpares(situation, faults, left))
    for (const vertex of vertices) onPath.add(vertex, fault, 'atRisk')
  addSlow(situation, faults, left, onPath, measured)
  return {
    impacts: tally(situation, faults, placesOf, weightOf, onPath, measured),
    stranded: (fault) => stranded.get(fault)?.toSorted(byNumber) ?? none,
  }
}

function addCutOff(
  situation: Situation,
  faults: readonly Fault[],
  left: Passable,
  onPath: Effects,
  stranded: Map<number, number[]>,
) {
  const { graph, gateways, layout } = situation
  const deadBy = new Map<number, number>()
  const cutBy = new Map<number, number[]>()
  for (const [number, { dead, cut }] of faults.entries()) {
    for (const vertex of dead) {
      deadBy.set(vertex, number)
      onPath.add(vertex, number, 'down')
    }
    for (const link of cut) cutBy.set(link, [...(cutBy.get(link) ?? []), number])
  }
  if (deadBy.size === 0 && cutBy.size === 0) return
  const normal = layout.served()
  const served = reachableFrom(graph, gateways, left)
  const isLost = (vertex: number) => served[vertex] === 0 && normal[vertex] !== 0 && left.vertex(vertex)
  const starts: number[] = []
  for (let vertex = 0; vertex < graph.ids.length; vertex++) if (isLost(vertex)) starts.push(vertex)
  const lost = components(graph, starts, { ...left, vertex: isLost })
  for (const part of lost) {
    const causes = new Set<number>()
    for (const vertex of part)
      for (const { to, link } of arcsOf(graph, vertex)) {
        const dead = deadBy.get(to)
        if (dead !== undefined) causes.add(dead)
        for (const fault of cutBy.get(link) ?? none) causes.add(fault)
      }
    const answers = answersFromOutside(situation, part)
    if (answers && !hadSpare(situation, part)) continue
    const state = answers ? 'atRisk' : 'down'
    for (const vertex of part) for (const fault of causes) onPath.add(vertex, fault, state)
    if (state === 'down')
      for (const fault of causes) stranded.set(fault, [...(stranded.get(fault) ?? []), ...part])
  }
}

/** A link that leads out of it was not the only one. */
function hadSpare({ graph, layout }: Situation, part: readonly number[]): boolean {
  const isPart = new Set(part)
  const bridges = layout.bridges()
  return part.some((vertex) =>
    arcsOf(graph, vertex).some(({ to, link }) => !isPart.has(to) && !bridges.has(link)),
  )
}

/** Something of it answers a vantage that is not itself in it. */
const answersFromOutside = ({ sights }: Situation, part: readonly number[]): boolean =>
  sights.some(
    ({ vantages, reach }) =>
      !vantages.some((vantage) => part.includes(vantage)) &&
      part.some((vertex) => reach[vertex] === 'answering'),
  )

function addSlow(
  { graph, gateways }: Situation,
  faults: readonly Fault[],
  left: Passable,
  onPath: Effects,
  measured: Effects,
) {
  const slow = [...faults.entries()].filter(
    ([, fault]) => fault.measured.length + fault.slowVertices.length + fault.slowLinks.length > 0,
  )
  if (slow.length === 0) return
  const paths = shortestPaths(graph, gateways, left)
  const crossed = crossings(paths, graph.ends)
  for (const [number, fault] of slow) {
    for (const vertex of fault.measured) measured.add(vertex, number, 'degraded')
    for (const vertex of crossed(fault.slowVertices, fault.slowLinks)) onPath.add(vertex, number, 'degraded')
  }
}

interface PortEffect {
  readonly port: InterfaceName
  readonly fault: number
  readonly state: ImpactState
}

/** What the faults do to ports, by element. */
function portEffectsOf(faults: readonly Fault[]): ReadonlyMap<number, readonly PortEffect[]> {
  const effects = new Map<number, PortEffect[]>()
  const add = (ports: readonly PortAt[], fault: number, state: ImpactState) => {
    for (const { vertex, port } of ports) {
      const here = effects.get(vertex)
      if (here) here.push({ port, fault, state })
      else effects.set(vertex, [{ port, fault, state }])
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
  placesOf: ServicePlaces,
  weightOf: (customer: CustomerId) => number,
  onPath: Effects,
  measured: Effects,
): readonly Impact[] {
  const onPort = portEffectsOf(faults)
  const worst = faults.map(() => new Map<ServiceId, ServiceImpact>())
  const judge = ({ service, access, end }: PlacedService) => {
    const { id, customer, interface: port } = service
    const note = (fault: number, state: ImpactState) => {
      const ofFault = worst[fault]
      const before = ofFault?.get(id)
      if (before !== undefined && !isWorse(state, before.state)) return
      const weight = before?.weight ?? weightOf(customer)
      ofFault?.set(id, { service: id, customer, state, ...(weight === 1 ? {} : { weight }) })
    }
    const isWired = arcsOf(graph, end).length > 0
    const answers = end !== access && reach[end] === 'answering'
    for (const { fault, state } of onPath.at(end)) note(fault, state)
    for (const { fault, state } of measured.at(end)) note(fault, state)
    if (end !== access) for (const { fault, state } of measured.at(access)) note(fault, state)
    // An end whose wiring is not known hangs where its access element hangs; when it answers, it is not down.
    if (end !== access && !isWired)
      for (const { fault, state } of onPath.at(access))
        note(fault, state === 'down' && answers ? 'atRisk' : state)
    // The port is the line's own, unless its far end is measured or placed in the graph and so speaks for itself.
    if (port === undefined || answers) return
    if (end !== access && arcsOf(graph, end).some(({ to }) => to !== access)) return
    for (const effect of onPort.get(access) ?? none)
      if (effect.port === port) note(effect.fault, effect.state)
  }
  const judged = new Set<PlacedService>()
  for (const vertices of [onPath.vertices(), measured.vertices(), onPort.keys()])
    for (const vertex of vertices)
      for (const placed of placesOf(vertex))
        if (!judged.has(placed)) {
          judged.add(placed)
          judge(placed)
        }
  return worst.map((ofFault) =>
    [...ofFault.values()].sort((one, other) => byText(one.service, other.service)),
  )
}
