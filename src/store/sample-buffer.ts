import type { Sample } from '../model/sample.ts'

/** First in, first out, numbered from the start, so that "up to here" holds although the oldest were dropped meanwhile. */
export class SampleBuffer {
  #samples: Sample[] = []
  /** Index of the oldest in `#samples`, and its number. */
  #head = 0
  #first = 0

  get length(): number {
    return this.#samples.length - this.#head
  }

  append(samples: readonly Sample[]): void {
    for (const sample of samples) this.#samples.push(sample)
  }

  /** The oldest, which stay in; `end` is the number after the last of them. */
  oldest(count: number): { readonly samples: readonly Sample[]; readonly end: number } {
    const samples = this.#samples.slice(this.#head, this.#head + count)
    return { samples, end: this.#first + samples.length }
  }

  /** Removes what comes before that number; how many that were. */
  removeUntil(end: number): number {
    const count = Math.max(0, Math.min(end - this.#first, this.length))
    this.#head += count
    this.#first += count
    // Moving the rest only when half is spent makes a removal cheap, however long the queue is.
    if (this.#head > this.#samples.length / 2) {
      this.#samples = this.#samples.slice(this.#head)
      this.#head = 0
    }
    return count
  }

  removeOldest(count: number): number {
    return this.removeUntil(this.#first + count)
  }
}
