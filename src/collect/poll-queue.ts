import type { Clock } from '../platform/clock.ts'
import { TimeLimit } from './time-limit.ts'

/** `urgent` is asked for by someone now; `slow` is for those that did not answer last time. */
export type PollClass = 'urgent' | 'usual' | 'slow'

/** A poll that has no end after this does not count as busy any more: it only waits. */
const busyMs = 1_000

interface Waiting<Key> {
  readonly key: Key
  readonly start: () => Promise<void>
}

/** A poll under way, and whose place it holds. */
interface Flight {
  place: 'busy' | 'patient'
}

/**
 * Bounds how many polls are in flight, first come, first served within a class. Polls that get answers are short and
 * share `limit` places. Polls of silent elements last for whole time-outs but cost next to nothing, so they have four
 * times as many places of their own: those that did not answer last time begin there, others move there after a second.
 * So an element that dies does not hold up the living, nor does a subtree. Urgent polls go first, and have a few places
 * on top.
 */
export class PollQueue<Key> {
  readonly #limit: number
  readonly #urgentLimit: number
  readonly #patientLimit: number
  readonly #busyLimit: TimeLimit<Flight>
  readonly #waiting: Record<PollClass, Waiting<Key>[]> = { urgent: [], usual: [], slow: [] }
  /** Busy for longer than they should be, oldest first. */
  readonly #overdue = new Set<Flight>()
  #busy = 0
  #patient = 0

  constructor(limit: number, clock: Clock) {
    this.#limit = limit
    this.#urgentLimit = limit + Math.ceil(limit / 5)
    this.#patientLimit = 4 * limit
    this.#busyLimit = new TimeLimit(busyMs, clock, (flight) => {
      this.#overdue.add(flight)
      this.#fill()
    })
  }

  /** `start` never rejects. */
  add(key: Key, pollClass: PollClass, start: () => Promise<void>): void {
    this.#waiting[pollClass].push({ key, start })
    this.#fill()
  }

  /** Makes one that still waits urgent. */
  promote(key: Key): void {
    for (const pollClass of ['usual', 'slow'] as const) {
      const list = this.#waiting[pollClass]
      const index = list.findIndex((waiting) => waiting.key === key)
      if (index >= 0) this.#waiting.urgent.push(...list.splice(index, 1))
    }
    this.#fill()
  }

  /** For good: forgets those that wait, and returns their keys. */
  close(): readonly Key[] {
    this.#busyLimit.close()
    return Object.values(this.#waiting).flatMap((list) => list.splice(0).map(({ key }) => key))
  }

  #fill(): void {
    const { urgent, usual, slow } = this.#waiting
    // Those first that hold up others.
    while (this.#patient < this.#patientLimit && this.#overdue.size > 0) this.#moveOn()
    while (this.#busy < this.#urgentLimit && urgent.length > 0) void this.#run(urgent.shift(), 'busy')
    while (this.#busy < this.#limit && usual.length > 0) void this.#run(usual.shift(), 'busy')
    while (this.#patient < this.#patientLimit && slow.length > 0) void this.#run(slow.shift(), 'patient')
  }

  #moveOn(): void {
    for (const flight of this.#overdue) {
      this.#overdue.delete(flight)
      flight.place = 'patient'
      this.#busy--
      this.#patient++
      return
    }
  }

  async #run(poll: Waiting<Key> | undefined, place: Flight['place']): Promise<void> {
    if (poll === undefined) return
    const flight: Flight = { place }
    if (place === 'patient') {
      this.#patient++
      await poll.start()
    } else {
      this.#busy++
      const limited = this.#busyLimit.begin(flight)
      await poll.start()
      this.#busyLimit.done(limited)
      this.#overdue.delete(flight)
    }
    if (flight.place === 'patient') this.#patient--
    else this.#busy--
    this.#fill()
  }
}
