import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resourceKey } from '../../../src/model/alarm.ts'
import type { Rule, ValueRule } from '../../../src/model/rule.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import { detectorBench, element } from './detector-bench.ts'

const rule = (over: Partial<ValueRule> = {}): Rule => ({
  id: 'rx',
  type: 'low-optical-power',
  indicator: { measurement: 'sensor', field: 'value' },
  scope: { sensors: '* rx power', unit: 'dBm' },
  direction: 'below',
  raise: -24,
  clear: -22,
  samples: { bad: 2, of: 2, good: 2 },
  bands: [
    { at: -24, severity: 'minor' },
    { at: -28, severity: 'major' },
  ],
  ...over,
})
const hot = rule({
  id: 'hot',
  type: 'high-temperature',
  scope: { unit: '°C' },
  direction: 'above',
  raise: 85,
  clear: 80,
  bands: [{ at: 85, severity: 'minor' }],
})

type Told = readonly (readonly [sensor: string, unit: string, value: number])[]

function sensorBench(rules: readonly Rule[] = [rule()], options: Parameters<typeof detectorBench>[1] = {}) {
  const bench = detectorBench([element('olt1', { snmp: true })], { rules, ...options })
  let polls = 0
  return Object.assign(bench, {
    /** The next poll, a minute after the one before, with what its sensors tell. */
    told(...sensors: Told) {
      const second = 60 * ++polls
      const samples = sensors.map(
        ([sensor, unit, value]): Sample =>
          sampleOf('sensor', { element: 'olt1', sensor, unit }, { value }, second * 1_000),
      )
      bench.agent(second, 'olt1', [], samples)
      return bench.news()
    },
    now: () => 60_000 * polls,
  })
}

const low = ['ge-0/0/1 rx power', 'dBm', -26] as const
const fine = ['ge-0/0/1 rx power', 'dBm', -18] as const
const key = 'olt1(ge-0/0/1 rx power, dBm)'

