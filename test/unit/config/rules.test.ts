import { describe, expect, it } from 'vitest'
import { loadConfigText } from '../../../src/config/load-config.ts'
import { vendorOf } from '../../../src/model/vendor.ts'

const loaded = (detection: object, more: object = {}) =>
  loadConfigText(
    JSON.stringify({ elements: [{ id: 'core1', address: '192.0.2.1' }], detection, ...more }),
    'faultline.yaml',
    {},
  )
const rule = {
  id: 'r',
  type: 'unusual-latency',
  indicator: { measurement: 'icmp', field: 'rtt_avg_ms' },
  raise: 6,
  clear: 3,
  bands: [{ at: 6, severity: 'warning' }],
  for: '5m',
  clearFor: '90s',
}

describe('a rule', () => {
  it('has its durations in milliseconds, and its baseline with every default', async () => {
    const config = await loaded({ rules: [{ ...rule, baseline: { side: 'rise', floor: 10 } }] })
    expect(config.ok && config.config.detection.rules).toEqual([
      {
        id: 'r',
        type: 'unusual-latency',
        indicator: { measurement: 'icmp', field: 'rtt_avg_ms' },
        samples: { bad: 1, of: 1, good: 1 },
        forMs: 300_000,
        clearForMs: 90_000,
        raise: 6,
        clear: 3,
        bands: [{ at: 6, severity: 'warning' }],
        baseline: { side: 'rise', floor: 10, weeks: 6, minHistoryMs: 14 * 86_400_000, minHours: 2 },
      },
    ])
  })

  it('may count towards raising and take its time to clear, or the reverse', async () => {
    const { for: _, clearFor: __, ...plain } = rule
    const config = await loaded({
      rules: [
        { ...plain, id: 'one', samples: { bad: 3, of: 5 }, clearFor: '10m', window: 'always' },
        { ...plain, id: 'other', for: '10m', samples: { good: 4 }, window: 'peak' },
      ],
    })
    expect(config.ok && config.config.detection.rules).toMatchObject([
      { samples: { bad: 3, of: 5, good: 1 }, clearForMs: 600_000 },
      { samples: { bad: 1, of: 1, good: 4 }, forMs: 600_000, window: 'peak' },
    ])
    expect(config.ok && 'window' in (config.config.detection.rules[0] ?? {})).toBe(false)
  })

  it('that wants a longer history than samples are kept is told of, since it never says anything', async () => {
    const rules = [{ ...rule, baseline: { side: 'rise', floor: 10 } }]
    const config = await loaded({ rules }, { samples: { kind: 'embedded', retention: '10d' } })
    expect(config.ok && config.warnings.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'detection.rules[0].baseline: wants a longer history than samples are kept (samples.retention)',
    ])
  })
})

describe('the vendor of an agent', () => {
  it('is told by the enterprise number of its sysObjectID, and by nothing else', () => {
    expect(
      ['1.3.6.1.4.1.2011.2.23.276', '.1.3.6.1.4.1.9.1.516', '1.3.6.1.4.1.9', '1.3.6.1.4.1.99999.1'].map(
        vendorOf,
      ),
    ).toEqual(['huawei', 'cisco', 'cisco', undefined])
    expect(['', '1.3.6.1.4.1', '1.3.6.1.4.1.20111', '1.3.6.1.2.1.9', 'constructor'].map(vendorOf)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    )
  })
})
