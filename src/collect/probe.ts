import type { ElementId } from '../model/network-element.ts'
import type { ProbeName, Reading } from '../model/reading.ts'
import type { Target } from '../model/target.ts'

/** One way of asking network elements. */
export interface Probe {
  readonly name: ProbeName
  /** Whether one call should be given all the targets that are due together (fping), or one target (SNMP). */
  readonly batched: boolean
  /** Which engine it runs and what that is allowed to do, for the start-up log: "fping 5.1, raw socket". */
  readonly engine: string
  /**
   * Polls each target once and calls `deliver` once for each, as soon as its result is known. Resolves when all are
   * delivered; a target that does not answer is a reading and not an exception. Aborting ends it early.
   */
  measure(targets: readonly Target[], deliver: (reading: Reading) => void, signal: AbortSignal): Promise<void>
  /** What is read only now and then of an element is read at its next poll, unless it was read a moment ago. */
  renew?(element: ElementId): void
  close(): Promise<void>
}
