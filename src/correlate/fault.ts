import type { NetworkAlarm } from '../model/alarm.ts'
import type { IncidentKind, RootCause } from '../model/incident.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { Passable } from './graph.ts'

export interface PortAt {
  readonly vertex: number
  readonly port: InterfaceName
}

/** A finding in the making: what is explained together, and what it does to the network. */
export interface Fault {
  /** `cut`: a link is lost while both ends live; its impact decides whether that is an outage or only a lost spare. */
  readonly kind: IncidentKind | 'cut'
  readonly roots: readonly RootCause[]
  readonly shadowed: readonly number[]
  readonly alarms: readonly NetworkAlarm[]
  readonly explanation: readonly string[]
  readonly onsetAt: number
  /** Elements and links that carry nothing because of it. */
  readonly dead: readonly number[]
  readonly cut: readonly number[]
  /** Ports that are down, and ports that are too full. */
  readonly ports: readonly PortAt[]
  readonly slowPorts: readonly PortAt[]
  /** Elements measured below target, and what every path through is below target. */
  readonly measured: readonly number[]
  readonly slowVertices: readonly number[]
  readonly slowLinks: readonly number[]
}

/** A fault that does nothing to any path. */
export const harmless = {
  shadowed: [],
  dead: [],
  cut: [],
  ports: [],
  slowPorts: [],
  measured: [],
  slowVertices: [],
  slowLinks: [],
} satisfies Partial<Fault>

/** What is left of the network when these faults carry nothing. */
export function without(faults: readonly Fault[]): Passable {
  const dead = new Set(faults.flatMap((fault) => fault.dead))
  const cut = new Set(faults.flatMap((fault) => fault.cut))
  return { vertex: (vertex) => !dead.has(vertex), link: (link) => !cut.has(link) }
}
