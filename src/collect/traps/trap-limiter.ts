import { type BucketSettings, TokenBucket } from './token-bucket.ts'

export interface TrapLimits {
  /** For each source address. */
  readonly perSource: BucketSettings
  /** For all of them together. */
  readonly total: BucketSettings
  /** For all sources that are no element together: whoever invents addresses must not crowd out the elements. */
  readonly strangers: BucketSettings
  /** Sources that are watched at a time. */
  readonly mostSources: number
}

/** Reading a trap takes some 3 µs of CPU (SNMPv2c) to 45 µs (SNMPv3 authPriv): all that are let in, 5 % of a core. */
export const trapLimits: TrapLimits = {
  perSource: { perSecond: 20, burst: 50 },
  total: { perSecond: 1_000, burst: 2_000 },
  strangers: { perSecond: 50, burst: 100 },
  mostSources: 20_000,
}

const sweepEveryMs = 1_000

/**
 * Decides by the source alone, before a packet is looked into, whether it is read. One source that storms uses up its
 * own share. When many storm, all share `total`; and even then the first trap of an element that was quiet is read.
 */
export class TrapLimiter {
  readonly #limits: TrapLimits
  readonly #total: TokenBucket
  readonly #strangers: TokenBucket
  readonly #sources = new Map<string, TokenBucket>()
  #sweptAt: number

  constructor(limits: TrapLimits, now: number) {
    this.#limits = limits
    this.#total = new TokenBucket(limits.total, now)
    this.#strangers = new TokenBucket(limits.strangers, now)
    this.#sweptAt = now
  }

  /** How many sources have a bucket now. */
  get watched(): number {
    return this.#sources.size
  }

  /** `known`: an element has that address. */
  admit(source: string, known: boolean, now: number): boolean {
    const own = this.#bucketOf(source, known, now)
    if (own === undefined)
      return this.#strangers.holds(now) && this.#total.take(now) && this.#strangers.take(now)
    if (known && own.isFull(now)) {
      this.#total.take(now)
      return own.take(now)
    }
    if (!own.holds(now) || (!known && !this.#strangers.holds(now))) return false
    if (!this.#total.take(now)) return false
    if (!known) this.#strangers.take(now)
    return own.take(now)
  }

  /** Elements always have one, there are only so many; strangers while there is room. */
  #bucketOf(source: string, known: boolean, now: number): TokenBucket | undefined {
    const found = this.#sources.get(source)
    if (found !== undefined) return found
    if (this.#sources.size >= this.#limits.mostSources) this.#sweep(now)
    if (!known && this.#sources.size >= this.#limits.mostSources) return undefined
    const bucket = new TokenBucket(this.#limits.perSource, now)
    this.#sources.set(source, bucket)
    return bucket
  }

  /** A full bucket is as good as none. */
  #sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) < sweepEveryMs) return
    this.#sweptAt = now
    for (const [source, bucket] of this.#sources) if (bucket.isFull(now)) this.#sources.delete(source)
  }
}
