import { Worker } from 'node:worker_threads'
import type { Clock } from '../../platform/clock.ts'
import { FaultlineError, messageOf } from '../../platform/errors.ts'
import type { PollBatch, PollReply, PollRequest } from './poll-messages.ts'
import type { ProbeInUse } from './poller.ts'

/** What a thread is made of. */
export interface PollThreadSource {
  /** The file that serves a poller (`servePoller`). */
  readonly entry: URL
  /** Asked at each start, and copied into the thread. */
  readonly settings: () => unknown
}

/** A thread is asked so often whether it is there, and is ended once it has been silent so many times in a row. */
export interface Heartbeat {
  readonly everyMs: number
  readonly misses: number
}

export interface PollThreadDeps {
  readonly accept: (batch: PollBatch) => void
  readonly clock: Clock
  readonly heartbeat: Heartbeat
}

/**
 * Three times the semi-space of V8. With less, what a poll needs until its end is promoted, which costs CPU and memory;
 * with more, the memory is larger and a million interfaces take no less CPU (measured).
 */
export const pollThreadLimits = { maxYoungGenerationSizeMb: 24 }

/** Probes take a moment to open; a thread that takes so long does not come up at all. */
const startLimitMs = 60_000

type Answer = Extract<PollReply, { id: number }>
type Question = Extract<PollRequest, { id: number }>

/** One polling thread, from its start to its end. */
export interface PollThread {
  readonly probes: readonly ProbeInUse[]
  tell(request: PollRequest): void
  /** Resolves with nothing when the thread has ended, or ends before it answers. */
  ask(question: Question): Promise<Answer | undefined>
  /** Resolves, when it has ended, with why; undefined when it was told to. */
  readonly ended: Promise<Error | undefined>
  /** Ends it at once. */
  terminate(): Promise<void>
}

/**
 * Starts a thread, and resolves when its probes are open; aborting gives up until then.
 * @throws FaultlineError PROBE_FAILED
 */
export async function startPollThread(
  { entry, settings }: PollThreadSource,
  { accept, clock, heartbeat }: PollThreadDeps,
  signal: AbortSignal,
): Promise<PollThread> {
  const worker = new Worker(entry, {
    workerData: settings(),
    name: 'polling',
    resourceLimits: pollThreadLimits,
    // Options meant for the main program, such as --eval, would stop the thread.
    execArgv: [],
  })
  const waiting = new Map<number, (answer?: Answer) => void>()
  const ready = Promise.withResolvers<readonly ProbeInUse[] | undefined>()
  const end = Promise.withResolvers<Error | undefined>()
  let failure: Error | undefined
  let isMeant = false
  let isHeard = true
  const over = new AbortController()

  const terminate = async () => {
    isMeant = true
    await worker.terminate()
  }
  const settle = (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  }
  const fail = (why: string) => {
    failure = new Error(why)
    void worker.terminate()
  }
  worker.on('message', (reply: PollReply) => {
    isHeard = true
    if (reply.kind === 'batch') {
      accept(reply.batch)
      worker.postMessage({ kind: 'taken' } satisfies PollRequest)
    } else if (reply.kind === 'alive') return
    else if (reply.kind === 'ready') ready.resolve(reply.probes)
    else if (reply.kind === 'stopped') void terminate()
    else settle(reply)
  })
  worker.on('error', (error: unknown) => {
    failure = error instanceof Error ? error : new Error(messageOf(error))
  })
  worker.on('exit', (code) => {
    over.abort()
    for (const resolve of waiting.values()) resolve()
    waiting.clear()
    end.resolve(isMeant ? undefined : (failure ?? new Error(`the thread ended with code ${code}`)))
    ready.resolve(undefined)
  })

  /**
   * A thread that dies says so; one that hangs says nothing. Silence only counts by the turns of this thread, so that it
   * does not take its own busy time for the other's.
   */
  const watch = async () => {
    let silent = 0
    while (!over.signal.aborted) {
      isHeard = false
      worker.postMessage({ kind: 'ping' } satisfies PollRequest)
      await clock.sleep(heartbeat.everyMs, over.signal)
      silent = isHeard ? 0 : silent + 1
      if (silent < heartbeat.misses || over.signal.aborted) continue
      fail(`the thread hangs: it said nothing for ${(silent * heartbeat.everyMs) / 1_000} s`)
      return
    }
  }
  const limitStart = async () => {
    const started = new AbortController()
    void ready.promise.then(() => started.abort())
    await clock.sleep(startLimitMs, started.signal)
    if (!started.signal.aborted) fail(`it did not begin within ${startLimitMs / 1_000} s`)
  }

  void limitStart()
  const giveUp = () => void terminate()
  signal.addEventListener('abort', giveUp, { once: true })
  const probes = await ready.promise
  signal.removeEventListener('abort', giveUp)
  if (probes === undefined) {
    const cause = await end.promise
    const why = cause === undefined ? 'given up' : messageOf(cause)
    throw new FaultlineError('PROBE_FAILED', `polling could not begin: ${why}`, {}, { cause })
  }
  void watch()
  return {
    probes,
    tell: (request) => worker.postMessage(request),
    ask(question) {
      const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
      if (over.signal.aborted) resolve(undefined)
      else waiting.set(question.id, resolve)
      worker.postMessage(question)
      return promise
    },
    ended: end.promise,
    terminate,
  }
}
