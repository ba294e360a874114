import type { Clock } from '../../platform/clock.ts'
import { FaultlineError, messageOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'
import type { WriteResult } from '../sample-store.ts'

interface StoreWatchDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'storeWrites' | 'storeDropped'>
}

const firstBackOffMs = 500
/** A store that is back is found within this time, and live data is no later than that. */
const mostBackOffMs = 5_000

/** How the store takes what it is given: one log line an episode, and how long to leave it alone after a failure. */
export class StoreWatch {
  readonly #deps: StoreWatchDeps
  #awaySince: number | undefined
  #refusing = false
  #failures = 0
  #refused = 0
  #lastWriteAt: number | undefined
  #lastError: string | undefined
  #healthy = true

  constructor(deps: StoreWatchDeps) {
    this.#deps = deps
  }

  /** The last write was taken, or there was none yet. */
  get healthy(): boolean {
    return this.#healthy
  }

  get status() {
    return {
      refused: this.#refused,
      healthy: this.#healthy,
      ...(this.#lastWriteAt === undefined ? {} : { lastWriteAt: this.#lastWriteAt }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#awaySince === undefined ? {} : { storeAwaySince: this.#awaySince }),
    }
  }

  accept({ written, refused, reason }: WriteResult): void {
    const { clock, log, metrics } = this.#deps
    this.#healthy = written > 0 || refused === 0
    this.#failures = 0
    metrics.storeWrites.inc({ outcome: this.#healthy ? 'written' : 'refused' })
    if (this.#healthy) this.#lastWriteAt = clock.now()
    if (this.#awaySince !== undefined)
      log.info({ durationMs: clock.now() - this.#awaySince }, 'sample store is back')
    this.#awaySince = undefined
    if (refused > 0) {
      this.#refused += refused
      metrics.storeDropped.inc({ reason: 'refused' }, refused)
      this.#lastError = reason ?? 'refused'
      if (!this.#refusing) log.error({ refused, reason: this.#lastError }, 'sample store refuses samples')
    }
    this.#refusing = refused > 0
  }

  /** How long to wait before the next try, ms. */
  fail(error: unknown): number {
    const { clock, log, metrics } = this.#deps
    this.#healthy = false
    this.#lastError = messageOf(error)
    metrics.storeWrites.inc({ outcome: 'unavailable' })
    if (this.#awaySince === undefined) log.warn({ err: error }, 'sample store is away, keeping samples')
    this.#awaySince ??= clock.now()
    // Half of it by chance, so that many daemons do not come back at the same moment.
    const ms = Math.min(mostBackOffMs, firstBackOffMs * 2 ** this.#failures++) * (0.5 + Math.random() / 2)
    return Math.max(ms, toldToWait(error))
  }
}

function toldToWait(error: unknown): number {
  const ms = error instanceof FaultlineError ? error.details.retryAfterMs : undefined
  return typeof ms === 'number' ? ms : 0
}
