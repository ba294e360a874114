import { describe, expect, it } from 'vitest'
import { createFailedAttempts } from '../../../src/api/failed-attempts.ts'

describe('failed attempts', () => {
  it('are counted for each address and minute', () => {
    const attempts = createFailedAttempts()
    for (let i = 0; i < 10; i++) expect(attempts.failed('a', 1_000)).toBeUndefined()
    expect(attempts.failed('a', 31_000)).toBe(30)
    expect(attempts.failed('b', 31_000)).toBeUndefined()
    expect(attempts.failed('a', 61_000)).toBeUndefined()
  })

  it('of ten thousand other addresses make one forgotten', () => {
    const attempts = createFailedAttempts()
    for (let i = 0; i < 11; i++) attempts.failed('first', 0)
    for (let i = 0; i < 10_000; i++) attempts.failed(`a${i}`, 0)
    expect(attempts.failed('first', 0)).toBeUndefined()
  })
})
