import { Worker } from 'node:worker_threads'
import { FaultlineError } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type {
  WorkerAnswer,
  WorkerReply,
  WorkerRequest,
  WorkerSettings,
  WorkerTask,
} from './worker-messages.ts'

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void
  readonly reject: (error: FaultlineError) => void
}

/** More tasks than this at once means that the disk does not keep up; the caller waits and tries again. */
const mostWaiting = 32
const taskLimitMs = 30_000

/**
 * The thread of the embedded store as a function call. It starts at the first task; when it dies, what waited fails with
 * STORE_UNAVAILABLE and the next task starts another.
 */
export class WorkerClient {
  readonly #settings: WorkerSettings
  readonly #log: Logger
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #lastId = 0

  constructor(settings: WorkerSettings, log: Logger) {
    this.#settings = settings
    this.#log = log
  }

  /** `transfer` is handed over, not copied: the caller has it no longer. */
  async ask(
    task: WorkerTask,
    signal: AbortSignal,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<WorkerAnswer> {
    if (this.#waiting.size >= mostWaiting) throw unavailable('too much is waiting for the disk')
    this.#worker ??= this.#start()
    const request: WorkerRequest = { id: ++this.#lastId, ...task }
    const { promise, resolve, reject } = Promise.withResolvers<WorkerAnswer>()
    const limit = AbortSignal.any([signal, AbortSignal.timeout(taskLimitMs)])
    const giveUp = () => reject(unavailable(signal.aborted ? 'given up' : `no answer in ${taskLimitMs} ms`))
    if (limit.aborted) giveUp()
    limit.addEventListener('abort', giveUp, { once: true })
    this.#waiting.set(request.id, { resolve, reject })
    this.#worker.postMessage(request, transfer)
    try {
      return await promise
    } finally {
      limit.removeEventListener('abort', giveUp)
    }
  }

  /** Waits for what was asked, closes the file and ends the thread, by force when the signal aborts. */
  async close(signal: AbortSignal): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    await this.ask({ kind: 'close' }, signal).catch((err: unknown) =>
      this.#log.warn({ err }, 'sample file was not closed in time'),
    )
    this.#worker = undefined
    await worker.terminate()
  }

  #start(): Worker {
    // The same file from source and compiled.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./embedded-worker.${extension}`, import.meta.url), {
      workerData: this.#settings,
      name: 'sample-store',
      // Options meant for the main program, such as --eval, would stop the thread.
      execArgv: [],
    })
    worker.on('message', (reply: WorkerReply) => this.#accept(reply))
    worker.on('error', (err) => this.#log.error({ err }, 'sample store thread failed'))
    worker.on('exit', () => this.#lose(worker))
    return worker
  }

  #accept(reply: WorkerReply): void {
    if ('setAside' in reply) {
      const { setAside, reason } = reply
      this.#log.error({ file: setAside, reason }, 'sample file is damaged, put aside and begun anew')
      return
    }
    if ('untidy' in reply) {
      this.#log.warn({ reason: reply.untidy }, 'a day of samples could not be written anew')
      return
    }
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (reply.ok) waiting?.resolve(reply.answer)
    else waiting?.reject(new FaultlineError(reply.code, reply.message, reply.details))
  }

  #lose(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined
    const lost = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of lost) reject(unavailable('its thread ended'))
  }
}

export const unavailable = (why: string) => new FaultlineError('STORE_UNAVAILABLE', `embedded store: ${why}`)
