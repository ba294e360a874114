import type { ElementId } from '../../model/network-element.ts'
import type { PollResult } from '../../model/reading.ts'
import type { Sample } from '../../model/sample.ts'
import type { Clock } from '../../platform/clock.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import type { AgentMemo } from '../snmp/agent-memory.ts'
import { createMetricsRelay } from './metrics-relay.ts'
import type { PollBatch } from './poll-messages.ts'
import { createPollPacker, type PackedPoll } from './poll-packing.ts'

export interface PollOutbox {
  deliver(result: PollResult, samples: readonly Sample[]): void
  keep(element: ElementId, memo: AgentMemo): void
  readonly metrics: CollectMetrics
  /** Sends what is there, now. */
  flush(): void
}

/** So long the first of a batch waits for others: far less than anybody notices, and much more than a message costs. */
const gatherMs = 20
/** More polls than this do not wait. */
const mostPolls = 200

/** Gathers polls, counts and memos into batches. */
export function createPollOutbox(clock: Clock, send: (batch: PollBatch) => void): PollOutbox {
  const packer = createPollPacker()
  let polls: PackedPoll[] = []
  let memos = new Map<ElementId, AgentMemo>()
  let gathering: AbortController | undefined

  const gather = () => {
    if (gathering !== undefined) return
    const mine = new AbortController()
    gathering = mine
    void clock.sleep(gatherMs, mine.signal).then(() => {
      if (!mine.signal.aborted) flush()
    })
  }
  const relay = createMetricsRelay(gather)

  function flush(): void {
    if (gathering === undefined) return
    gathering.abort()
    gathering = undefined
    const batch = { polls, rates: packer.takeRates(), metrics: relay.take(), memos: [...memos] }
    polls = []
    memos = new Map()
    send(batch)
  }

  return {
    deliver(result, samples) {
      polls.push(packer.pack(result, samples))
      gather()
      if (polls.length >= mostPolls) flush()
    },
    keep(element, memo) {
      memos.set(element, memo)
      gather()
    },
    metrics: relay.metrics,
    flush,
  }
}
