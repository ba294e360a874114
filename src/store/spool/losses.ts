import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Metrics } from '../../platform/metrics.ts'

/** Why samples that were on disk did not come to a store. */
export type Loss = 'full' | 'disk-full' | 'damaged' | 'removed'

interface LossesDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'spoolDropped' | 'spoolDamaged'>
}

/** What happens in an instant is shown for so long: as internal alarms are. */
const shownMs = 600_000

/** What the spool lost since the start: counted, logged, and the last fault of its files shown for ten minutes. */
export class Losses {
  readonly #deps: LossesDeps
  #dropped = 0
  #damaged = 0
  #last: { readonly at: number; readonly text: string } | undefined

  constructor(deps: LossesDeps) {
    this.#deps = deps
  }

  get status() {
    const { at = Number.NEGATIVE_INFINITY, text } = this.#last ?? {}
    const shown = text !== undefined && Math.abs(this.#deps.clock.now() - at) < shownMs
    return { dropped: this.#dropped, damaged: this.#damaged, ...(shown ? { fault: text } : {}) }
  }

  /** Samples that no store will get. */
  drop(rows: number, reason: Loss): void {
    if (rows === 0) return
    this.#dropped += rows
    this.#deps.metrics.spoolDropped.inc({ reason }, rows)
  }

  /** A place in a segment is no frame. How many samples it held is known once the rest of the segment was delivered. */
  damage(segment: number, bytes: number): void {
    this.#damaged++
    this.#deps.metrics.spoolDamaged.inc({ kind: 'frame' })
    this.#deps.log.error({ segment, bytes }, 'spool segment is damaged, passing over it')
    this.#show('a segment is damaged')
  }

  /** What a killed process leaves: the last second at most, so no fault of the disk. */
  tornTails(count: number): void {
    if (count === 0) return
    this.#damaged += count
    this.#deps.metrics.spoolDamaged.inc({ kind: 'torn-tail' }, count)
    this.#deps.log.warn({ segments: count }, 'spool was cut where its last frame was half written')
  }

  /** Segments that someone else took away. */
  removed(segments: number, samples: number): void {
    this.drop(samples, 'removed')
    this.#deps.log.error(
      { segments, samples },
      'spool segments were removed, moved or replaced; what was not delivered of them is lost',
    )
    this.#show(`segments were removed, moved or replaced, ${samples} samples lost`)
  }

  #show(text: string): void {
    this.#last = { at: this.#deps.clock.now(), text }
  }
}
