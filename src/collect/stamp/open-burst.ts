import type { Echo } from './stamp-burst.ts'

/** 0 not sent yet; `failed`: this host could not send it. */
const fates = { awaited: 1, answered: 2, lost: 3, failed: 4 } as const

/** Numbers that are kept of each packet, one after the other. */
const fields = {
  sequence: 0,
  sentAtMs: 1,
  fate: 2,
  rttMs: 3,
  forwardMs: 4,
  backwardMs: 5,
  reflectorSequence: 6,
}
const width = 7

/** What an answer tells about its packet. */
export interface Measured {
  readonly rttMs: number
  readonly forwardMs: number
  readonly backwardMs: number
  readonly reflectorSequence: number
}

/**
 * The packets of one burst on their way. Kept as numbers in one array: with an object for each packet and each stamp,
 * thousands of bursts at a time made the garbage collector stop everything for tens of milliseconds, and what stops us
 * is in the round trips.
 */
export class OpenBurst {
  readonly #count: number
  readonly #values: Float64Array
  readonly #done: () => void
  #sent = 0
  #open = 0
  #problem = ''

  /** `done` is called once, when all packets are sent and the fate of each is known, or when it was given up. */
  constructor(count: number, done: () => void) {
    this.#count = count
    this.#values = new Float64Array(count * width)
    this.#done = done
  }

  #get(index: number, field: number): number {
    return this.#values[index * width + field] ?? Number.NaN
  }

  #set(index: number, field: number, value: number): void {
    this.#values[index * width + field] = value
  }

  /** Returns the place of the packet in the burst. */
  add(sequence: number, sentAtMs: number): number {
    const index = this.#sent++
    this.#set(index, fields.sequence, sequence)
    this.#set(index, fields.sentAtMs, sentAtMs)
    this.#set(index, fields.fate, fates.awaited)
    this.#open++
    return index
  }

  /** The place of the awaited packet of this number; -1: none. */
  awaited(sequence: number): number {
    for (let index = this.#sent - 1; index >= 0; index--)
      if (this.#get(index, fields.sequence) === sequence && this.#get(index, fields.fate) === fates.awaited)
        return index
    return -1
  }

  sentAtMs(index: number): number {
    return this.#get(index, fields.sentAtMs)
  }

  answered(index: number, measured: Measured): void {
    this.#set(index, fields.rttMs, measured.rttMs)
    this.#set(index, fields.forwardMs, measured.forwardMs)
    this.#set(index, fields.backwardMs, measured.backwardMs)
    this.#set(index, fields.reflectorSequence, measured.reflectorSequence)
    this.#settle(index, fates.answered)
  }

  /** Whether it was still awaited. */
  failed(index: number, problem: string): boolean {
    if (this.#get(index, fields.fate) !== fates.awaited) return false
    this.#problem = problem
    this.#settle(index, fates.failed)
    return true
  }

  /** Nothing more is waited for; returns the numbers of the packets that are lost by that. */
  giveUp(): readonly number[] {
    if (this.#open === 0 && this.#sent === this.#count) return []
    const lost: number[] = []
    for (let index = 0; index < this.#sent; index++) {
      if (this.#get(index, fields.fate) !== fates.awaited) continue
      this.#set(index, fields.fate, fates.lost)
      lost.push(this.#get(index, fields.sequence))
    }
    this.#open = 0
    this.#done()
    return lost
  }

  #settle(index: number, fate: number): void {
    this.#set(index, fields.fate, fate)
    this.#open--
    if (this.#open === 0 && this.#sent === this.#count) this.#done()
  }

  /** What became of the packets that were sent, or were to be, in their order. */
  echoes(): readonly Echo[] {
    return Array.from({ length: this.#sent }, (_, index): Echo => {
      const sequence = this.#get(index, fields.sequence)
      const fate = this.#get(index, fields.fate)
      if (fate === fates.failed) return { sequence, fate: 'notSent', problem: this.#problem }
      if (fate !== fates.answered) return { sequence, fate: 'lost' }
      return {
        sequence,
        fate: 'answered',
        rttMs: this.#get(index, fields.rttMs),
        forwardMs: this.#get(index, fields.forwardMs),
        backwardMs: this.#get(index, fields.backwardMs),
        reflectorSequence: this.#get(index, fields.reflectorSequence),
      }
    })
  }
}
