import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { createDetector } from '../../../src/detect/detector.ts'
import type { Alarm, AlarmChange } from '../../../src/model/alarm.ts'
import type { Interface, InterfaceStatus } from '../../../src/model/interface.ts'
import { tableOf } from '../../../src/model/interface-table.ts'
import type { NetworkElement } from '../../../src/model/network-element.ts'
import type { PollOutcome, ProbeName, Reading } from '../../../src/model/reading.ts'
import type { Rule } from '../../../src/model/rule.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'

/** The rules that are shipped. */
export const shippedRules: readonly Rule[] = parse(
  readFileSync(new URL('../../../config/rules.yaml', import.meta.url), 'utf8'),
).rules

export const pollIntervalMs = { icmp: 10_000, stamp: 10_000, snmp: 60_000 }

export const element = (
  id: string,
  probes: Partial<NetworkElement['probes']>,
  more: Partial<NetworkElement> = {},
): NetworkElement => ({
  id,
  name: id,
  address: '127.0.0.1',
  tags: [],
  speedOverrides: {},
  probes: { icmp: false, stamp: false, snmp: false, ...probes },
  ...more,
})

export const port = (
  on: string,
  name: string,
  operStatus: InterfaceStatus,
  adminStatus: InterfaceStatus = 'up',
): Interface => ({
  element: on,
  name,
  index: 1,
  description: '',
  alias: '',
  adminStatus,
  operStatus,
  speedBps: 1_000_000,
  seenAt: 0,
})

export interface BenchOptions {
  readonly rules?: readonly Rule[]
  readonly active?: readonly Alarm[]
}

/** A detector that is fed by seconds, and that keeps what it told as short words: `raised unreachable a critical`. */
export function detectorBench(elements: readonly NetworkElement[], options: BenchOptions = {}) {
  let count = 0
  const told: AlarmChange[] = []
  const detector = createDetector({
    rules: options.rules ?? shippedRules,
    elements: new Map(elements.map((one) => [one.id, one])),
    active: options.active ?? [],
    newAlarmId: () => `alarm-${++count}`,
    pollIntervalMs,
  })
  const accept = (second: number, reading: Reading, samples: readonly Sample[] = []) =>
    told.push(...detector.accept(reading, samples, second * 1000))
  const base = (id: string, second: number, outcome: PollOutcome) => ({
    element: id,
    at: second * 1000,
    outcome,
    durationMs: 1,
  })
  const words = ({ kind, alarm }: AlarmChange) =>
    [
      kind,
      alarm.type,
      alarm.resource.kind === 'interface'
        ? `${alarm.resource.element}[${alarm.resource.interface}]`
        : alarm.resource.element,
      alarm.severity,
      ...(alarm.indeterminate ? ['indeterminate'] : []),
    ].join(' ')

  return {
    detector,
    told,
    /** What was told since the last call. */
    news: () => told.splice(0).map(words),
    poll(second: number, id: string, probe: ProbeName, outcome: PollOutcome) {
      accept(second, { ...base(id, second, outcome), probe })
    },
    /** A burst with its sample; a lost one has no round-trip time. */
    burst(second: number, id: string, loss: number, rttMs = 10, probe: 'icmp' | 'stamp' = 'icmp') {
      const fields = { sent: 10, received: 10 * (1 - loss), loss_ratio: loss }
      accept(second, { ...base(id, second, loss >= 1 ? 'timeout' : 'answered'), probe }, [
        sampleOf(
          probe,
          { element: id, vantage: 'nms' },
          loss >= 1 ? fields : { ...fields, rtt_avg_ms: rttMs },
          second * 1000,
        ),
      ])
    },
    agent(second: number, id: string, ports: readonly Interface[], samples: readonly Sample[] = []) {
      const interfaces = tableOf(ports.map((one) => ({ port: one, counters: { width: 64 } })))
      const system = { description: '', objectId: '', name: id, location: '', upTimeTicks: 1 }
      accept(
        second,
        { ...base(id, second, 'answered'), probe: 'snmp', agent: { system, interfaces, requests: 1 } },
        samples,
      )
    },
    traffic: (
      second: number,
      id: string,
      name: string,
      inBps: number,
      outBps: number | bigint,
      speedBps = 100,
    ) =>
      sampleOf(
        'interface',
        { element: id, interface: name },
        { in_bps: inBps, out_bps: outBps, speed_bps: speedBps },
        second * 1000,
      ),
    tick: (second: number) => told.push(...detector.tick(second * 1000)),
    reach: (second: number, id: string) => detector.state(second * 1000).elements.get(id),
    portsDown: (second: number, id: string) => [...(detector.state(second * 1000).portsDown.get(id) ?? [])],
  }
}
