import type { InterfaceTable } from './interface-table.ts'
import type { ElementId } from './network-element.ts'
import type { ProfileReading } from './profile.ts'

export type ProbeName = 'icmp' | 'stamp' | 'snmp'

/**
 * How a poll ended. `notSent`: this host could not send, which says nothing about the element and makes no sample.
 * `refused`: something answered, but not acceptably (wrong credentials, malformed).
 */
export type PollOutcome = 'answered' | 'timeout' | 'notSent' | 'refused'

/** What one burst of probe packets saw, in the order of sending. */
export interface Burst {
  readonly sent: number
  /** Round-trip time in ms by packet; null where no reply came in time (RFC 2681: undefined, never 0). */
  readonly rttsMs: readonly (number | null)[]
  /** Stateful STAMP reflectors only: packets lost each way. */
  readonly lostForward?: number
  readonly lostBackward?: number
  /** STAMP only: one-way delay variation, mean absolute, ms; needs no synchronised clocks. */
  readonly jitterForwardMs?: number
  readonly jitterBackwardMs?: number
}

/** A neighbour as LLDP tells it (lldpRemTable). Hostile text. */
export interface Neighbour {
  readonly localPort: string
  readonly remoteSystem: string
  readonly remotePort: string
}

export interface SystemGroup {
  readonly description: string
  readonly objectId: string
  readonly name: string
  readonly location: string
  /** sysUpTime, hundredths of a second; wraps after 497 days. */
  readonly upTimeTicks: number
  /** snmpEngineBoots where the agent has it: tells a wrap of sysUpTime from a reboot. */
  readonly engineBoots?: number
}

/** What an agent told, as every stage after sampling needs it: counters are made rates before, and stay behind. */
export interface AgentSummary {
  readonly system: SystemGroup
  readonly interfaces: Pick<InterfaceTable, 'ports'>
  /** Absent when the agent has no LLDP table. */
  readonly neighbours?: readonly Neighbour[]
  /** Request PDUs that it took. */
  readonly requests: number
}

export interface AgentReading extends AgentSummary {
  readonly interfaces: InterfaceTable
  /** What its profiles ask for; absent when none holds for it, or when it could not be read this time. */
  readonly profile?: ProfileReading
}

/** One poll of one element, with what is told of its agent. */
export type PollOf<Agent> = {
  readonly element: ElementId
  /** When the poll began, UTC epoch milliseconds. */
  readonly at: number
  readonly outcome: PollOutcome
  readonly durationMs: number
  /** Why it did not answer, for people. Never a secret. */
  readonly problem?: string
} & (
  | { readonly probe: 'icmp' | 'stamp'; readonly burst?: Burst }
  | { readonly probe: 'snmp'; readonly agent?: Agent }
)

/** The raw answer of one poll of one element: what probes hand to the sample stage. */
export type Reading = PollOf<AgentReading>

/** How a poll ended and what it told, apart from the samples made of it. Every reading is one. */
export type PollResult = PollOf<AgentSummary>
