import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemNames } from '../../../src/model/system-names.ts'

const of = (...names: readonly string[]) => systemNames(names.map((name, n) => [name, n] as const))

describe('a system name', () => {
  it('is found in any case, and without domain where only one side has one', () => {
    const find = of('core1', 'Agg1.example.net', '10.0.0.1')
    expect(['CORE1', 'core1.example.net', 'agg1', 'AGG1.EXAMPLE.NET', '10.0.0.1'].map(find)).toEqual([
      0, 0, 1, 1, 2,
    ])
  })

  it('is not that of a namesake in another domain, nor part of an address', () => {
    const find = of('core1.example.net', '10.0.0.1', '')
    expect(
      ['core1.example.org', '10', '10.0.0.2', '', '.', 'constructor'].every((one) => find(one) === undefined),
    ).toBe(true)
  })

  it('that two have means neither, and one that its owner has twice means him', () => {
    expect(of('switch', 'Switch')('switch')).toBeUndefined()
    expect(of('a.x.net', 'a.y.net')('a')).toBeUndefined()
    expect(of('a.x.net', 'a.y.net')('a.y.net')).toBe(1)
    const twice = systemNames([
      ['core1', 'core1'],
      ['Core1', 'core1'],
    ])
    expect(twice('core1')).toBe('core1')
  })

  it('that is whole and unique is always found, whatever others are called', () => {
    const name = fc.oneof(fc.string(), fc.stringMatching(/^[ab]{1,2}(\.[xy])?$/))
    fc.assert(
      fc.property(fc.uniqueArray(name, { selector: (one) => one.toLowerCase() }), (names) => {
        const find = of(...names)
        for (const [n, one] of names.entries()) expect(find(one)).toBe(one === '' ? undefined : n)
      }),
      { numRuns: 500 },
    )
  })
})
