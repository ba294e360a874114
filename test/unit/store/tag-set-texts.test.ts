import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleOf } from '../../../src/model/sample.ts'
import { TagSetCache } from '../../../src/store/tag-set-cache.ts'
import { escaped, TagSetTexts } from '../../../src/store/tag-set-texts.ts'
import { tagText } from '../../../src/store/tag-text.ts'

describe('the texts of tags', () => {
  it('are those of the tags, for as many as there are, and when all were forgotten in between', () => {
    const port = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 500 })
      .filter((text) => /^\w/.test(text))
    fc.assert(
      fc.property(fc.array(port, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (ports, most) => {
        const texts = new TagSetTexts()
        const cache = new TagSetCache(
          (tags) => texts.add(tags),
          () => texts.clear(),
          most,
        )
        const textOf = (all: TagSetTexts, start: number) =>
          Buffer.from(all.bytes.subarray(start, all.endOf(start))).toString()
        for (const name of [...ports, ...ports]) {
          const start = cache.of(sampleOf('interface', { element: 'e 1', interface: name }, {}, 0))
          if (typeof start !== 'number') throw new Error('refused')
          const text = textOf(texts, start)
          expect(text).toBe(`,element=e\\ 1,interface=${escaped(tagText(name))}`)
        }
      }),
    )
  })
})
