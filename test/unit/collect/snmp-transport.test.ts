import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWindow } from '../../../src/collect/snmp/transport/byte-window.ts'
import { canonicalAddress } from '../../../src/collect/snmp/transport/canonical-address.ts'
import { RoundTrip } from '../../../src/collect/snmp/transport/round-trip.ts'
import { mostSlots, SlotTable } from '../../../src/collect/snmp/transport/slot-table.ts'
import { TimerWheel } from '../../../src/collect/snmp/transport/timer-wheel.ts'

describe('request ids', () => {
  it('are never the same for two requests, and always four bytes', () => {
    const slots = new SlotTable<number>()
    const given = new Set<number>()
    for (let i = 0; i < 100_000; i++) {
      const id = slots.add(i) ?? 0
      expect(id).toBeGreaterThanOrEqual(0x0100_0000)
      expect(id).toBeLessThanOrEqual(0x7fff_ffff)
      // The generations of one slot come round after 32,512.
      if (i < 30_000) expect(given.has(id)).toBe(false)
      given.add(id)
      expect(slots.get(id)).toBe(i)
      slots.delete(id)
      expect(slots.get(id)).toBeUndefined()
    }
    expect(slots.size).toBe(0)
  })

  it('find what they stand for, and nothing when they were given back', () => {
    const steps = fc.array(fc.record({ add: fc.boolean(), at: fc.nat(50) }), { maxLength: 200 })
    fc.assert(
      fc.property(steps, (all) => {
        const slots = new SlotTable<number>()
        const live = new Map<number, number>()
        const gone: number[] = []
        all.forEach(({ add, at }, i) => {
          if (add) live.set(slots.add(i) ?? -1, i)
          else {
            const id = [...live.keys()][at % Math.max(1, live.size)]
            if (id === undefined) return
            live.delete(id)
            gone.push(id)
            slots.delete(id)
            // A second time must not free the slot of another.
            slots.delete(id)
          }
        })
        for (const [id, item] of live) expect(slots.get(id)).toBe(item)
        for (const id of gone) expect(slots.get(id)).toBeUndefined()
        expect(slots.size).toBe(live.size)
      }),
    )
  })

  it('are of nobody when they are none', () => {
    const slots = new SlotTable<number>()
    slots.add(1)
    for (const id of [0, -1, Number.NaN, 0x7fff_ffff, 2 ** 40]) expect(slots.get(id)).toBeUndefined()
  })

  it('end when all slots are in use', () => {
    const slots = new SlotTable<number>()
    for (let i = 0; i < mostSlots; i++) slots.add(i)
    expect(slots.add(0)).toBeUndefined()
  })
})

describe('the timer wheel', () => {
  it('tells each item once, never early, and at most a tick late', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 60 })
    const turns = fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 40 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), delays, turns, (start, all, steps) => {
        let now = start
        const told = new Map<number, number>()
        const wheel = new TimerWheel(now, (id) => {
          expect(told.has(id)).toBe(false)
          told.set(id, now)
        })
        const dueAt = all.map((delay) => start + delay)
        dueAt.forEach((due, id) => {
          wheel.add(id, due)
        })
        for (const step of steps) {
          const before = now
          now += step
          wheel.turn(now)
          dueAt.forEach((due, id) => {
            const at = told.get(id)
            if (at !== undefined) expect(at).toBeGreaterThanOrEqual(due)
            else expect(due).toBeGreaterThan(now - 10)
            if (at !== undefined && due < before - 10) expect(at).toBeLessThanOrEqual(before)
          })
        }
        expect(wheel.size).toBe(all.length - told.size)
      }),
    )
  })

  it('is not behind after it stood empty', () => {
    const told: number[] = []
    const wheel = new TimerWheel(0, (id) => told.push(id))
    wheel.add(7, 1_000_100)
    wheel.turn(1_000_000)
    expect(told).toEqual([])
    wheel.turn(1_000_110)
    expect(told).toEqual([7])
  })
})

describe('how long an answer is waited for', () => {
  it('is all the time that is set while nothing is known', () => {
    expect([0, 1, 2].map((attempt) => new RoundTrip().wait(attempt, 3, 2_000))).toEqual([2_000, 2_000, 2_000])
  })

  it('follows the agent, doubles, and ends with all the time that is set', () => {
    const trip = new RoundTrip()
    for (let i = 0; i < 50; i++) trip.measured(100)
    expect([0, 1, 2, 3].map((attempt) => trip.wait(attempt, 4, 2_000))).toEqual([250, 500, 1_000, 2_000])
    const slow = new RoundTrip()
    slow.measured(800)
    expect(slow.wait(0, 2, 5_000)).toBe(800 + 4 * 400)
  })

  it('is never more than what is set, nor less than a quarter of a second', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 10, max: 60_000 }),
        fc.nat(10),
        (times, longest, attempt) => {
          const trip = new RoundTrip()
          for (const ms of times) trip.measured(ms)
          const wait = trip.wait(attempt, 11, longest)
          expect(wait).toBeLessThanOrEqual(longest)
          expect(wait).toBeGreaterThanOrEqual(Math.min(250, longest))
        },
      ),
    )
  })
})

describe('the window of answers on their way', () => {
  it('never lets in more bytes than it has, save for one alone, and serves in turn', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.boolean()), (all, ends) => {
        const most = 30_000
        const window = new ByteWindow(most)
        const inside: number[] = []
        const order: number[] = []
        const leave = () => {
          const bytes = inside.shift()
          if (bytes !== undefined) window.release(bytes)
        }
        all.forEach((bytes, i) => {
          window.enter(bytes, () => {
            inside.push(bytes)
            order.push(i)
          })
          const sum = inside.reduce((total, one) => total + one, 0)
          expect(inside.length === 1 || sum <= most).toBe(true)
          if (ends.next().value) leave()
        })
        while (inside.length > 0) leave()
        expect(order).toEqual(all.map((_, i) => i))
        expect(window.waiting).toBe(0)
      }),
    )
  })
})

describe('an address', () => {
  it('has one spelling', () => {
    expect(canonicalAddress('2001:DB8::0:1')).toBe('2001:db8::1')
    expect(canonicalAddress('fe80:0:0:0:0:0:0:1%eth0')).toBe('fe80::1')
    expect(canonicalAddress('192.0.2.1')).toBe('192.0.2.1')
  })
})
