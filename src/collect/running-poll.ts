import type { Reading } from '../model/reading.ts'

/** A poll that is running, or waits for its place. */
export class RunningPoll {
  readonly urgent: boolean
  #isOver = false
  #reading: Reading | undefined
  /** Made when someone waits for it, which is seldom. */
  #awaited: PromiseWithResolvers<Reading | undefined> | undefined

  constructor(urgent: boolean) {
    this.urgent = urgent
  }

  /** Resolves with nothing when the line is stopped before its end. */
  get done(): Promise<Reading | undefined> {
    if (this.#awaited === undefined) {
      this.#awaited = Promise.withResolvers()
      if (this.#isOver) this.#awaited.resolve(this.#reading)
    }
    return this.#awaited.promise
  }

  finish(reading: Reading | undefined): void {
    this.#isOver = true
    this.#reading = reading
    this.#awaited?.resolve(reading)
  }
}
