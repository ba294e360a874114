import { Worker } from 'node:worker_threads'
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
  accept: (batch: PollBatch) => void,
  signal: AbortSignal,
): Promise<PollThread> {
  const worker = new Worker(entry, {
    workerData: settings(),
    name: 'polling',
    // Options meant for the main program, such as --eval, would stop the thread.
    execArgv: [],
  })
  const waiting = new Map<number, (answer?: Answer) => void>()
  const ready = Promise.withResolvers<readonly ProbeInUse[] | undefined>()
  const end = Promise.withResolvers<Error | undefined>()
  let failure: Error | undefined
  let isMeant = false
  let isOver = false

  const terminate = async () => {
    isMeant = true
    await worker.terminate()
  }
  const settle = (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  }
  worker.on('message', (reply: PollReply) => {
    if (reply.kind === 'batch') accept(reply.batch)
    else if (reply.kind === 'ready') ready.resolve(reply.probes)
    else if (reply.kind === 'stopped') void terminate()
    else settle(reply)
  })
  worker.on('error', (error: unknown) => {
    failure = error instanceof Error ? error : new Error(messageOf(error))
  })
  worker.on('exit', (code) => {
    isOver = true
    for (const resolve of waiting.values()) resolve()
    waiting.clear()
    end.resolve(isMeant ? undefined : (failure ?? new Error(`the thread ended with code ${code}`)))
    ready.resolve(undefined)
  })

  const giveUp = () => void terminate()
  signal.addEventListener('abort', giveUp, { once: true })
  const probes = await ready.promise
  signal.removeEventListener('abort', giveUp)
  if (probes === undefined) {
    const cause = await end.promise
    const why = cause === undefined ? 'given up' : messageOf(cause)
    throw new FaultlineError('PROBE_FAILED', `polling could not begin: ${why}`, {}, { cause })
  }
  return {
    probes,
    tell: (request) => worker.postMessage(request),
    ask(question) {
      const { promise, resolve } = Promise.withResolvers<Answer | undefined>()
      if (isOver) resolve(undefined)
      else waiting.set(question.id, resolve)
      worker.postMessage(question)
      return promise
    },
    ended: end.promise,
    terminate,
  }
}
