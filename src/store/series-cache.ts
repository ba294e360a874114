import { type Measurement, measurements } from '../model/measurements.ts'
import type { Sample } from '../model/sample.ts'
import type { RefusalReason } from './refusal.ts'
import { tagText } from './tag-text.ts'

/** A measurement with its tags, cleaned, in alphabetical order (the order in which InfluxDB is quickest). */
export interface SeriesIdentity {
  readonly measurement: Measurement
  readonly tags: readonly (readonly [name: string, value: string])[]
}

/** A series key over 64 KB is refused by InfluxDB; nothing real comes near this. */
const mostTagLength = 4_096
/** Forgetting all is right but slow, so it must not happen in daily work: 500,000 interfaces and some. */
const mostSeries = 1_000_000

/**
 * Remembers what a store made of each series (an encoded prefix, a row id), so that tags are checked and cleaned once a
 * series and not once a sample. A series that no store could take gives its reason instead, each time.
 */
export class SeriesCache<T> {
  readonly #made = new Map<string, T | RefusedSeries>()
  readonly #tagNames = new Map<string, readonly string[]>()
  readonly #make: (identity: SeriesIdentity) => T
  readonly #most: number

  constructor(make: (identity: SeriesIdentity) => T, most = mostSeries) {
    this.#make = make
    this.#most = most
    for (const [name, { tags }] of Object.entries(measurements))
      this.#tagNames.set(name, [...tags].toSorted())
  }

  of(sample: Sample): T | RefusedSeries {
    const names = this.#tagNames.get(sample.measurement)
    if (names === undefined) return new RefusedSeries('unknown-measurement')
    // Lengths make the key unambiguous whatever characters the values hold.
    let key: string = sample.measurement
    for (const name of names) {
      const value = sample.tags[name]
      if (typeof value !== 'string') return new RefusedSeries('missing-tag')
      if (value.length > mostTagLength) return new RefusedSeries('long-tag')
      key += `|${value.length}:${value}`
    }
    let count = 0
    for (const _ in sample.tags) count++
    if (count !== names.length) return new RefusedSeries('unknown-tag')
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const tags = names.map((name) => [name, tagText(sample.tags[name] ?? '')] as const)
    const made = tags.some(([, value]) => value === '')
      ? new RefusedSeries('empty-tag')
      : this.#make({ measurement: sample.measurement, tags })
    if (this.#made.size >= this.#most) this.#made.clear()
    this.#made.set(key, made)
    return made
  }

  forget(): void {
    this.#made.clear()
  }
}

export class RefusedSeries {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason) {
    this.reason = reason
  }
}
