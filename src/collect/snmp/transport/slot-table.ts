/** 15 bits of generation above 16 bits of slot; the lowest generations are left out so that every id has four bytes. */
const slotBits = 16
const firstGeneration = 0x0100
const lastGeneration = 0x7fff

/** More cannot be under way at once. */
export const mostSlots = 1 << slotBits
/** Slots rest in turn: with so many it takes millions of requests until an id comes again. */
const fewestSlots = 4_096

/**
 * Gives out request ids and finds again what they stand for. A slot is used again under another generation, so an
 * answer that comes late, or twice, is nobody's.
 */
export class SlotTable<Item> {
  readonly #items: (Item | undefined)[] = []
  readonly #generations: number[] = []
  /** Given back, the longest ago first. */
  readonly #free: number[] = []
  #firstFree = 0
  #used = 0

  /** Slots in use. */
  get size(): number {
    return this.#used
  }

  /** A new id, 0x01000000 to 0x7fffffff; undefined when all slots are in use. */
  add(item: Item): number | undefined {
    const slot = this.#nextSlot()
    if (slot === undefined) return undefined
    const last = this.#generations[slot]
    const generation = last === undefined || last === lastGeneration ? firstGeneration : last + 1
    this.#items[slot] = item
    this.#generations[slot] = generation
    this.#used++
    return generation * mostSlots + slot
  }

  get(id: number): Item | undefined {
    const slot = id & (mostSlots - 1)
    return this.#generations[slot] === id >>> slotBits ? this.#items[slot] : undefined
  }

  delete(id: number): void {
    const slot = id & (mostSlots - 1)
    if (this.get(id) === undefined) return
    this.#items[slot] = undefined
    this.#free.push(slot)
    this.#used--
  }

  #nextSlot(): number | undefined {
    const { length } = this.#items
    if (length < fewestSlots) return length
    const rested = this.#free[this.#firstFree]
    if (rested === undefined) return length < mostSlots ? length : undefined
    if (++this.#firstFree === fewestSlots) {
      this.#free.splice(0, this.#firstFree)
      this.#firstFree = 0
    }
    return rested
  }

  *values(): Iterable<Item> {
    for (const item of this.#items) if (item !== undefined) yield item
  }
}
