import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  coverageIn,
  joinedSpans,
  lengthOf,
  rowsIn,
  withoutPlanned,
} from '../../../../src/sample/rollup/judged-time.ts'

const five = 300_000
const second = 1_000

/** Of the 5 minutes of a few hours, numbered from 0. */
const slots = 48
const span = fc
  .tuple(fc.integer({ min: 0, max: slots }), fc.integer({ min: 0, max: slots }))
  .map(([a, b]) => ({ from: Math.min(a, b) * five, to: Math.max(a, b) * five }))
const spans = fc.array(
  span.filter(({ from, to }) => to > from),
  { maxLength: 5 },
)
const planned = fc
  .array(
    fc
      .tuple(fc.integer({ min: -900, max: 15_000 }), fc.integer({ min: 1, max: 4_000 }))
      .map(([start, length]) => ({ start: start * second, end: (start + length) * second })),
    { maxLength: 4 },
  )
  .map((all) => all.toSorted((a, b) => a.start - b.start))

/** Which 5 minutes are in some spans, one by one. */
const slotsIn = (all: readonly { readonly from: number; readonly to: number }[]) =>
  Array.from({ length: slots }, (_, i) =>
    all.some(({ from, to }) => from <= i * five && (i + 1) * five <= to),
  )

describe('the time that is judged', () => {
  it('is what is left of the spans when each 5 minutes with planned work in it is taken out', () => {
    fc.assert(
      fc.property(spans, planned, (all, work) => {
        const joined = joinedSpans(all)
        const left = withoutPlanned(joined, work)
        const expected = slotsIn(all).map(
          (is, i) => is && !work.some(({ start, end }) => start < (i + 1) * five && end > i * five),
        )
        expect(slotsIn(left)).toEqual(expected)
        expect(lengthOf(left)).toBe(expected.filter(Boolean).length * five)
        // In order, and none twice.
        expect(left.every(({ from, to }, i) => to > from && from >= (left[i - 1]?.to ?? 0))).toBe(true)
      }),
    )
  })

  it('is covered as its 5 minutes are, and its rows are those that lie in it', () => {
    fc.assert(
      fc.property(
        spans,
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: slots, maxLength: slots }),
        (all, counts) => {
          const judged = joinedSpans(all)
          const rows = counts.flatMap((polls, i) => (polls === 0 ? [] : [{ at: i * five, polls }]))
          const at = Float64Array.from(rows, (row) => row.at)
          const polls = Float64Array.from(rows, (row) => row.polls)
          const inside = slotsIn(judged)
          const expected = counts.filter((count, i) => inside[i] && count > 0)
          expect([...rowsIn(at, polls, judged)]).toEqual(expected)
          const fives = { at, mean: polls, max: polls, samples: polls, polls }
          const share = counts.reduce((sum, count, i) => sum + (inside[i] ? Math.min(1, count / 2) : 0), 0)
          const all5 = inside.filter(Boolean).length
          // Two polls in 5 minutes are all that is expected.
          expect(coverageIn(fives, judged, five / 2)).toBeCloseTo(all5 === 0 ? 0 : share / all5, 9)
        },
      ),
    )
  })
})
