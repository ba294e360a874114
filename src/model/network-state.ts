import type { InterfaceName } from './interface.ts'
import type { ElementId } from './network-element.ts'

/**
 * What the last polls of an element said.
 * - `answering`: the latest cycle had an answer;
 * - `missing`: the latest cycle had none, and the rule has not decided yet;
 * - `dark`: the `unreachable` alarm stands;
 * - `unknown`: never polled, or no poll has finished lately (a poll gap can neither raise nor clear).
 */
export type Reach = 'answering' | 'missing' | 'dark' | 'unknown'

/** This host could not send to an element, by none of its probes that was tried since the last that went out. */
export interface Unsent {
  /** When the first poll began that could not be sent. */
  readonly since: number
  /** It was tried again, in vain. */
  readonly isConfirmed: boolean
  /** Why, for people. */
  readonly problem?: string
}

export interface ElementState {
  readonly reach: Reach
  /** Since when it is in that state: for `missing` and `dark`, the time of the first missed poll. */
  readonly since: number
  readonly lastAnswerAt?: number
  /** The path answers and the SNMP agent does not. */
  readonly agentSilent: boolean
  /** Absent: what was last asked of it was sent. Says nothing about the element, so its reach stays until it is old. */
  readonly unsent?: Unsent
}

/** The evidence that root cause is computed from. Measured, never inferred. */
export interface NetworkState {
  readonly elements: ReadonlyMap<ElementId, ElementState>
  /** Ports that their own agent reports as down although they are meant to be up, by element. */
  readonly portsDown: ReadonlyMap<ElementId, ReadonlySet<InterfaceName>>
}
