import type { Sample } from '../model/sample.ts'
import { measurementNames } from './measurement-fields.ts'
import { countOf, RefusedTags, type TagSet, tagNamesOf, tagSetOf } from './tag-set.ts'

/** Forgetting all is right but slow, so it must not happen in daily work: 500,000 interfaces and some. */
const mostTagSets = 1_000_000

/**
 * What is known under one more tag value: a tree by value needs no joined key, so no value can imitate another. There
 * are 50,000, so each has exactly these two, and no map where it ends.
 */
interface Branch<T> {
  branches: Map<string, Branch<T>> | undefined
  made: T | undefined
}

interface Root<T> {
  readonly names: readonly string[]
  readonly branch: Branch<T>
}

/**
 * Remembers what was made of each set of tags, so that tags are checked and cleaned once a series and not once a sample.
 * Measurements with the same tags share it: what an interface is known by is kept once, and not again for its hours.
 * Tags that no store could take give their reason instead, each time.
 */
export class TagSetCache<T> {
  readonly #roots = new Map<string, Root<T>>()
  readonly #make: (tags: TagSet) => T
  readonly #forgotten: () => void
  readonly #most: number
  #size = 0

  /** `forgotten` is told when nothing that was made is known any more. */
  constructor(make: (tags: TagSet) => T, forgotten: () => void, most = mostTagSets) {
    this.#make = make
    this.#forgotten = forgotten
    this.#most = most
    this.forget()
  }

  of(sample: Sample): T | RefusedTags {
    const root = this.#roots.get(sample.measurement)
    if (root === undefined) return new RefusedTags('unknown-measurement')
    let branch: Branch<T> | undefined = root.branch
    for (const name of root.names) branch = branch?.branches?.get(sample.tags[name] ?? '')
    const made = branch?.made
    return made !== undefined && countOf(sample.tags) === root.names.length ? made : this.#learn(sample, root)
  }

  /** As at the beginning. */
  forget(): void {
    this.#size = 0
    this.#forgotten()
    const shared = new Map<string, Root<T>>()
    for (const measurement of measurementNames) {
      const names = tagNamesOf(measurement) ?? []
      const root = shared.get(names.join()) ?? { names, branch: newBranch() }
      shared.set(names.join(), root)
      this.#roots.set(measurement, root)
    }
  }

  #learn(sample: Sample, root: Root<T>): T | RefusedTags {
    const tags = tagSetOf(sample)
    if (tags instanceof RefusedTags) return tags
    if (this.#size === this.#most) {
      this.forget()
      return this.of(sample)
    }
    this.#size++
    let branch = root.branch
    for (const name of root.names) {
      const value = sample.tags[name] ?? ''
      branch.branches ??= new Map()
      let next = branch.branches.get(value)
      if (next === undefined) {
        next = newBranch()
        branch.branches.set(value, next)
      }
      branch = next
    }
    const made = this.#make(tags)
    branch.made = made
    return made
  }
}

const newBranch = <T>(): Branch<T> => ({ branches: undefined, made: undefined })