describe('a rule about sensors', () => {
  it('raises and clears one alarm for each sensor, whose severity follows its value', () => {
    const bench = sensorBench()
    expect(bench.told(low, ['ge-0/0/2 rx power', 'dBm', -18])).toEqual([])
    expect(bench.told(low, ['ge-0/0/2 rx power', 'dBm', -30])).toEqual([
      `raised low-optical-power ${key} minor`,
    ])
    expect(bench.told(fine, ['ge-0/0/2 rx power', 'dBm', -30])).toEqual([
      'raised low-optical-power olt1(ge-0/0/2 rx power, dBm) major',
    ])
    expect(bench.told(fine, ['ge-0/0/2 rx power', 'dBm', -30])).toEqual([
      `cleared low-optical-power ${key} minor`,
    ])
    expect(bench.detector.active().map(({ resource }) => resourceKey(resource))).toEqual([
      'olt1(ge-0/0/2 rx power, dBm)',
    ])
  })

  it('has X.733 words, a value with its unit, and a text that names the sensor', () => {
    const bench = sensorBench([rule(), hot])
    for (let poll = 0; poll < 2; poll++) bench.told(low, ['ge-0/0/1', '°C', 88.25])
    expect(bench.detector.active()).toMatchObject([
      {
        type: 'low-optical-power',
        resource: { kind: 'sensor', element: 'olt1', sensor: 'ge-0/0/1 rx power', unit: 'dBm' },
        eventType: 'communicationsAlarm',
        probableCause: 'degradedSignal',
        value: -26,
        limit: -24,
        text: 'ge-0/0/1 rx power of olt1 is low, -26 dBm',
      },
      { type: 'high-temperature', text: 'ge-0/0/1 of olt1 is 88.3 °C hot', eventType: 'environmentalAlarm' },
    ])
  })

  it('holds for sensors with its unit and a name that fits, of an element that fits', () => {
    const bench = sensorBench([rule()])
    for (let poll = 0; poll < 3; poll++)
      expect(
        bench.told(
          ['ge-0/0/1 tx power', 'dBm', -40],
          ['ge-0/0/1 rx power', 'W', -40],
          ['x rx power', '°C', -40],
        ),
      ).toEqual([])
    const elsewhere = sensorBench([rule({ scope: { unit: 'dBm', roles: ['core'] } })])
    for (let poll = 0; poll < 3; poll++) expect(elsewhere.told(low)).toEqual([])
  })

  it('takes the first that fits: special limits stand before the general ones', () => {
    const bench = sensorBench([
      rule({ id: 'long', scope: { unit: 'dBm', sensors: 'ge-0/0/1 *' }, raise: -27, clear: -26.5 }),
      rule(),
    ])
    for (let poll = 0; poll < 3; poll++) expect(bench.told(low).length).toBe(0)
  })

  it('tells a temperature and a current of one name apart', () => {
    const amps = rule({
      ...{ id: 'amps', type: 'sensor-high', direction: 'above', raise: 10, clear: 9 },
      ...{ scope: { unit: 'A' }, bands: [{ at: 10, severity: 'minor' }] },
    })
    const volts = rule({
      ...{ id: 'volts', type: 'sensor-high', direction: 'above', raise: 60, clear: 58 },
      ...{ scope: { unit: 'V' }, bands: [{ at: 60, severity: 'minor' }] },
    })
    const bench = sensorBench([amps, volts])
    bench.told(['PSU 1', 'A', 12], ['PSU 1', 'V', 62])
    expect(bench.told(['PSU 1', 'A', 12], ['PSU 1', 'V', 62])).toEqual([
      'raised sensor-high olt1(PSU 1, A) minor',
      'raised sensor-high olt1(PSU 1, V) minor',
    ])
  })

  it('is not cleared by a poll that brings no sensors, and is when the agent does not list it any more', () => {
    const bench = sensorBench()
    bench.told(low)
    bench.told(low)
    for (let poll = 0; poll < 3; poll++) bench.told()
    bench.tick(bench.now() / 1_000 + 60)
    expect(bench.news()).toEqual([`changed low-optical-power ${key} minor indeterminate`])
    const other = ['ge-0/0/2 rx power', 'dBm', -18] as const
    expect([bench.told(other), bench.told(other), bench.told(other)]).toEqual([
      [],
      [],
      [`cleared low-optical-power ${key} minor`],
    ])
    expect(bench.carriedOver().restless).toMatchObject([
      { clearedBecause: 'its agent does not list the sensor any more' },
    ])
  })

  it('is what it was after a restart, and cleared when no rule watches it any more', () => {
    const bench = sensorBench()
    bench.told(low)
    bench.told(low)
    const again = sensorBench([rule()], bench.carriedOver())
    expect([again.told(low), again.told(fine), again.told(fine)]).toEqual([
      [],
      [],
      [`cleared low-optical-power ${key} minor`],
    ])
    expect(sensorBench([hot], bench.carriedOver()).told(low)).toEqual([
      `cleared low-optical-power ${key} minor`,
    ])
  })

  it('keeps one alarm for a sensor and a type, whatever agents call their sensors', () => {
    const name = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('', ' ', '__proto__', 'a, dBm)', 'olt1', '<b>', '\u202e'),
    )
    const poll = fc.uniqueArray(fc.tuple(name, fc.constantFrom('dBm', '°C'), fc.constantFrom(-30, -20, 90)), {
      selector: ([sensor, unit]) => `${unit} ${sensor}`,
      maxLength: 4,
    })
    fc.assert(
      fc.property(fc.array(poll, { maxLength: 12 }), (polls) => {
        const bench = sensorBench([rule({ scope: { unit: 'dBm' } }), hot])
        for (const sensors of polls) {
          bench.told(...sensors)
          const active = bench.detector.active()
          const pairs = active.map(({ type, resource }) => JSON.stringify([type, resource]))
          expect(new Set(pairs).size).toBe(pairs.length)
          const keys = active.map(({ type, resource }) => `${type}:${resourceKey(resource)}`)
          expect(new Set(keys).size).toBe(keys.length)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('does not fill the memory when they are called otherwise at each poll', () => {
    const bench = sensorBench()
    for (let poll = 0; poll < 40; poll++)
      bench.told(...Array.from({ length: 500 }, (_, row) => [`${poll} ${row} rx power`, 'dBm', -18] as const))
    bench.told(low)
    expect(bench.told(low)).toEqual([`raised low-optical-power ${key} minor`])
  })
})
