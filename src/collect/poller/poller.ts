import type { ElementId } from '../../model/network-element.ts'
import type { PollSamples } from '../../model/poll-samples.ts'
import type { PollResult, ProbeName, Reading } from '../../model/reading.ts'
import type { Sample } from '../../model/sample.ts'
import type { Target } from '../../model/target.ts'
import type { Overrun } from '../scheduler.ts'

/** A probe that is in use. */
export interface ProbeInUse {
  readonly name: ProbeName
  /** Which engine it runs and what that is allowed to do. */
  readonly engine: string
  /** Time between two polls of one element. */
  readonly intervalMs: number
}

/** Takes each poll once, in the order in which the polls of an element end. */
export type DeliverPoll = (result: PollResult, samples: readonly Sample[]) => void

/** The same, where samples are not made yet. Their columns are used again after the call. */
export type DeliverColumns = (result: PollResult, samples: PollSamples) => void

/** Makes samples of readings; the sample stage has it. */
export interface ReadingSampler {
  /** The columns are used again by the next call. */
  columns(reading: Reading, target: Target): PollSamples
  /** Rates refused since the start, by reason. */
  refused(): ReadonlyMap<string, number>
}

/** Polls every element in its rhythm and tells what comes of it, in this thread or in one of its own. */
export interface Poller {
  readonly probes: readonly ProbeInUse[]
  /** Begins; the first poll of each element comes at its own phase, within one interval. */
  start(): void
  /**
   * Polls now, ahead of all that wait, also when not started. Resolves once all are delivered; on abort with those that
   * have come. Elements that are unknown or lack a probe are left out; what agents told may be missing from the results.
   * @throws FaultlineError PROBE_FAILED while polling stands still after a failure
   */
  pollNow(
    elements: Iterable<ElementId>,
    probes?: readonly ProbeName[],
    signal?: AbortSignal,
  ): Promise<readonly PollResult[]>
  /**
   * What is read of these only now and then (their neighbours) is read at their next poll, unless it was read in the last
   * half minute: then at the first poll after that.
   */
  renew(elements: Iterable<ElementId>): void
  /** The worst first; none while polling stands still after a failure. */
  overruns(limit?: number): Promise<readonly Overrun[]>
  /** Aborts what is running, closes the probes, and delivers no more. For good. */
  stop(): Promise<void>
}
