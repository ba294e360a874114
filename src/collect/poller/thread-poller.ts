import type { ElementId } from '../../model/network-element.ts'
import type { Clock } from '../../platform/clock.ts'
import { FaultlineError } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import type { AgentMemo } from '../snmp/agent-memory.ts'
import { countRelayed } from './metrics-relay.ts'
import type { PollBatch } from './poll-messages.ts'
import { createPollUnpacker } from './poll-packing.ts'
import { type Heartbeat, type PollThread, type PollThreadSource, startPollThread } from './poll-thread.ts'
import type { DeliverPoll, Poller } from './poller.ts'

export interface ThreadPollerDeps {
  readonly deliver: DeliverPoll
  /** What is worth keeping of an agent over a restart. */
  readonly keep: (element: ElementId, memo: AgentMemo) => void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics & {
    readonly pollerRestarts: { inc(): void }
    readonly pollsDropped: { inc(count: number): void }
  }
  /** How long a thread may be silent. Default: half a minute. */
  readonly heartbeat?: Heartbeat
}

/** Of a thread that is told to stop; then it is ended by force. */
const stopLimitMs = 900
/** From the end of a thread to the start of the next: the first time, and at most. */
const pauseMs = { first: 250, most: 30_000 }
const usualHeartbeat: Heartbeat = { everyMs: 5_000, misses: 6 }
/** A thread that ran for so long had nothing wrong with its start. */
const steadyMs = 60_000

/**
 * Polls in a thread of its own, so that nothing else that this process does delays a packet or its time. A thread that
 * dies, or hangs, takes its polls with it, is counted, and is started again, later each time it dies soon.
 * @throws FaultlineError PROBE_FAILED when the first thread does not come up
 */
export async function startThreadPoller(source: PollThreadSource, deps: ThreadPollerDeps): Promise<Poller> {
  const { deliver, keep, clock, log, metrics, heartbeat = usualHeartbeat } = deps
  const stopping = new AbortController()
  let isStarted = false
  let lastId = 0

  /** Each thread has its own packer, so what it sends needs an unpacker of its own. */
  const receiver = () => {
    const unpack = createPollUnpacker()
    return ({ polls, values, dropped, metrics: counted, memos }: PollBatch) => {
      countRelayed(counted, metrics)
      if (dropped > 0) {
        metrics.pollsDropped.inc(dropped)
        log.error({ polls: dropped }, 'polls lost: the main thread did not take them in time')
      }
      for (const [element, memo] of memos) keep(element, memo)
      for (const poll of polls) {
        try {
          const { result, samples } = unpack(poll, values)
          deliver(result, samples)
        } catch (err) {
          log.error({ err, element: poll.result.element }, 'reading could not be handled')
        }
      }
    }
  }

  const begin = () => startPollThread(source, { accept: receiver(), clock, heartbeat }, stopping.signal)
  const first = await begin()
  let thread: PollThread | undefined = first
  let { probes } = first

  const beginAgain = async (): Promise<void> => {
    try {
      const next = await begin()
      thread = next
      probes = next.probes
      if (stopping.signal.aborted) return await next.terminate()
      if (isStarted) next.tell({ kind: 'start' })
      log.warn('polling thread is running again')
    } catch (err) {
      if (!stopping.signal.aborted) log.error({ err }, 'polling thread could not be started')
    }
  }

  /** Until the poller is stopped and its thread has ended. */
  const supervise = async () => {
    let pause = pauseMs.first
    while (!stopping.signal.aborted) {
      const since = clock.now()
      const err = await thread?.ended
      thread = undefined
      if (stopping.signal.aborted) return
      if (err !== undefined) log.error({ err }, 'polling thread failed; polling stands still meanwhile')
      if (clock.now() - since >= steadyMs) pause = pauseMs.first
      metrics.pollerRestarts.inc()
      await clock.sleep(pause, stopping.signal)
      pause = Math.min(2 * pause, pauseMs.most)
      if (!stopping.signal.aborted) await beginAgain()
    }
    await thread?.ended
  }
  const supervision = supervise()

  return {
    get probes() {
      return probes
    },
    start() {
      isStarted = true
      thread?.tell({ kind: 'start' })
    },

    async pollNow(elements, wanted, signal) {
      if (stopping.signal.aborted || signal?.aborted) return []
      const id = ++lastId
      const current = thread
      const abort = () => current?.tell({ kind: 'abort', id })
      signal?.addEventListener('abort', abort, { once: true })
      const names = wanted === undefined ? {} : { probes: wanted }
      const answer = await current?.ask({ kind: 'poll', id, elements: [...elements], ...names })
      signal?.removeEventListener('abort', abort)
      if (answer?.kind === 'polled') return answer.results
      if (stopping.signal.aborted) return []
      throw new FaultlineError('PROBE_FAILED', 'polling stands still after a failure; it is started again')
    },

    // A thread that is not there reads everything anew when it is.
    renew: (elements) => thread?.tell({ kind: 'renew', elements: [...elements] }),

    async overruns(limit) {
      const id = ++lastId
      const answer = await thread?.ask({ kind: 'overruns', id, ...(limit === undefined ? {} : { limit }) })
      return answer?.kind === 'overruns' ? answer.overruns : []
    },

    async stop() {
      stopping.abort()
      const current = thread
      current?.tell({ kind: 'stop' })
      const inTime = new AbortController()
      const late = clock.sleep(stopLimitMs, inTime.signal).then(() => {
        if (inTime.signal.aborted) return undefined
        log.warn('polling thread did not stop in time and was ended')
        return current?.terminate()
      })
      await supervision
      inTime.abort()
      await late
    },
  }
}
