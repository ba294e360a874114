import { describe, expect, it } from 'vitest'
import { renderPoll } from '../../../src/commands/render-poll.ts'
import { tableOf } from '../../../src/model/interface-table.ts'
import type { Reading } from '../../../src/model/reading.ts'
import { sampleOf } from '../../../src/model/sample.ts'

const at = Date.parse('2026-03-01T08:00:00Z')
const element = 'agg1'
const reading: Reading = {
  element,
  probe: 'snmp',
  at,
  outcome: 'answered',
  durationMs: 12,
  agent: {
    system: {
      description: '',
      objectId: '1.3.6.1.4.1.2011.2.1',
      name: element,
      location: '',
      upTimeTicks: 100,
    },
    interfaces: tableOf([]),
    requests: 3,
    profile: { profiles: ['huawei-vrp', 'entity-sensor'], values: new Map() },
  },
}
const sensor = (name: string, unit: string, value: number) =>
  sampleOf('sensor', { element, sensor: name, unit }, { value }, at)

describe('a poll on a terminal', () => {
  it('names the profiles, and shows what they gave with units', () => {
    const text = renderPoll(
      [reading],
      [
        sampleOf('element', { element }, { cpu_ratio: 0.345, memory_ratio: 0.5, temperature_c: 42 }, at),
        sensor('xe-0/0/0 rx power', 'dBm', -18.72),
        sensor('xe-0/0/0 \u001b[31mbias', 'A', 0.0069),
      ],
    )
    expect(text).toContain('  profiles     huawei-vrp, entity-sensor\n')
    expect(text).toContain('  cpu          34.5 %\n')
    expect(text).toContain('  memory       50 %\n')
    expect(text).toContain('  temperature  42 °C\n')
    expect(text).toMatch(/^sensor +value$/m)
    expect(text).toMatch(/^xe-0\/0\/0 rx power +-18\.72 dBm$/m)
    expect(text).toMatch(/bias +0\.0069 A$/m)
    expect(text).not.toContain('\u001b')
  })

  it('says nothing of what was not read', () => {
    const text = renderPoll([reading], [])
    expect(text).not.toMatch(/cpu|memory|temperature|sensor +value/)
  })
})
