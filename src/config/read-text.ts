import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export type TextRead =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string }

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the file may not be read',
  EISDIR: 'it is a folder, not a file',
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unreadable'

/** Reads a text file of at most `limit` bytes. Only regular files: a pipe or device might never end. */
export async function readText(file: string, limit: number): Promise<TextRead> {
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = await handle.stat()
    if (stat.isDirectory()) return { ok: false, problem: reasons.EISDIR ?? '' }
    if (!stat.isFile()) return { ok: false, problem: 'it is not a regular file' }
    // One byte more than allowed shows a file that is too large, or that grew since its size was asked.
    const buffer = Buffer.alloc(Math.min(stat.size, limit) + 1)
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0)
    if (stat.size > limit || bytesRead > limit)
      return { ok: false, problem: `the file is larger than ${limit} bytes` }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead))
    return { ok: true, text }
  } catch (error) {
    if (error instanceof TypeError) return { ok: false, problem: 'the file is not UTF-8 text' }
    const code = codeOf(error)
    return { ok: false, problem: reasons[code] ?? `the file cannot be read (${code})` }
  }
}
