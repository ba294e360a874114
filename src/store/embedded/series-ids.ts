import type { Measurement } from '../../model/measurements.ts'
import { dailyMeasurements, measurementNames } from '../measurement-fields.ts'

/** As many sets of tags as an encoder remembers. */
const mostTagSets = 1_000_000
const noId = -1

/**
 * The row ids of series, by measurement and tags as they stand in a line. Measurements share the texts of tags: 50,000
 * interfaces have four with the same ones, and a text with its place is 100 bytes. Daily series are not remembered: there are a
 * hundred thousand, and each has a row a day.
 */
export class SeriesIds {
  /** Numbers of the texts of tags. */
  readonly #numbers = new Map<string, number>()
  /** By number, for each measurement that is remembered. */
  readonly #ids = new Map<Measurement, Int32Array>()

  constructor() {
    this.clear()
  }

  of(measurement: Measurement, tags: string): number | undefined {
    const number = this.#numbers.get(tags)
    const id = number === undefined ? noId : (this.#ids.get(measurement)?.[number] ?? noId)
    return id === noId ? undefined : id
  }

  learn(measurement: Measurement, tags: string, id: number): void {
    if (!this.#ids.has(measurement)) return
    if (this.#numbers.size >= mostTagSets) this.clear()
    let number = this.#numbers.get(tags)
    if (number === undefined) {
      number = this.#numbers.size
      // A copy: a part of a longer text would keep the whole of it in memory.
      this.#numbers.set(Buffer.from(tags, 'latin1').toString('latin1'), number)
    }
    this.#withRoomFor(measurement, number)[number] = id
  }

  clear(): void {
    this.#numbers.clear()
    for (const name of measurementNames)
      if (!dailyMeasurements.has(name)) this.#ids.set(name, new Int32Array())
  }

  #withRoomFor(measurement: Measurement, number: number): Int32Array {
    const ids = this.#ids.get(measurement) ?? new Int32Array()
    if (number < ids.length) return ids
    const larger = new Int32Array(Math.ceil(number * 1.5) + 64).fill(noId)
    larger.set(ids)
    this.#ids.set(measurement, larger)
    return larger
  }
}
