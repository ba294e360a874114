import { type Clock, systemClock } from './clock.ts'
import { messageOf } from './errors.ts'
import type { Logger } from './logger.ts'

/** Closes what was opened, newest first, each within its own time limit, and only once. */
export class Lifecycle {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = []
  readonly #clock: Clock
  readonly #limitMs: number
  #closing: Promise<readonly Error[]> | undefined

  constructor(clock: Clock = systemClock, limitMs = 2_000) {
    this.#clock = clock
    this.#limitMs = limitMs
  }

  onClose(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close })
  }

  /** Resolves with what would not close; never rejects. `log` is told once, at the end. */
  close(log?: Logger): Promise<readonly Error[]> {
    this.#closing ??= this.#closeAndTell(log)
    return this.#closing
  }

  async #closeAndTell(log: Logger | undefined): Promise<readonly Error[]> {
    const since = performance.now()
    const failures = await this.#closeAll()
    const durationMs = Math.round(performance.now() - since)
    if (failures.length === 0) log?.info({ durationMs }, 'stopped')
    else
      log?.error({ durationMs, failures: failures.map(messageOf) }, 'stopped, and not everything would close')
    return failures
  }

  async #closeAll(): Promise<readonly Error[]> {
    const failures: Error[] = []
    for (const { name, close } of this.#closers.toReversed()) {
      const givingUp = new AbortController()
      try {
        await Promise.race([
          Promise.resolve(close()),
          this.#clock.sleep(this.#limitMs, givingUp.signal).then(() => {
            if (!givingUp.signal.aborted) throw new Error(`took longer than ${this.#limitMs} ms`)
          }),
        ])
      } catch (error) {
        failures.push(new Error(`closing ${name}: ${messageOf(error)}`, { cause: error }))
      } finally {
        givingUp.abort()
      }
    }
    return failures
  }
}
