import type { Sample } from '../../model/sample.ts'
import type { EncodedLines } from '../encoded-lines.ts'
import type { LineEncoder } from '../line-encoder.ts'
import { frameHeader } from './frame.ts'
import { packed } from './payload.ts'
import type { FrameBytes } from './segment-writer.ts'

/** Lines that will be one frame; packed when first needed. */
export interface Block {
  readonly rows: number
  frame(): Promise<FrameBytes>
}

/** A frame of about a thousand rows before packing: small to lose, large enough to pack well. */
const blockBytes = 2 ** 18

/**
 * Samples as lines in memory, from their arrival until they are on disk, or, while the disk cannot be written, in a
 * store. Bounded: the oldest go first.
 */
export class Intake {
  readonly #encoder: LineEncoder
  readonly #maxRows: number
  #blocks: Block[] = []
  /** Rows in the blocks, and how many of the first blocks are being written. */
  #rows = 0
  #taken = 0

  constructor(encoder: LineEncoder, maxRows: number) {
    this.#encoder = encoder
    this.#maxRows = maxRows
  }

  /** Rows held. */
  get rows(): number {
    return this.#rows + this.#encoder.rows
  }

  /** How many rows were dropped to make room. */
  add(samples: readonly Sample[]): number {
    for (const sample of samples) {
      this.#encoder.append(sample)
      if (this.#encoder.bytes >= blockBytes) this.#closeBlock()
    }
    let dropped = 0
    while (this.rows > this.#maxRows) {
      this.#closeBlock()
      const [block] = this.#blocks.splice(this.#taken, 1)
      if (block === undefined) break
      this.#rows -= block.rows
      dropped += block.rows
    }
    return dropped
  }

  /** The oldest blocks, all or as many as hold that many rows. They stay until `settle`, which must follow. */
  take(mostRows = Number.POSITIVE_INFINITY): readonly Block[] {
    this.#closeBlock()
    let rows = 0
    const taken: Block[] = []
    for (const block of this.#blocks) {
      if (rows >= mostRows) break
      taken.push(block)
      rows += block.rows
    }
    this.#taken = taken.length
    return taken
  }

  /** Whether what was taken is safe elsewhere now. */
  settle(safe: boolean): void {
    if (safe) for (const block of this.#blocks.splice(0, this.#taken)) this.#rows -= block.rows
    this.#taken = 0
  }

  #closeBlock(): void {
    if (this.#encoder.rows === 0) return
    const block = blockOf(this.#encoder.take())
    this.#blocks.push(block)
    this.#rows += block.rows
  }
}

function blockOf({ bytes, rows }: EncodedLines): Block {
  let frame: Promise<FrameBytes> | undefined
  return {
    rows,
    frame: () => {
      frame ??= packed(bytes).then((payload) => ({ header: frameHeader(payload, rows), payload }))
      return frame
    },
  }
}
