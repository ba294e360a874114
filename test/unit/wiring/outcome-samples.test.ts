import { describe, expect, it } from 'vitest'
import { outcomeSamples } from '../../../src/wiring/outcome-samples.ts'
import { alarmOn, incidentAt } from '../../support/small-network.ts'

describe('the samples of a step', () => {
  it('are rows of their own, also for two ports of one element and two incidents of one root', () => {
    const samples = outcomeSamples({
      at: 5_000,
      alarms: ['p1', 'p2'].map((port) => ({
        kind: 'raised',
        alarm: { ...alarmOn('acc1', 'interface-down', port), id: `alm-${port}` },
      })),
      incidents: ['inc-1', 'inc-2'].map((id) => ({ incident: incidentAt(0, {}, { id }), events: [] })),
      reports: [],
      reach: [],
    })
    const rows = samples.map(({ measurement, tags, at }) => JSON.stringify([measurement, tags, at]))
    expect(new Set(rows).size).toBe(4)
    expect(samples.map(({ at }) => at)).toEqual([5_000, 5_000, 5_000, 5_001])
  })
})
