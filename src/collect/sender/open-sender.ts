import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import { type RunEnd, supervise } from '../icmp/run-program.ts'
import { type SenderProcess, type SenderSettings, startSender } from './sender-process.ts'
import { refusals, type SenderFacts } from './sender-records.ts'

export interface SenderDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
  /** The Perl to run it. Default: `perl`, from the path. */
  readonly perl?: string
}

/** Takes the results of a job. Places are those of the targets in it; each is told once. */
export interface Receiver {
  /** `bytes` holds what is told of each packet, from `at` on; valid during the call only. `sender` is a process. */
  told(place: number, bytes: Buffer, at: number, sender: number): void
  /** This host did not send, or nobody knows. */
  failed(place: number, problem: string): void
}

/** The sender of ours, as long as it is wanted: a process that is replaced when it ends. */
export interface Sender {
  readonly facts: SenderFacts
  /**
   * Sends `count` packets to each target. Resolves when all are told, or earlier on abort; never rejects. What a sender
   * that ended by itself had not told is asked once more of a new one.
   */
  burst(targets: readonly string[], count: number, receiver: Receiver, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

interface Job {
  /** Places of those that are awaited, by their place in the line that the sender got. */
  readonly places: readonly number[]
  readonly missing: Set<number>
  readonly receiver: Receiver
  readonly done: () => void
}

/** What the sender sends at most (its MOST_RATE); with more targets a burst takes longer. */
const mostPacketsPerMs = 20

const lastId = 0xffff_ffff

/** Starts it. Resolves with why not, when it may not run here. `packetBytes` are told of each packet. */
export async function openSender(
  settings: SenderSettings,
  packetBytes: number,
  { clock, log, metrics, perl = 'perl' }: SenderDeps,
): Promise<Sender | string> {
  const { packets, timeoutMs, spacingMs } = settings
  const probe = packets === 'echo' ? 'icmp' : 'stamp'
  const jobs = new Map<number, Job>()
  let id = 0
  let closed = false
  let sender: Promise<SenderProcess | string> | undefined
  let pid = 0

  function onRecord(ofJob: number, place: number, bytes: Buffer, at: number): void {
    const reason = ofJob === 0 ? refusals[place] : undefined
    if (reason !== undefined) metrics.packetsRefused.inc({ protocol: probe, reason }, bytes.readUInt32LE(at))
    const job = jobs.get(ofJob)
    const original = job?.places[place]
    if (job === undefined || original === undefined || !job.missing.delete(original)) return
    job.receiver.told(original, bytes, at, pid)
    if (job.missing.size === 0) job.done()
  }

  /** The sender that runs; a new one when there is none. */
  async function living(): Promise<SenderProcess | string> {
    sender ??= startSender({ settings, packetBytes, perl, clock, onRecord })
    const mine = sender
    const started = await mine
    if (typeof started === 'string') {
      if (sender === mine) sender = undefined
    } else if (closed) started.kill()
    else {
      pid = started.pid
      void started.ended.then(() => {
        if (sender === mine) sender = undefined
      })
    }
    return started
  }

  async function attempt(
    targets: readonly string[],
    places: readonly number[],
    count: number,
    receiver: Receiver,
    signal: AbortSignal,
  ) {
    const missing = new Set(places)
    const running = await living()
    if (typeof running === 'string') {
      metrics.engineFailures.inc({ probe, reason: 'notStarted' })
      log.warn({ reason: running, targets: places.length }, 'packet sender failed')
      return { missing, kind: 'notStarted' as const, problem: running }
    }
    if (signal.aborted) return { missing, kind: 'aborted' as const, problem: '' }
    id = (id % lastId) + 1
    const mine = id
    const { promise: ended, resolve: end } = Promise.withResolvers<RunEnd>()
    jobs.set(mine, { places, missing, receiver, done: () => end({ kind: 'exited', code: 0 }) })
    void running.ended.then(() => end({ kind: 'died' }))
    running.write(`${mine} ${count} ${places.map((place) => targets[place]).join(' ')}`)

    const stop = () => {
      if (!signal.aborted) return running.kill()
      running.write(String(mine))
      end({ kind: 'aborted' })
    }
    const roundMs = Math.max(spacingMs, (places.length * count) / mostPacketsPerMs)
    // What it should take, twice over for a busy machine, and two seconds.
    const limitMs = 2 * (count * roundMs + timeoutMs) + 2_000
    const { kind } = await supervise(ended, stop, { signal, limitMs, clock })
    jobs.delete(mine)
    if (kind === 'died' || kind === 'killed') {
      metrics.engineFailures.inc({ probe, reason: kind })
      log.warn({ reason: kind, sender: running.pid, targets: missing.size, limitMs }, 'packet sender failed')
    }
    const problem =
      kind === 'killed' ? 'the sender did not finish in time and was killed' : 'the sender ended'
    return { missing, kind, problem }
  }

  const first = await living()
  if (typeof first === 'string') return first

  return {
    facts: first.facts,
    async burst(targets, count, receiver, signal) {
      if (targets.length === 0) return
      let last = await attempt(targets, [...targets.keys()], count, receiver, signal)
      // Once more: twice would run into the next poll.
      if (last.kind === 'died' && last.missing.size > 0)
        last = await attempt(targets, [...last.missing], count, receiver, signal)
      if (signal.aborted) return
      for (const place of last.missing) receiver.failed(place, last.problem)
    },
    async close() {
      closed = true
      const running = await sender
      if (running === undefined || typeof running === 'string') return
      running.kill()
      await running.ended
    },
  }
}
