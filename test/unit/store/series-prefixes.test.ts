import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleOf } from '../../../src/model/sample.ts'
import { SeriesCache } from '../../../src/store/series-cache.ts'
import { escaped, SeriesPrefixes } from '../../../src/store/series-prefixes.ts'
import { tagText } from '../../../src/store/tag-text.ts'

describe('the prefixes of series', () => {
  it('are those of the series, for as many as there are, and when all were forgotten in between', () => {
    const port = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 500 })
      .filter((text) => /^\w/.test(text))
    fc.assert(
      fc.property(fc.array(port, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (ports, most) => {
        const prefixes = new SeriesPrefixes()
        const cache = new SeriesCache(
          (series) => prefixes.add(series),
          () => prefixes.clear(),
          most,
        )
        const textOf = (all: SeriesPrefixes, start: number) =>
          Buffer.from(all.bytes.subarray(start, all.endOf(start))).toString()
        for (const name of [...ports, ...ports]) {
          const start = cache.of(sampleOf('interface', { element: 'e 1', interface: name }, {}, 0))
          if (typeof start !== 'number') throw new Error('refused')
          const text = textOf(prefixes, start)
          expect(text).toBe(`interface,element=e\\ 1,interface=${escaped(tagText(name))}`)
        }
      }),
    )
  })
})
