import type { LiveEvent } from '../model/live-event.ts'

export interface NumberedEvent {
  readonly sequence: number
  readonly event: LiveEvent
}

/**
 * Tells listeners what changed, and keeps the last events so that one that was away can go on where it was. A listener
 * that asks for more than is kept is told so (`since` returns undefined) and reads everything anew.
 */
export class EventHub {
  readonly #kept: NumberedEvent[] = []
  readonly #keep: number
  readonly #listeners = new Set<(event: NumberedEvent) => void>()
  #sequence: number

  /** Numbers begin at the start time, so that those of an earlier run are never taken for ours. */
  constructor(startedAt: number, keep = 1_000) {
    this.#sequence = startedAt
    this.#keep = keep
  }

  /** Number of the newest event: where one who comes now begins. */
  get latest(): number {
    return this.#sequence
  }

  publish(event: LiveEvent): void {
    const numbered = { sequence: ++this.#sequence, event }
    this.#kept.push(numbered)
    if (this.#kept.length > this.#keep) this.#kept.shift()
    for (const listener of this.#listeners) listener(numbered)
  }

  /** Returns how to stop listening. */
  listen(listener: (event: NumberedEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What came after that number; undefined when that is not known any more. */
  since(sequence: number): readonly NumberedEvent[] | undefined {
    const oldest = this.#kept[0]?.sequence ?? this.#sequence + 1
    if (sequence > this.#sequence || sequence < oldest - 1) return undefined
    return this.#kept.filter((numbered) => numbered.sequence > sequence)
  }
}
