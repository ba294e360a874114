/** Lets one loop wait until there is something to do; a call while nobody waits is remembered. */
export class Wake {
  #called = Promise.withResolvers<void>()

  call(): void {
    this.#called.resolve()
  }

  /** Resolves at the next call, or at once if there was one since the last wait. */
  async wait(): Promise<void> {
    await this.#called.promise
    this.#called = Promise.withResolvers()
  }
}
