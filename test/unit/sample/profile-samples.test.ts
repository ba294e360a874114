import { describe, expect, it } from 'vitest'
import { tableOf } from '../../../src/model/interface-table.ts'
import type { Profile } from '../../../src/model/profile.ts'
import type { AgentReading, Reading } from '../../../src/model/reading.ts'
import { createSampler } from '../../../src/sample/sampler.ts'

const at = Date.parse('2026-03-01T08:00:00Z')
const choice = { names: [], only: [], except: [] }
const profiles: readonly Profile[] = [
  {
    id: 'own',
    name: 'Own',
    match: 'any',
    reads: [
      { ...choice, gives: 'cpu', value: ['1.1'], scale: 0.01, idle: false, of: 'max' },
      {
        ...choice,
        gives: 'sensors',
        value: ['1.2'],
        label: 'board',
        unit: '°C',
        scale: 1,
        skip: [],
        apart: [],
        temperature: 'max',
      },
    ],
  },
]

const reading = (profile: Partial<Pick<AgentReading, 'profile'>>): Reading => ({
  element: 'agg1',
  probe: 'snmp',
  at,
  outcome: 'answered',
  durationMs: 5,
  agent: {
    system: { description: '', objectId: '1.3.6', name: 'agg1', location: '', upTimeTicks: 6_000 },
    interfaces: tableOf([]),
    requests: 2,
    ...profile,
  },
})

describe('a poll with profiles', () => {
  const sampler = createSampler({ vantage: 'nms', profiles })

  it('gives load and temperature of the element, and each sensor', () => {
    const values = new Map([
      ['1.1', [{ index: '0', value: 34 }]],
      ['1.2', [{ index: '0', value: 41 }]],
    ])
    const samples = sampler.accept(reading({ profile: { profiles: ['own'], values } }), {
      speedOverrides: {},
    })
    expect(samples).toEqual([
      {
        measurement: 'element',
        tags: { element: 'agg1' },
        fields: { reachable: 1, uptime_s: 60, cpu_ratio: 0.34, temperature_c: 41, poll_duration_ms: 5 },
        at,
      },
      {
        measurement: 'sensor',
        tags: { element: 'agg1', sensor: 'board', unit: '°C' },
        fields: { value: 41 },
        at,
      },
    ])
  })

  it('leaves out what could not be read, and never tells 0 instead', () => {
    const [sample] = sampler.accept(reading({}), { speedOverrides: {} })
    expect(Object.keys(sample?.fields ?? {})).toEqual(['reachable', 'uptime_s', 'poll_duration_ms'])
  })
})
