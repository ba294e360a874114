import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { CollectMetrics } from '../collect-metrics.ts'
import { describePackets, type EchoEngine, type EchoResult, type EchoSettings } from './echo-engine.ts'
import { type RunEnd, supervise } from './run-program.ts'
import { type SenderProcess, type SocketKinds, startSender } from './sender-process.ts'
import { readFates, refusals, type SenderFacts } from './sender-records.ts'

export interface SocketDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: CollectMetrics
  /** The Perl to run the sender. Default: `perl`, from the path. */
  readonly perl?: string
  /** Default: ping sockets, else raw ones. */
  readonly kinds?: SocketKinds
}

type Deliver = (address: string, result: EchoResult) => void

/** A burst to many addresses. */
interface Job {
  readonly addresses: readonly string[]
  /** Places of those that are awaited. */
  readonly missing: Set<number>
  readonly deliver: Deliver
  readonly done: () => void
}

/** What the sender sends at most (its MOST_RATE); with more addresses a burst takes longer. */
const mostPacketsPerMs = 20

const lastId = 0xffff_ffff

const describe = ({ sockets }: SenderFacts, settings: EchoSettings): string => {
  const kinds = sockets.map(
    ({ family, kind, bufferBytes }) =>
      `IPv${family} by ${kind} sockets with room for ${Math.round(bufferBytes / 1_024)} KiB of answers`,
  )
  return `own sender, ${kinds.join(', ')}${describePackets(settings)}`
}

/**
 * ICMP echo by a sender of our own: a small process that lives as long as we do (`echo-sender.pl`). It costs a third of
 * fping, since it wakes a few hundred times a second whatever it sends and its sockets hear no answers but their own.
 * When it ends by itself, what it had not told is asked once more of a new one. Resolves with why not, when it may not
 * run here.
 */
export async function openSocketEngine(
  settings: EchoSettings,
  { clock, log, metrics, perl = 'perl', kinds = ['ping', 'raw'] }: SocketDeps,
): Promise<EchoEngine | string> {
  const { count, timeoutMs, spacingMs } = settings
  const jobs = new Map<number, Job>()
  let id = 0
  let closed = false
  let sender: Promise<SenderProcess | string> | undefined

  function onRecord(ofJob: number, place: number, bytes: Buffer, at: number): void {
    const reason = ofJob === 0 ? refusals[place] : undefined
    if (reason !== undefined) metrics.packetsRefused.inc({ protocol: 'icmp', reason }, bytes.readUInt32LE(at))
    const job = jobs.get(ofJob)
    const address = job?.addresses[place]
    if (job === undefined || address === undefined || !job.missing.delete(place)) return
    job.deliver(address, readFates(bytes, at, count))
    if (job.missing.size === 0) job.done()
  }

  /** The sender that runs; a new one when there is none. */
  async function living(): Promise<SenderProcess | string> {
    sender ??= startSender({ settings, kinds, perl, clock, onRecord })
    const mine = sender
    const started = await mine
    if (typeof started === 'string') {
      if (sender === mine) sender = undefined
    } else if (closed) started.kill()
    else
      void started.ended.then(() => {
        if (sender === mine) sender = undefined
      })
    return started
  }

  async function attempt(addresses: readonly string[], deliver: Deliver, signal: AbortSignal) {
    const missing = new Set(addresses.keys())
    const unheard = () => [...missing].flatMap((place) => addresses[place] ?? [])
    const running = await living()
    if (typeof running === 'string') {
      metrics.engineFailures.inc({ probe: 'icmp', reason: 'notStarted' })
      log.warn({ reason: running, targets: addresses.length }, 'icmp sender failed')
      return { unheard: unheard(), kind: 'notStarted' as const, problem: running }
    }
    if (signal.aborted) return { unheard: [], kind: 'aborted' as const, problem: '' }
    id = (id % lastId) + 1
    const mine = id
    const { promise: ended, resolve: end } = Promise.withResolvers<RunEnd>()
    jobs.set(mine, { addresses, missing, deliver, done: () => end({ kind: 'exited', code: 0 }) })
    void running.ended.then(() => end({ kind: 'died' }))
    running.write(`${mine} ${addresses.join(' ')}`)

    const stop = () => {
      if (!signal.aborted) return running.kill()
      running.write(String(mine))
      end({ kind: 'aborted' })
    }
    const roundMs = Math.max(spacingMs, (addresses.length * count) / mostPacketsPerMs)
    // What it should take, twice over for a busy machine, and two seconds.
    const limitMs = 2 * (count * roundMs + timeoutMs) + 2_000
    const { kind } = await supervise(ended, stop, { signal, limitMs, clock })
    jobs.delete(mine)
    if (kind === 'died' || kind === 'killed') {
      metrics.engineFailures.inc({ probe: 'icmp', reason: kind })
      log.warn({ reason: kind, sender: running.pid, targets: missing.size, limitMs }, 'icmp sender failed')
    }
    const problem =
      kind === 'killed' ? 'the sender did not finish in time and was killed' : 'the sender ended'
    return { unheard: unheard(), kind, problem }
  }

  const first = await living()
  if (typeof first === 'string') return first

  return {
    description: describe(first.facts, settings),
    async burst(addresses, deliver, signal) {
      if (addresses.length === 0) return
      let last = await attempt(addresses, deliver, signal)
      // Once more: twice would run into the next poll.
      if (last.kind === 'died' && last.unheard.length > 0) last = await attempt(last.unheard, deliver, signal)
      if (signal.aborted) return
      for (const address of last.unheard) deliver(address, { kind: 'notSent', problem: last.problem })
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
