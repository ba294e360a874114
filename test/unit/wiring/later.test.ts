import { expect, it } from 'vitest'
import { later } from '../../../src/wiring/later.ts'

it('a part that is used before it is made fails by name, and is had from then on', () => {
  const poller = later<{ readonly name: string }>('poller')
  expect(() => poller.get()).toThrow('the poller is used before it is made')
  expect(poller.ifMade()).toBeUndefined()

  const made = { name: 'icmp' }
  expect(poller.is(made)).toBe(made)
  expect([poller.get(), poller.ifMade()]).toEqual([made, made])
})
