import { describe, expect, it } from 'vitest'
import { etagOf, matchesAny } from '../../../src/api/etag.ts'
import { versionIn } from '../../../src/api/parameters.ts'

describe('an ETag', () => {
  it('changes with the version and with what is shown beside it', () => {
    const tags = [etagOf('a', 1), etagOf('a', 2), etagOf('b', 1), etagOf('a', '')]
    expect(new Set(tags).size).toBe(4)
  })

  it('gives If-Match its version back', () => {
    expect(versionIn(etagOf('a', 17))).toBe(17)
    expect(versionIn('"17"')).toBe(17)
    expect(versionIn('*')).toBeUndefined()
    expect(versionIn(undefined)).toBeUndefined()
  })

  it.for(['17', 'W/"17"', '"x"', '"17", "18"', ''])('is not %s', (text) => {
    expect(() => versionIn(text)).toThrow(/If-Match/)
  })

  it('is found in a list, weakly', () => {
    expect(matchesAny('"a", W/"b"', '"b"')).toBe(true)
    expect(matchesAny('*', '"b"')).toBe(true)
    expect(matchesAny('"a"', '"b"')).toBe(false)
    expect(matchesAny(undefined, '"b"')).toBe(false)
  })
})
