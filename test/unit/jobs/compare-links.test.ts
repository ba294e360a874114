import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { compareLinks } from '../../../src/jobs/compare-links.ts'
import type { LinkDifference } from '../../../src/model/link-difference.ts'

function job() {
  const lines: { text?: string; count?: number }[] = []
  let now: readonly string[] = []
  const run = compareLinks(
    () =>
      now.map(
        (text): LinkDifference => ({
          kind: 'undeclaredLink',
          a: { element: 'a' },
          b: { element: 'b' },
          text,
        }),
      ),
    pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
  )
  return async (...texts: readonly string[]) => {
    now = texts
    await run()
    return lines.splice(0).map(({ text, count }) => text ?? count)
  }
}

describe('the comparison of LLDP with the inventory', () => {
  it('tells each difference once, and again when it comes back', async () => {
    const told = job()
    expect(await told('one', 'two')).toEqual(['one', 'two'])
    expect(await told('one', 'two')).toEqual([])
    expect(await told('two', 'three')).toEqual(['three'])
    expect(await told()).toEqual([])
    expect(await told('one')).toEqual(['one'])
  })

  it('tells fifty at a time and how many more there are, and those are not told later', async () => {
    const told = job()
    const many = Array.from({ length: 60 }, (_, n) => `${n}`)
    expect(await told(...many)).toEqual([...many.slice(0, 50), 10])
    expect(await told(...many)).toEqual([])
  })
})
