import type { TagSet } from './tag-set.ts'

/** Room for the length of a text, in front of it. */
const lengthBytes = 4

/** How sets of tags stand in lines, one after the other in one array: an object for each of 50,000 is 5 MB. */
export class TagSetTexts {
  #bytes = Buffer.allocUnsafeSlow(4_096)
  #end = 0

  /** What they lie in, until one is added. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Where it begins; `endOf` tells where it ends. */
  add(tags: TagSet): number {
    const text = tagSetText(tags)
    const length = Buffer.byteLength(text)
    const start = this.#end + lengthBytes
    if (start + length > this.#bytes.length) {
      const wider = Buffer.allocUnsafeSlow(Math.max(start + length, Math.ceil(this.#bytes.length * 1.5)))
      this.#bytes.copy(wider, 0, 0, this.#end)
      this.#bytes = wider
    }
    this.#bytes.writeUInt32LE(length, this.#end)
    this.#end = start + this.#bytes.write(text, start)
    return start
  }

  endOf(start: number): number {
    return start + this.#bytes.readUInt32LE(start - lengthBytes)
  }

  clear(): void {
    this.#end = 0
  }
}

/** As it follows the name of the measurement: `,element=agg1,interface=ge-0/0/1`. */
export const tagSetText = (tags: TagSet): string =>
  tags.map(([name, value]) => `,${escaped(name)}=${escaped(value)}`).join('')

/** Backslashes are literal in names and tags unless one of these follows; `tagText` has removed a trailing one. */
export const escaped = (text: string): string => text.replace(/[,= ]/g, '\\$&')
