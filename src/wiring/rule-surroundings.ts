import type { Config } from '../config/schema.ts'
import { pathTo } from '../correlate/path.ts'
import { createBaselines } from '../detect/baseline.ts'
import type { PathPort } from '../detect/path-loads.ts'
import { createPortMemory } from '../detect/port-memory.ts'
import type { RuleSurroundings } from '../detect/rulebook.ts'
import type { Inventory } from '../model/inventory.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Topology } from '../model/topology.ts'
import { zonesOf } from './zones.ts'

/** What rules ask of the network and the configuration. What they learn comes in by `rule-learning.ts`. */
export function ruleSurroundings(
  config: Pick<Config, 'detection' | 'elements' | 'peak' | 'notify'>,
  inventory: Pick<Inventory, 'services'>,
  topology: () => Topology,
): RuleSurroundings {
  const carrying = new Set(
    [...inventory.services.values()].flatMap(({ element, interface: port }) =>
      port === undefined ? [] : [JSON.stringify([element, port])],
    ),
  )
  return {
    zoneOf: zonesOf(config),
    windows: {
      peak: config.peak.window,
      calendars: new Map(Object.entries(config.detection.calendars)),
    },
    services: inventory.services.values(),
    baselines: createBaselines(),
    portsTo: createPathPorts(topology),
    ports: createPortMemory(
      (element, port) =>
        carrying.has(JSON.stringify([element, port])) ||
        topology()
          .adjacent(element)
          .some((step) => step.port === port),
    ),
  }
}

/** The ports on the shortest path from the gateways, both ends of each link; of parallel links all of them. */
export function createPathPorts(topology: () => Topology): (element: ElementId) => readonly PathPort[] {
  let seen: Topology | undefined
  let known = new Map<ElementId, readonly PathPort[]>()
  return (element) => {
    const now = topology()
    if (now !== seen) {
      seen = now
      known = new Map()
    }
    const ports = known.get(element) ?? portsOn(now, pathTo(now, element))
    known.set(element, ports)
    return ports
  }
}

function portsOn(topology: Topology, path: readonly ElementId[]): readonly PathPort[] {
  return path.flatMap((element, index) => {
    const next = path[index + 1]
    if (next === undefined) return []
    return topology.adjacent(element).flatMap(({ neighbour, port, neighbourPort }): PathPort[] => {
      if (neighbour !== next) return []
      return [
        ...(port === undefined ? [] : [{ element, interface: port }]),
        ...(neighbourPort === undefined ? [] : [{ element: next, interface: neighbourPort }]),
      ]
    })
  })
}
