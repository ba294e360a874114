import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../../src/model/measurements.ts'
import { SeriesIds } from '../../../src/store/embedded/series-ids.ts'
import { dailyMeasurements } from '../../../src/store/measurement-fields.ts'

const names: readonly Measurement[] = ['interface', 'interface_hour', 'icmp', 'interface_peak_day']

describe('ids of series', () => {
  it('are those that were learned, each measurement its own, but for daily ones', () => {
    const step = fc.record({
      measurement: fc.constantFrom(...names),
      tags: fc.string({ maxLength: 3 }),
      id: fc.integer({ min: 0, max: 2 ** 22 }),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const ids = new SeriesIds()
        const model = new Map<string, number>()
        for (const { measurement, tags, id } of steps) {
          expect(ids.of(measurement, tags)).toBe(model.get(`${measurement} ${tags}`))
          ids.learn(measurement, tags, id)
          if (!dailyMeasurements.has(measurement)) model.set(`${measurement} ${tags}`, id)
        }
        ids.clear()
        for (const { measurement, tags } of steps) expect(ids.of(measurement, tags)).toBeUndefined()
      }),
    )
  })
})
