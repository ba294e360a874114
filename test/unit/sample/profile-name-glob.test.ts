import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitsGlob } from '../../../src/sample/name-glob.ts'

describe('a glob on names', () => {
  it.for([
    ['*temp*', 'PS1 Temp', true],
    ['*temp*', 'PS1 Fan', false],
    ['TD?', 'td4', true],
    ['TD?', 'TD', false],
    ['RAM (Cache)', 'RAM (Cache)', true],
    ['RAM (Cache)', 'RAM', false],
    ['', '', true],
    ['*', '', true],
  ] as const)('%s, %s: %s', ([glob, name, fits]) => {
    expect(fitsGlob(glob, name)).toBe(fits)
  })

  it('is what a regular expression would say', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '.'), maxLength: 12 })
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 })
    fc.assert(
      fc.property(glob, text, (pattern, name) => {
        const source = pattern.replaceAll('.', '\\.').replace(/\*+/g, '.*').replaceAll('?', '.')
        expect(fitsGlob(pattern, name)).toBe(new RegExp(`^${source}$`, 'is').test(name))
      }),
    )
  })

  it('takes no time over a name made to take it', () => {
    const startedAt = performance.now()
    expect(fitsGlob(`${'*a'.repeat(100)}b`, 'a'.repeat(255))).toBe(false)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
