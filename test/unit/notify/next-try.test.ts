import { describe, expect, it, test } from 'vitest'
import { type AttemptOutcome, defaultRetry, nextTry } from '../../../src/notify/next-try.ts'

const contacts = ['sms', 'email'].map((channel) => ({ channel, address: 'x' }))
const settings = { triesPerContact: 2, triesOnLastContact: 3, backOffMs: 1_000, maxBackOffMs: 3_000 }

describe('the next try', () => {
  test.for<[string, readonly AttemptOutcome[], string | undefined, number]>([
    ['begins with the first contact', [], 'sms', 0],
    ['waits before the same contact again', ['retry'], 'sms', 1_000],
    ['goes to the next contact when the tries are used up', ['retry', 'retry'], 'email', 0],
    ['goes to the next contact at once when refused', ['refused'], 'email', 0],
    ['doubles the wait', ['refused', 'retry', 'retry'], 'email', 2_000],
    ['ends when the last contact is used up', ['refused', 'retry', 'retry', 'retry'], undefined, 0],
    ['ends when the last contact refuses', ['retry', 'retry', 'refused'], undefined, 0],
  ])('%s', ([, attempts, channel, waitMs]) => {
    const next = nextTry(attempts, contacts, settings)
    expect(next?.contact.channel).toBe(channel)
    if (next) expect(next.waitMs).toBe(waitMs)
  })

  it('never waits longer than the limit, and goes on for hours on the last contact', () => {
    let waited = 0
    const attempts: AttemptOutcome[] = []
    for (let next = nextTry(attempts, contacts.slice(1), defaultRetry); next; ) {
      expect(next.waitMs).toBeLessThanOrEqual(defaultRetry.maxBackOffMs)
      waited += next.waitMs
      attempts.push('retry')
      next = nextTry(attempts, contacts.slice(1), defaultRetry)
    }
    expect(attempts).toHaveLength(30)
    expect(waited).toBeGreaterThan(5 * 3_600_000)
  })
})
