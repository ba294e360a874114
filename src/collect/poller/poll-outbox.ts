import type { ElementId } from '../../model/network-element.ts'
import { interfaceFields, type PollSamples } from '../../model/poll-samples.ts'
import type { PollResult } from '../../model/reading.ts'
import type { Clock } from '../../platform/clock.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import type { AgentMemo } from '../snmp/agent-memory.ts'
import { createMetricsRelay } from './metrics-relay.ts'
import type { PollBatch } from './poll-messages.ts'
import { createPollPacker, type GatheredPoll } from './poll-packing.ts'

export interface PollOutbox {
  deliver(result: PollResult, samples: PollSamples): void
  keep(element: ElementId, memo: AgentMemo): void
  readonly metrics: CollectMetrics
  /** A batch was taken by its receiver. */
  taken(): void
  /** Sends all that is there, now, whether what was sent before is taken or not. */
  flush(): void
}

/** So long the first of a batch waits for others: far less than anybody notices, and much more than a message costs. */
const gatherMs = 20
/** More than this does not wait. */
const mostPolls = 200
const mostValues = 200_000
/** Batches on their way: the receiver is never short of work, and what waits for it waits here, where it is bounded. */
const mostUntaken = 8
/** For a receiver that is busy: the polls of 40 seconds of a million interfaces, of hours of a small network. */
const mostWaitingBytes = 64 * 2 ** 20
/** Of a poll without the values of its interfaces, about. */
const pollBytes = 1_000

/** Polls that wait, before it is known which of their lists the receiver has. */
interface Gathered {
  readonly polls: readonly GatheredPoll[]
  readonly values: Float64Array<ArrayBuffer>
}

const bytesOf = ({ polls, values }: Gathered): number => polls.length * pollBytes + values.byteLength

/**
 * Gathers polls, counts and memos into batches. A receiver that takes none for long loses polls, the oldest first, and
 * is told with the next batch how many; counts and memos wait for as long as it takes.
 */
export function createPollOutbox(clock: Clock, send: (batch: PollBatch) => void): PollOutbox {
  const pack = createPollPacker()
  /** What is gathered now; the array of values is larger than what is used of it. */
  let polls: GatheredPoll[] = []
  let values = new Float64Array(4_096)
  let used = 0
  /** Full ones, the oldest first. */
  const waiting: Gathered[] = []
  let waitingBytes = 0
  let dropped = 0
  let untaken = 0
  let memos = new Map<ElementId, AgentMemo>()
  /** There is something that waits for others; it has waited long enough. */
  let gathering: object | undefined
  let isDue = false

  const gather = () => {
    if (gathering !== undefined) return
    const mine = {}
    gathering = mine
    void clock.sleep(gatherMs).then(() => {
      if (gathering !== mine) return
      isDue = true
      pump()
    })
  }
  const relay = createMetricsRelay(gather)

  /** Ends what is gathered now. */
  const close = (): Gathered => {
    const gathered = { polls, values: values.slice(0, used) }
    polls = []
    used = 0
    gathering = undefined
    isDue = false
    return gathered
  }

  const sendBatch = (gathered: Gathered) => {
    untaken++
    const batch = {
      polls: gathered.polls.map(pack),
      values: gathered.values,
      dropped,
      metrics: relay.take(),
      memos: [...memos],
    }
    dropped = 0
    memos = new Map()
    send(batch)
  }

  const sendWaiting = () => {
    const next = waiting.shift()
    if (next === undefined) return false
    waitingBytes -= bytesOf(next)
    sendBatch(next)
    return true
  }

  function pump(): void {
    while (untaken < mostUntaken && sendWaiting());
    if (untaken < mostUntaken && isDue) sendBatch(close())
  }

  /** Copies the values of a poll, whose place is used again, to those of its batch. */
  const gathered = (result: PollResult, { samples, interfaces }: PollSamples): GatheredPoll => {
    if (interfaces === undefined) return { result, samples }
    const length = interfaces.ports.length * interfaceFields.length
    const from = used
    used += length
    if (used > values.length) {
      const larger = new Float64Array(2 * used)
      larger.set(values)
      values = larger
    }
    values.set(interfaces.values.subarray(interfaces.from, interfaces.from + length), from)
    return { result, samples, interfaces: { after: interfaces.after, from } }
  }

  const putInLine = (batch: Gathered) => {
    waiting.push(batch)
    waitingBytes += bytesOf(batch)
    while (waitingBytes > mostWaitingBytes) {
      const oldest = waiting.shift()
      if (oldest === undefined) break
      waitingBytes -= bytesOf(oldest)
      dropped += oldest.polls.length
    }
  }

  return {
    deliver(result, samples) {
      polls.push(gathered(result, samples))
      gather()
      if (polls.length < mostPolls && used < mostValues) return
      putInLine(close())
      pump()
    },
    keep(element, memo) {
      memos.set(element, memo)
      gather()
    },
    metrics: relay.metrics,
    taken() {
      untaken = Math.max(0, untaken - 1)
      pump()
    },
    flush() {
      while (sendWaiting());
      if (gathering !== undefined) sendBatch(close())
    },
  }
}
