import type { ElementId } from '../../model/network-element.ts'
import type { PollResult, ProbeName } from '../../model/reading.ts'
import type { Overrun } from '../scheduler.ts'
import type { AgentMemo } from '../snmp/agent-memory.ts'
import type { MetricCounts } from './metrics-relay.ts'
import type { PackedPoll } from './poll-packing.ts'
import type { ProbeInUse } from './poller.ts'

/** What the main thread and the polling thread say to each other. Plain data, since it is copied. */
export type PollRequest =
  | { readonly kind: 'start' }
  | {
      readonly kind: 'poll'
      readonly id: number
      readonly elements: readonly ElementId[]
      readonly probes?: readonly ProbeName[]
    }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'renew'; readonly elements: readonly ElementId[] }
  | { readonly kind: 'overruns'; readonly id: number; readonly limit?: number }
  /** A batch was taken. */
  | { readonly kind: 'taken' }
  /** Are you there? */
  | { readonly kind: 'ping' }
  | { readonly kind: 'stop' }

export type PollReply =
  | { readonly kind: 'ready'; readonly probes: readonly ProbeInUse[] }
  | { readonly kind: 'batch'; readonly batch: PollBatch }
  /** Results without what agents told: that came by batch, before. */
  | { readonly kind: 'polled'; readonly id: number; readonly results: readonly PollResult[] }
  | { readonly kind: 'overruns'; readonly id: number; readonly overruns: readonly Overrun[] }
  | { readonly kind: 'alive' }
  | { readonly kind: 'stopped' }

/** All that came together in a moment. */
export interface PollBatch {
  readonly polls: readonly PackedPoll[]
  /** Values of the samples of interfaces. Handed over, not copied. */
  readonly values: Float64Array<ArrayBuffer>
  /** Polls before these that were lost, as batches were not taken for too long. */
  readonly dropped: number
  readonly metrics: MetricCounts
  readonly memos: readonly (readonly [element: ElementId, memo: AgentMemo])[]
}
