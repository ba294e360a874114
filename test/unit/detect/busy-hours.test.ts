import { describe, expect, it } from 'vitest'
import type { ValueRule } from '../../../src/model/rule.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import { detectorBench, element } from './detector-bench.ts'

const daySeconds = 86_400
const rule: ValueRule = {
  id: 'busy',
  type: 'busy-hour-over-limit',
  indicator: 'busy-hour-utilisation',
  raise: 0.8,
  clear: 0.75,
  bands: [{ at: 0.8, severity: 'warning' }],
  samples: { bad: 3, of: 3, good: 2 },
}
const a = element('a', { icmp: true, snmp: true })

/** A day's row, told ten minutes after the day. */
const tell = (bench: ReturnType<typeof detectorBench>, day: number, share: number) =>
  bench.days(daySeconds * (day + 1) + 600, [row(day, share)])
const row = (day: number, share: number): Sample =>
  sampleOf(
    'interface_peak_day',
    { element: 'a', interface: 'x', direction: 'in' },
    { peak_mean_bps: share * 1000, speed_bps: 1000 },
    day * daySeconds * 1000,
  )

describe('busy hours over their limit', () => {
  it('are an alarm on the third day running, and over after two good ones', () => {
    const bench = detectorBench([a], { rules: [rule] })
    for (const [day, share] of [0.9, 0.9, 0.7, 0.85, 0.9].entries()) tell(bench, day, share)
    expect(bench.news()).toEqual([])
    tell(bench, 5, 0.82)
    expect(bench.told[0]?.alarm).toMatchObject({
      onsetAt: 3 * daySeconds * 1000,
      value: 0.82,
      text: 'The busy hour of a[x] is over its limit: 82 %, limit 80 %',
    })
    bench.tick(6.5 * daySeconds)
    for (const [index, share] of [0.7, 0.78, 0.7, 0.7].entries()) tell(bench, 6 + index, share)
    expect(bench.news()).toEqual([
      'raised busy-hour-over-limit a[x] warning',
      'cleared busy-hour-over-limit a[x] warning',
    ])
  })

  it('are no alarm when a day between them could not be measured', () => {
    const bench = detectorBench([a], { rules: [rule] })
    for (const day of [0, 1, 3, 4]) tell(bench, day, 0.9)
    expect(bench.news()).toEqual([])
    tell(bench, 5, 0.1)
    expect(bench.news()).toEqual([])
  })

  it('stay as they are while the element is dark, since days are not measured by polls', () => {
    const bench = detectorBench([a], { rules: [rule] })
    for (const day of [0, 1, 2]) tell(bench, day, 0.9)
    bench.news()
    const second = 3 * daySeconds + 3_600
    for (const later of [0, 10, 20]) {
      bench.poll(second + later, 'a', 'icmp', 'timeout')
      bench.poll(second + later + 1, 'a', 'snmp', 'timeout')
    }
    bench.tick(second + 60)
    expect(bench.news()).toEqual([])
  })
})
