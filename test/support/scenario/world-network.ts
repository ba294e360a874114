import type { Customer } from '../../../src/model/customer.ts'

/** How the daemon knows a link. `hidden`: it is there and nobody tells; `paper`: it is declared and not there. */
export type LinkKnowledge = 'declared' | 'uplink' | 'lldp' | 'hidden' | 'paper'

export interface WorldLinkEnd {
  readonly element: string
  readonly port: string
}

/** A wire. For an uplink `a` is the lower end. */
export interface WorldLink {
  /** `core1--agg1`, as it is written in a scenario; the second one between the same two is `core1--agg1#2`. */
  readonly name: string
  readonly a: WorldLinkEnd
  readonly b: WorldLinkEnd
  readonly known: LinkKnowledge
  readonly speedBps: number
  /** One way. */
  readonly delayMs: number
}

export interface WorldElement {
  readonly id: string
  readonly role?: string
  readonly site?: string
  readonly tags: readonly string[]
  /** Absent: never polled. */
  readonly probes?: { readonly icmp: boolean; readonly stamp: boolean; readonly snmp: boolean }
}

export interface WorldService {
  readonly id: string
  readonly customer: string
  readonly element: string
  readonly port?: string
  readonly endpoint?: string
  readonly class?: string
}

/** The network as it is, and what the daemon is told of it. */
export interface ScenarioNetwork {
  readonly vantage: string
  readonly gateways: readonly string[]
  readonly elements: ReadonlyMap<string, WorldElement>
  readonly links: readonly WorldLink[]
  readonly services: readonly WorldService[]
  readonly customers: readonly Pick<Customer, 'id' | 'language' | 'tier' | 'flags'>[]
  /** Agents tell their neighbours over every wire, and not over those alone that are known from it. */
  readonly lldp: boolean
}

/** The end of a link at an element, and the other one. */
export function endsFrom(link: WorldLink, element: string): readonly [WorldLinkEnd, WorldLinkEnd] {
  return link.a.element === element ? [link.a, link.b] : [link.b, link.a]
}
