import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Topology } from '../model/topology.ts'

export interface Port {
  readonly element: ElementId
  readonly interface: InterfaceName
}

/**
 * A shortest path from the nearest gateway to an element, both included; of several the one whose ids sort first. The
 * element alone when no path is known, nothing when the topology does not have it.
 */
export function pathTo(topology: Topology, element: ElementId): readonly ElementId[] {
  if (!topology.elements.has(element)) return []
  const gateways = new Set(topology.gateways)
  // From the element outwards: the search ends at the first gateway.
  const towards = new Map<ElementId, ElementId | undefined>([[element, undefined]])
  let layer: readonly ElementId[] = [element]
  while (layer.length > 0) {
    const gateway = layer.find((id) => gateways.has(id))
    if (gateway !== undefined) {
      const path: ElementId[] = []
      for (let id: ElementId | undefined = gateway; id !== undefined; id = towards.get(id)) path.push(id)
      return path
    }
    const next: ElementId[] = []
    for (const id of layer)
      for (const { neighbour } of topology.adjacent(id))
        if (!towards.has(neighbour)) {
          towards.set(neighbour, id)
          next.push(neighbour)
        }
    layer = next.sort()
  }
  return [element]
}

/** The ports by which the elements of a path are joined, on both sides and of all parallel links, where they are known. */
export function portsAlong(topology: Topology, path: readonly ElementId[]): readonly Port[] {
  return path.slice(1).flatMap((element, i) =>
    topology
      .adjacent(element)
      .filter(({ neighbour }) => neighbour === path[i])
      .flatMap(({ neighbour, port, neighbourPort }) => [
        ...(neighbourPort === undefined ? [] : [{ element: neighbour, interface: neighbourPort }]),
        ...(port === undefined ? [] : [{ element, interface: port }]),
      ]),
  )
}
