import type { Port } from '../correlate/path.ts'
import type { Service } from '../model/service.ts'
import type { Topology } from '../model/topology.ts'
import { createPathPorts } from './path-ports.ts'

/**
 * The interfaces that a service's traffic passes between a gateway and the customer's end: its own port, and those of the
 * links on a shortest path of the topology as it is now.
 */
export function createServicePorts(topology: () => Topology): (service: Service) => readonly Port[] {
  const portsTo = createPathPorts(topology)
  return ({ element, interface: own, endpoint }) => {
    const ports = [
      ...(own === undefined ? [] : [{ element, interface: own }]),
      ...portsTo(element),
      ...portsTo(endpoint),
    ]
    return [...new Map(ports.map((port) => [`${port.element} ${port.interface}`, port])).values()]
  }
}
