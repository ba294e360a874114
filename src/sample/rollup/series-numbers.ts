export type Tags = Readonly<Record<string, string>>

/** What a series of one measurement is known by beside its element. */
const nameIn = (tags: Tags): string => tags.interface ?? tags.vantage ?? ''

/** Numbers the series of one measurement from 0, so that what is known of each can lie in arrays. */
export class SeriesNumbers {
  /** By element and name: no text is made for a key, of which 50,000 are 5 MB. */
  readonly #numbers = new Map<string, Map<string, number>>()
  readonly #tags: (Tags | undefined)[] = []
  readonly #free: number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** All numbers are below. */
  get end(): number {
    return this.#tags.length
  }

  of(tags: Tags): number {
    const element = tags.element ?? ''
    let names = this.#numbers.get(element)
    if (names === undefined) {
      names = new Map()
      this.#numbers.set(element, names)
    }
    let number = names.get(nameIn(tags))
    if (number !== undefined) return number
    number = this.#free.pop() ?? this.#tags.length
    names.set(nameIn(tags), number)
    this.#tags[number] = tags
    this.#size++
    return number
  }

  /** Undefined: no series has that number. */
  tags(number: number): Tags | undefined {
    return this.#tags[number]
  }

  forget(number: number): void {
    const tags = this.#tags[number]
    if (tags === undefined) return
    const element = tags.element ?? ''
    const names = this.#numbers.get(element)
    names?.delete(nameIn(tags))
    if (names?.size === 0) this.#numbers.delete(element)
    this.#tags[number] = undefined
    this.#free.push(number)
    this.#size--
  }
}
