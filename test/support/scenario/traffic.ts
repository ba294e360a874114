import type { Load } from './scenario.ts'

const dayMs = 86_400_000
const stepMs = 60_000

/** Offered traffic at that time as a share of the capacity; a wave is a cosine over the day. */
export function offeredAt({ low, high, peakMs }: Load, at: number): number {
  if (low === high) return low
  const turn = (2 * Math.PI * ((at % dayMs) - peakMs)) / dayMs
  return low + (high - low) * (0.5 + 0.5 * Math.cos(turn))
}

/** Above 80 % it waits, up to so many ms when full. */
export const queueMs = (offered: number): number => 100 * (Math.max(0, Math.min(offered, 1) - 0.8) / 0.2) ** 2

/** What does not fit is lost. */
export const overflow = (offered: number): number => (offered > 1 ? 1 - 1 / offered : 0)

/** Octets that a link direction has carried since some time, whoever asks and how often. */
export class Odometer {
  readonly #capacityBps: number
  #load: Load
  #flows = true
  #since: number
  #octets = 0

  constructor(capacityBps: number, load: Load, since: number) {
    this.#capacityBps = capacityBps
    this.#load = load
    this.#since = since
  }

  change(load: Load, at: number): void {
    this.#octets = this.#read(at)
    this.#since = at
    this.#load = load
  }

  /** Nothing is carried over a wire that is cut. */
  flow(flows: boolean, at: number): void {
    if (flows === this.#flows) return
    this.change(this.#load, at)
    this.#flows = flows
  }

  load(): Load {
    return this.#load
  }

  octetsAt(at: number): bigint {
    return BigInt(Math.floor(this.#read(at)))
  }

  /** A wave is summed up in whole minutes from the last change, and the rest: the same for any reader. */
  #read(at: number): number {
    if (!this.#flows) return this.#octets
    const { low, high } = this.#load
    const carried = (time: number, ms: number) => (Math.min(1, offeredAt(this.#load, time)) * ms) / 1_000
    let seconds = 0
    if (low === high) seconds = carried(at, at - this.#since)
    else
      for (let time = this.#since; time < at; time += stepMs) {
        const ms = Math.min(stepMs, at - time)
        seconds += carried(time + ms / 2, ms)
      }
    return this.#octets + (seconds * this.#capacityBps) / 8
  }
}
