import type { Readable } from 'node:stream'

/** A line is `bytes` from `start` up to `end`, without its line feed; valid during the call only. */
export type OnLine = (bytes: Buffer, start: number, end: number) => void

const lineFeed = 0x0a

/** What has no line feed by then is no line of ours, and is dropped. */
const maxLineBytes = 64 * 1024

/** Cuts an output into lines without making strings of them: at thousands of lines a second those cost the most. */
export function createLineSplitter(onLine: OnLine) {
  let rest: Buffer | undefined
  return {
    take(chunk: Buffer): void {
      const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
      let start = 0
      for (;;) {
        const end = bytes.indexOf(lineFeed, start)
        if (end < 0) break
        onLine(bytes, start, end)
        start = end + 1
      }
      const left = bytes.length - start
      rest = left === 0 || left > maxLineBytes ? undefined : bytes.subarray(start)
    },
    /** The output is over: what is left is the last line. */
    end(): void {
      if (rest !== undefined) onLine(rest, 0, rest.length)
      rest = undefined
    },
  }
}

/**
 * Programs that write a few bytes at a time would wake us for each of them. After each read we wait for this long, in
 * which the pipe (64 KiB on Linux) takes what they write.
 */
const restMs = 2

/** Reads an output to its end, line by line. */
export function readLines(output: Readable, onLine: OnLine): void {
  const lines = createLineSplitter(onLine)
  output.on('data', (chunk: Buffer) => {
    lines.take(chunk)
    output.pause()
    setTimeout(() => output.resume(), restMs)
  })
  output.on('end', lines.end)
  // A pipe that breaks is the end of the program, which is told by its exit.
  output.on('error', () => {})
}
