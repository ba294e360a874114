import { type Port, pathTo, portsAlong } from '../correlate/path.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Topology } from '../model/topology.ts'

/**
 * The ports on a shortest path from the gateways to an element, both ends of each link; of parallel links all of them.
 * Worked out once for each element and topology.
 */
export function createPathPorts(topology: () => Topology): (element: ElementId) => readonly Port[] {
  let seen: Topology | undefined
  let known = new Map<ElementId, readonly Port[]>()
  return (element) => {
    const now = topology()
    if (now !== seen) {
      seen = now
      known = new Map()
    }
    const ports = known.get(element) ?? portsAlong(now, pathTo(now, element))
    known.set(element, ports)
    return ports
  }
}
