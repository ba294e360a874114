import type { FileHandle } from 'node:fs/promises'
import type { SegmentFolder } from './segment-folder.ts'
import type { Position } from './undelivered.ts'

export interface FrameBytes {
  readonly header: Buffer
  readonly payload: Buffer
}

/** Appends frames to the newest segment and begins another when it is full, or when one failed. */
export class SegmentWriter {
  readonly #folder: SegmentFolder
  readonly #segmentBytes: number
  #number: number
  #file: FileHandle | undefined
  #length = 0

  /** `next` is the number of the first segment that is made. */
  constructor(folder: SegmentFolder, segmentBytes: number, next: number) {
    this.#folder = folder
    this.#segmentBytes = segmentBytes
    this.#number = next
  }

  /** Where the next frame will lie, unless a new segment is begun. */
  get position(): Position {
    return { segment: this.#number, offset: this.#length }
  }

  /**
   * Resolves once the frames are on the disk, with where they end; `removed` when their segment does not lie where it was
   * made any more. Then, and when it throws, they have to be written again, into another segment.
   */
  async append(frames: readonly FrameBytes[]): Promise<Position | 'removed'> {
    try {
      if (this.#length >= this.#segmentBytes) await this.seal()
      this.#file ??= await this.#folder.create(this.#number)
      const parts = frames.flatMap(({ header, payload }) => [header, payload])
      const length = await writeAll(this.#file, parts, this.#length)
      await this.#file.datasync()
      // Two looks at an inode are nothing beside a sync.
      if (!(await this.isInPlace())) return 'removed'
      this.#length += length
      return this.position
    } catch (error) {
      await this.#abandon()
      throw error
    }
  }

  /** False when the segment that is being written was removed, moved or replaced: what is put into it is lost. */
  async isInPlace(): Promise<boolean> {
    return this.#file === undefined || this.#folder.holds(this.#number, this.#file)
  }

  /** The next frame goes into a new segment. */
  async seal(): Promise<void> {
    const file = this.#file
    if (file === undefined) return
    this.#next()
    await file.close()
  }

  /** After a failed write or sync the kernel may have lost pages of this file: nothing more is put into it. */
  async #abandon(): Promise<void> {
    const file = this.#file
    const { segment, offset } = this.position
    this.#next()
    try {
      await file?.truncate(offset)
      await file?.close()
    } catch {
      // What is left behind the last whole frame is cut at the next start; the failure itself is thrown by `append`.
    }
    if (offset === 0) await this.#folder.remove(segment).catch(() => {})
  }

  #next(): void {
    this.#file = undefined
    this.#length = 0
    this.#number++
  }
}

/** Linux takes at most 1,024 parts a call. */
const mostParts = 1_024

async function writeAll(file: FileHandle, parts: readonly Buffer[], offset: number): Promise<number> {
  let written = 0
  for (let i = 0; i < parts.length; i += mostParts) {
    let rest = parts.slice(i, i + mostParts)
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest, offset + written)
      written += bytesWritten
      rest = after(rest, bytesWritten)
    }
  }
  return written
}

/** What is left of the parts behind so many bytes: a write may stop in the middle. */
function after(parts: readonly Buffer[], bytes: number): Buffer[] {
  let left = bytes
  return parts.flatMap((part) => {
    const taken = Math.min(left, part.length)
    left -= taken
    return taken === part.length ? [] : [part.subarray(taken)]
  })
}
