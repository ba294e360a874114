import { offsetText } from './quantity.ts'

interface Entry {
  readonly at: number
  readonly head: string
  /** Things of the same head at the same time, in alphabetical order. */
  readonly items: Set<string>
  readonly details: readonly string[]
}

/** More than this of one thing is cut short: a storm must stay readable. */
const mostItems = 12

/** What happened, in order, as the text that a golden file holds. */
export class Timeline {
  readonly #startAt: number
  readonly #entries: Entry[] = []

  constructor(startAt: number) {
    this.#startAt = startAt
  }

  /** One line, with more lines under it. */
  note(at: number, head: string, details: readonly string[] = []): void {
    this.#entries.push({ at, head, items: new Set(), details })
  }

  /** One more thing of a kind; those of one time stand in one line. */
  add(at: number, head: string, item: string): void {
    const known = this.#entries.findLast((entry) => entry.at === at && entry.head === head)
    if (known) known.items.add(item)
    else this.#entries.push({ at, head, items: new Set([item]), details: [] })
  }

  /** Times in a text as times of the scenario. */
  relative(text: string): string {
    return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (time) => this.time(Date.parse(time)))
  }

  time(at: number): string {
    return offsetText(at - this.#startAt)
  }

  /** Messages of one moment leave in no order: they stand behind the rest, sorted. */
  #inOrder(): readonly Entry[] {
    const isTold = ({ head }: Entry) => head.startsWith('told ')
    return this.#entries.toSorted(
      (one, other) =>
        one.at - other.at ||
        Number(isTold(one)) - Number(isTold(other)) ||
        (isTold(one) ? one.head.localeCompare(other.head, 'en') : 0),
    )
  }

  text(): string {
    return this.#inOrder()
      .flatMap(({ at, head, items, details }) => {
        const line = `${this.time(at).padStart(9)}  ${head}${items.size > 0 ? `: ${shortened([...items].toSorted(), ', ')}` : ''}`
        return [line, ...details.map((detail) => `${' '.repeat(20)}${this.relative(detail)}`)]
      })
      .map((line) => `${line}\n`)
      .join('')
  }
}

/** Names in one line, the many cut short. */
export const shortened = (names: readonly string[], separator = ' '): string =>
  names.length > mostItems
    ? `${names.slice(0, mostItems - 2).join(separator)}${separator}and ${names.length - mostItems + 2} more`
    : names.join(separator)
