import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Measurement, measurements } from '../../../src/model/measurements.ts'
import type { Sample } from '../../../src/model/sample.ts'
import { measurementNames } from '../../../src/store/measurement-fields.ts'
import { RefusedTags, type TagSet, tagSetOf } from '../../../src/store/tag-set.ts'
import { TagSetCache } from '../../../src/store/tag-set-cache.ts'

const sampleWith = (measurement: string, tags: Record<string, unknown>): Sample => ({
  measurement: measurement as Measurement,
  tags: tags as Sample['tags'],
  fields: {},
  at: 0,
})

/** A cache that tells what it made. */
function watched(most?: number) {
  const made: TagSet[] = []
  let forgotten = 0
  const cache = new TagSetCache(
    (tags) => {
      made.push(tags)
      return { tags }
    },
    () => {
      forgotten++
    },
    most,
  )
  return { cache, made, forgotten: () => forgotten }
}

const tag = fc.constantFrom('a', 'b', 'a,b', '', '__proto__', 'x'.repeat(4_097), 7, undefined)
const samples = fc
  .record({
    measurement: fc.constantFrom(...measurementNames, 'none'),
    values: fc.array(tag, { minLength: 4, maxLength: 4 }),
    extra: fc.boolean(),
  })
  .map(({ measurement, values, extra }) => {
    const names = measurement === 'none' ? ['element'] : measurements[measurement].tags
    const tags = Object.fromEntries(names.map((name, i) => [name, values[i]]))
    return sampleWith(measurement, extra ? { ...tags, other: 'x' } : tags)
  })

describe('the cache of tags', () => {
  it('says of every sample what the tags themselves say, in any order, and when it forgets', () => {
    fc.assert(
      fc.property(fc.array(samples, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (asked, most) => {
        const { cache } = watched(most)
        for (const sample of asked) {
          const expected = tagSetOf(sample)
          const found = cache.of(sample)
          expect(found instanceof RefusedTags ? found : found.tags).toEqual(expected)
        }
      }),
    )
  })

  it('knows an interface once, for its samples, its means and its hours', () => {
    const { cache, made } = watched()
    const tags = { element: 'agg1', interface: 'Gi0/1' }
    const found = (['interface', 'interface_5min', 'interface_15min', 'interface_hour'] as const).map(
      (name) => cache.of(sampleWith(name, tags)),
    )
    expect(new Set(found).size).toBe(1)
    expect(made).toEqual([
      [
        ['element', 'agg1'],
        ['interface', 'Gi0/1'],
      ],
    ])
  })

  it('does not remember tags that are refused', () => {
    const { cache, made } = watched()
    for (let i = 0; i < 3; i++)
      expect(cache.of(sampleWith('interface', { element: 'e', interface: `${i}`.repeat(5_000) }))).toEqual(
        new RefusedTags('long-tag'),
      )
    expect(made).toEqual([])
  })

  it('forgets all when there are too many, and goes on', () => {
    const { cache, made, forgotten } = watched(2)
    for (const element of ['a', 'b', 'a', 'c', 'a']) cache.of(sampleWith('element', { element }))
    expect(made.map(([first]) => first?.[1])).toEqual(['a', 'b', 'c', 'a'])
    // Once at the beginning.
    expect(forgotten()).toBe(2)
  })
})
