import { type Port, pathTo, portsAlong } from '../correlate/path.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Service } from '../model/service.ts'
import type { Topology } from '../model/topology.ts'

/**
 * The interfaces that a service's traffic passes between a gateway and the customer's end: its own port, and those of the
 * links on a shortest path of the topology as it is now. Ways are worked out once for each element and topology.
 */
export function createServicePorts(topology: () => Topology): (service: Service) => readonly Port[] {
  let known: Topology | undefined
  let ways = new Map<ElementId, readonly Port[]>()

  const wayTo = (element: ElementId): readonly Port[] => {
    const now = topology()
    if (now !== known) {
      known = now
      ways = new Map()
    }
    const ports = ways.get(element) ?? portsAlong(now, pathTo(now, element))
    ways.set(element, ports)
    return ports
  }

  return ({ element, interface: own, endpoint }) => {
    const ports = [
      ...(own === undefined ? [] : [{ element, interface: own }]),
      ...wayTo(element),
      ...wayTo(endpoint),
    ]
    return [...new Map(ports.map((port) => [`${port.element} ${port.interface}`, port])).values()]
  }
}
