import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineSplitter } from '../../../src/collect/icmp/byte-lines.ts'

function linesOf(chunks: readonly Buffer[]): string[] {
  const lines: string[] = []
  const splitter = createLineSplitter((bytes, start, end) => lines.push(bytes.toString('utf8', start, end)))
  for (const chunk of chunks) splitter.take(chunk)
  splitter.end()
  return lines
}

describe('the lines of an output', () => {
  it('are the same wherever it was cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''))),
        fc.array(fc.nat({ max: 200 })),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
          const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
          const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
          expect(linesOf(chunks)).toEqual(lines)
        },
      ),
    )
  })

  it('end with a last one that has no line feed', () => {
    expect(linesOf([Buffer.from('one\ntw'), Buffer.from('o')])).toEqual(['one', 'two'])
  })

  it('do not pile up when there never is a line feed', () => {
    const flood = Array.from({ length: 100 }, () => Buffer.alloc(10_000, 'x'))
    expect(linesOf([...flood, Buffer.from('\nnext\n')]).at(-1)).toBe('next')
    expect(linesOf(flood).join('').length).toBeLessThan(100_000)
  })
})
