/** What is to be ended by each signal: one listener a signal, however many polls it may end. */
export class SignalWatch {
  readonly #watched = new Map<AbortSignal, { readonly ends: Set<() => void>; readonly abort: () => void }>()

  add(signal: AbortSignal, end: () => void): void {
    const known = this.#watched.get(signal)
    if (known !== undefined) {
      known.ends.add(end)
      return
    }
    const ends = new Set([end])
    const abort = () => {
      for (const one of ends) one()
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#watched.set(signal, { ends, abort })
  }

  delete(signal: AbortSignal, end: () => void): void {
    const known = this.#watched.get(signal)
    if (known === undefined) return
    known.ends.delete(end)
    if (known.ends.size > 0) return
    signal.removeEventListener('abort', known.abort)
    this.#watched.delete(signal)
  }
}
