import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  statfs,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'

const nameOf = (segment: number): string => `${String(segment).padStart(12, '0')}.spool`
const segmentName = /^(\d{12})\.spool$/

/** The files of a spool: segments, numbered in the order of writing, and the record of what was delivered. */
export class SegmentFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  fileOf(segment: number): string {
    return join(this.path, nameOf(segment))
  }

  /** Makes the folder when it is missing; the segments in it, oldest first. */
  async list(): Promise<readonly number[]> {
    await mkdir(this.path, { recursive: true, mode: 0o700 })
    return segmentsAmong(await readdir(this.path))
  }

  /** The segments that lie there now; none where the folder itself is gone. */
  async present(): Promise<readonly number[]> {
    return segmentsAmong(await unlessGone(readdir(this.path), []))
  }

  /** Whether the name of a segment leads to the file that is open. */
  async holds(segment: number, file: FileHandle): Promise<boolean> {
    const named = await unlessGone(stat(this.fileOf(segment), { bigint: true }), undefined)
    const { dev, ino } = await file.stat({ bigint: true })
    return named?.dev === dev && named.ino === ino
  }

  /** An empty segment, whose name survives a power cut. */
  async create(segment: number): Promise<FileHandle> {
    await mkdir(this.path, { recursive: true, mode: 0o700 })
    const file = await open(this.fileOf(segment), 'wx', 0o600)
    try {
      const folder = await open(this.path, 'r')
      try {
        await folder.sync()
      } finally {
        await folder.close()
      }
    } catch (error) {
      await file.close()
      throw error
    }
    return file
  }

  /** Bytes `from` to `to` exclusive, or as many of them as there are. */
  async read(segment: number, from: number, to: number): Promise<Buffer> {
    const file = await open(this.fileOf(segment), 'r')
    try {
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, to - from))
      let length = 0
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, from + length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      return bytes.subarray(0, length)
    } finally {
      await file.close()
    }
  }

  async sizeOf(segment: number): Promise<number> {
    const file = await open(this.fileOf(segment), 'r')
    try {
      return (await file.stat()).size
    } finally {
      await file.close()
    }
  }

  cut(segment: number, length: number): Promise<void> {
    return truncate(this.fileOf(segment), length)
  }

  remove(segment: number): Promise<void> {
    return rm(this.fileOf(segment), { force: true })
  }

  /** Throws what a write of so many bytes would throw now: writes them to another file on the disk, and removes it. */
  async tryWrite(bytes: number): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 })
    const name = join(this.path, 'trial')
    try {
      const file = await open(name, 'w', 0o600)
      try {
        await file.writeFile(Buffer.alloc(bytes))
        await file.datasync()
      } finally {
        await file.close()
      }
    } finally {
      await rm(name, { force: true })
    }
  }

  /** Room on the disk for users like us, bytes. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path)
    return bavail * bsize
  }

  /** Text put in place whole. Not forced to disk: what a power cut loses here is delivered twice, which does no harm. */
  async saveRecord(text: string): Promise<void> {
    const file = join(this.path, 'delivered.json')
    await writeFile(`${file}.new`, text, { mode: 0o600 })
    await rename(`${file}.new`, file)
  }

  get recordFile(): string {
    return join(this.path, 'delivered.json')
  }
}

const segmentsAmong = (names: readonly string[]): readonly number[] =>
  names
    .flatMap((name) => segmentName.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)

/** The file, or a folder on the way to it, is not there. */
export const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')

async function unlessGone<T, U>(work: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work
  } catch (error) {
    if (isGone(error)) return otherwise
    throw error
  }
}
