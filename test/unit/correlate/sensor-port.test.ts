import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../../src/correlate/graph.ts'
import { sensorPort } from '../../../src/correlate/sensor-port.ts'
import type { AlarmType, NetworkAlarm } from '../../../src/model/alarm.ts'
import { linkBetween } from '../../../src/model/link.ts'
import { buildTopology } from '../../../src/model/topology.ts'
import { bench, lab } from './network-bench.ts'

const sensorAlarm = (
  element: string,
  sensor: string,
  type: AlarmType = 'low-optical-power',
): NetworkAlarm => ({
  ...{ id: `${type}:${sensor}`, resource: { kind: 'sensor', element, sensor, unit: 'dBm' }, type },
  ...{ severity: 'minor', eventType: 'communicationsAlarm', probableCause: 'degradedSignal' },
  ...{ state: 'active', onsetAt: 1, raisedAt: 1, indeterminate: false, rule: 'rx' },
  text: `${sensor} of ${element} is low, -26 dBm`,
})

describe('the port that a sensor is called after', () => {
  const link = (port: string, to: string) =>
    linkBetween({ element: 'a', interface: port }, { element: to, interface: 'up' }, 'declared')
  const links = [
    link('ge-0/0/1', 'b'),
    link('ge-0/0/10', 'c'),
    link('xe 1', 'd'),
    link('xe', 'e'),
    link('', 'f'),
  ]
  const graph = buildGraph(buildTopology('nms', [], ['a', 'b', 'c', 'd', 'e', 'f'], links), [])
  it.for([
    ['ge-0/0/1 rx power', 'ge-0/0/1'],
    ['ge-0/0/10 rx power', 'ge-0/0/10'],
    ['ge-0/0/100 rx power', undefined],
    ['Transceiver (ge-0/0/1), lane 2', 'ge-0/0/1'],
    ['age-0/0/1 rx power', undefined],
    ['ge-0/0/100 or ge-0/0/10', 'ge-0/0/10'],
    ['xe 1 rx power', 'xe 1'],
    ['rx power', undefined],
    ['', undefined],
    ['up', undefined],
  ] as const)('of %j is %s', ([sensor, port]) => {
    expect(sensorPort(graph, 'a', sensor)).toBe(port)
  })

  it('is none of an element that nobody knows', () => {
    expect(sensorPort(graph, 'x', 'ge-0/0/1 rx power')).toBe(undefined)
  })
})

describe('little light on a port', () => {
  it('tells more of the link that loses packets, at either end, and is no second finding', () => {
    for (const [element, sensor] of [
      ['agg1', 'to-acc1 rx power'],
      ['acc1', 'to-agg1 rx power'],
    ] as const) {
      const lossy = bench(lab).quality('packet-loss', 'acc1 cpe11 cpe12 cpe13')
      lossy.alarms.push(sensorAlarm(element, sensor))
      const { findings } = lossy.correlate()
      expect(findings).toHaveLength(1)
      expect(findings[0]?.explanation.join('\n')).toContain(`${sensor} of ${element} is low, -26 dBm`)
      expect(findings[0]?.alarms).toContain(`low-optical-power:${sensor}`)
      expect(lossy.findings()).toMatchObject([{ roots: ['acc1 or its uplink'], degraded: 's11 s12 s13' }])
    }
  })

  it('tells more of the link that is lost', () => {
    const cut = bench(lab).down('agg1[to-acc1]').dark('acc1 cpe11 cpe12 cpe13')
    cut.alarms.push(sensorAlarm('agg1', 'to-acc1 rx power'))
    expect(cut.correlate().findings).toMatchObject([{ kind: 'outage' }])
  })

  it('is for the NOC where nothing suffers, on that link, and nothing of another port', () => {
    const quiet = bench(lab)
    quiet.alarms.push(sensorAlarm('agg1', 'to-acc1 rx power'))
    expect(quiet.findings()).toEqual([
      { kind: 'degradation', roots: ['acc1[to-agg1]--agg1[to-acc1]'], shadowed: '' },
    ])
    const elsewhere = bench(lab).quality('packet-loss', 'acc1 cpe11 cpe12 cpe13')
    elsewhere.alarms.push(sensorAlarm('agg1', 'to-acc2 rx power'))
    expect(elsewhere.findings()).toHaveLength(2)
  })

  it('that names no port is a matter of its element', () => {
    const one = bench(lab)
    one.alarms.push(sensorAlarm('agg1', 'PSU 1', 'sensor-low'))
    expect(one.findings()).toEqual([{ kind: 'degradation', roots: ['agg1'], shadowed: '' }])
  })
})
