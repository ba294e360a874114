import type { Config } from '../config/schema.ts'
import { createBaselines } from '../detect/baseline.ts'
import { createPortMemory } from '../detect/port-memory.ts'
import type { RuleSurroundings } from '../detect/rulebook.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Topology } from '../model/topology.ts'
import { createPathPorts } from './path-ports.ts'
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
