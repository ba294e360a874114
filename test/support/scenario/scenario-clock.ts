import type { Clock } from '../../../src/platform/clock.ts'
import { ManualClock } from '../manual-clock.ts'

/** Everything here waits for promises alone, with few exceptions: for these the loop turns now and then. */
const afterPromises = () => new Promise<void>((resolve) => process.nextTick(resolve))
const turnEveryMs = 1_000

/**
 * The time of a scenario, and what the daemon's host makes of it. Timers follow the time that the host is awake; its clock
 * may be set, and is right again after a sleep.
 */
export class ScenarioClock implements Clock {
  readonly #awake: ManualClock
  #sleptMs = 0
  #wrongMs = 0

  constructor(start: number) {
    this.#awake = new ManualClock(start, afterPromises)
  }

  /** As the host's clock has it. */
  now(): number {
    return this.worldNow() + this.#wrongMs
  }

  worldNow(): number {
    return this.elapsedMs() + this.#sleptMs
  }

  /** What no setting of a clock moves, and stands still while the host sleeps. */
  elapsedMs(): number {
    return this.#awake.now()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#awake.sleep(ms, signal)
  }

  async advance(ms: number): Promise<void> {
    const until = this.#awake.now() + ms
    while (this.#awake.now() < until) {
      await this.#awake.advance(Math.min(turnEveryMs, until - this.#awake.now()))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Someone sets the clock, forward or back. */
  set(byMs: number): void {
    this.#wrongMs += byMs
  }

  /** The host stands still, as a virtual machine does that is moved; all else goes on. */
  suspend(ms: number): void {
    this.#sleptMs += ms
  }
}
