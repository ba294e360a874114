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

/** What is known under one more tag value: a tree by value needs no joined key, so no value can imitate another. */
interface Branch<T> {
  /** Absent where it ends: an empty map for each of 50,000 series is 8 MB. */
  branches?: Map<string, Branch<T>>
  made?: T | RefusedSeries
}

/**
 * Remembers what a store made of each series (an encoded prefix, a row id), so that tags are checked and cleaned once a
 * series and not once a sample. A series that no store could take gives its reason instead, each time.
 */
export class SeriesCache<T> {
  readonly #roots = new Map<string, { readonly names: readonly string[]; branch: Branch<T> }>()
  readonly #make: (identity: SeriesIdentity) => T
  readonly #forgotten: () => void
  readonly #most: number
  #size = 0

  /** `forgotten` is told when nothing that was made is known any more. */
  constructor(make: (identity: SeriesIdentity) => T, forgotten: () => void, most = mostSeries) {
    this.#make = make
    this.#forgotten = forgotten
    this.#most = most
    this.forget()
  }

  of(sample: Sample): T | RefusedSeries {
    const root = this.#roots.get(sample.measurement)
    if (root === undefined) return new RefusedSeries('unknown-measurement')
    let branch = root.branch
    for (const name of root.names) {
      const value = sample.tags[name]
      if (typeof value !== 'string') return new RefusedSeries('missing-tag')
      if (value.length > mostTagLength) return new RefusedSeries('long-tag')
      branch.branches ??= new Map()
      let next = branch.branches.get(value)
      if (next === undefined) {
        next = {}
        branch.branches.set(value, next)
      }
      branch = next
    }
    let count = 0
    for (const _ in sample.tags) count++
    if (count !== root.names.length) return new RefusedSeries('unknown-tag')
    return branch.made ?? this.#add(sample, root.names, branch)
  }

  /** As at the beginning. */
  forget(): void {
    this.#size = 0
    this.#forgotten()
    for (const [name, { tags }] of Object.entries(measurements))
      this.#roots.set(name, { names: [...tags].toSorted(), branch: {} })
  }

  #add({ measurement, tags: given }: Sample, names: readonly string[], branch: Branch<T>): T | RefusedSeries {
    const tags = names.map((name) => [name, tagText(given[name] ?? '')] as const)
    const made = tags.some(([, value]) => value === '')
      ? new RefusedSeries('empty-tag')
      : this.#make({ measurement, tags })
    if (++this.#size > this.#most) this.forget()
    else branch.made = made
    return made
  }
}

export class RefusedSeries {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason) {
    this.reason = reason
  }
}
