import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isBefore, type Position, Undelivered } from '../../../src/store/spool/undelivered.ts'

const place = (segment: number, offset: number): Position => ({ segment, offset })

describe('what is undelivered', () => {
  it('is live until it is postponed, and then goes behind what comes next', () => {
    const undelivered = new Undelivered([], place(0, 0))
    undelivered.append(place(0, 100))
    expect(undelivered.live).toEqual({ from: place(0, 0), to: place(0, 100) })
    undelivered.postpone()
    expect(undelivered.hasLive).toBe(false)
    undelivered.append(place(0, 120))
    expect(undelivered.live.from).toEqual(place(0, 100))
    expect(undelivered.backlog).toEqual([{ from: place(0, 0), to: place(0, 100) }])
  })

  it('is one backlog when it was postponed piece by piece', () => {
    const undelivered = new Undelivered([], place(0, 0))
    for (let i = 1; i <= 50; i++) {
      undelivered.append(place(0, i * 10))
      undelivered.postpone()
    }
    expect(undelivered.backlog).toEqual([{ from: place(0, 0), to: place(0, 500) }])
  })

  it('keeps a segment until nothing in it is wanted', () => {
    const undelivered = new Undelivered([{ from: place(1, 50), to: place(3, 0) }], place(5, 0))
    expect([0, 1, 2, 3, 4, 5, 6].filter((segment) => undelivered.needs(segment))).toEqual([1, 2, 5, 6])
    undelivered.advanceBacklog(place(2, 0))
    expect(undelivered.needs(1)).toBe(false)
    undelivered.advanceBacklog(place(3, 0))
    expect(undelivered.needs(2)).toBe(false)
    expect(undelivered.backlog).toEqual([])
  })

  it('forgets a dropped segment, also in the middle of delivery', () => {
    const undelivered = new Undelivered([{ from: place(1, 50), to: place(2, 70) }], place(3, 0))
    undelivered.append(place(3, 10))
    undelivered.dropThrough(1)
    expect(undelivered.backlog).toEqual([{ from: place(2, 0), to: place(2, 70) }])
    undelivered.advanceBacklog(place(1, 80))
    expect(undelivered.backlog).toEqual([{ from: place(2, 0), to: place(2, 70) }])
    undelivered.dropThrough(3)
    expect(undelivered.backlog).toEqual([])
    expect(undelivered.live).toEqual({ from: place(4, 0), to: place(4, 0) })
  })

  /** Each cell of a model is one byte of the spool: 'new', 'taken' or 'dropped'. */
  it('never leaves out what was not taken, whatever happens in whatever order', () => {
    const bytes = 10
    const action = fc.constantFrom('append', 'roll', 'live', 'backlog', 'postpone', 'drop')
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const undelivered = new Undelivered([], place(0, 0))
        const taken = new Set<string>()
        let end = place(0, 0)
        let droppedThrough = -1
        const key = ({ segment, offset }: Position) => `${segment}:${offset}`
        for (const what of actions) {
          if (what === 'append' && end.offset < bytes) end = place(end.segment, end.offset + 1)
          if (what === 'roll') end = place(end.segment + 1, 0)
          undelivered.append(end)
          const { live } = undelivered
          const [oldest] = undelivered.backlog
          if (what === 'live' && undelivered.hasLive) {
            taken.add(key(live.from))
            undelivered.advanceLive(step(live.from, bytes))
          }
          if (what === 'backlog' && oldest !== undefined) {
            taken.add(key(oldest.from))
            undelivered.advanceBacklog(step(oldest.from, bytes))
          }
          if (what === 'postpone') undelivered.postpone()
          if (what === 'drop' && droppedThrough < end.segment - 1) undelivered.dropThrough(++droppedThrough)
        }
        const wanted = [...undelivered.backlog, undelivered.live]
        for (let segment = droppedThrough + 1; segment <= end.segment; segment++)
          for (let offset = 0; offset < bytes; offset++) {
            const at = place(segment, offset)
            if (!isBefore(at, end) || taken.has(key(at))) continue
            expect(wanted.some(({ from, to }) => !isBefore(at, from) && isBefore(at, to))).toBe(true)
            expect(undelivered.needs(segment)).toBe(true)
          }
        expect(undelivered.backlog.length).toBeLessThanOrEqual(32)
      }),
    )
  })
})

const step = ({ segment, offset }: Position, bytes: number): Position =>
  offset + 1 < bytes ? { segment, offset: offset + 1 } : { segment: segment + 1, offset: 0 }
