import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ruleSettings } from '../../../src/config/rules.ts'
import { createDetector } from '../../../src/detect/detector.ts'
import { type FlappingSettings, usualFlapping } from '../../../src/detect/flapping.ts'
import type { RuleSurroundings } from '../../../src/detect/rulebook.ts'
import {
  type AlarmChange,
  type AlarmId,
  alarmKey,
  type NetworkAlarm,
  resourceKey,
} from '../../../src/model/alarm.ts'
import type { Interface, InterfaceStatus } from '../../../src/model/interface.ts'
import { tableOf } from '../../../src/model/interface-table.ts'
import type { NetworkElement } from '../../../src/model/network-element.ts'
import type { PollOutcome, ProbeName, Reading } from '../../../src/model/reading.ts'
import type { Rule } from '../../../src/model/rule.ts'
import { type Sample, sampleOf } from '../../../src/model/sample.ts'
import type { Trap } from '../../../src/model/trap.ts'

/** The rules that are shipped. */
export const shippedRules: readonly Rule[] = ruleSettings
  .array()
  .parse(parse(readFileSync(new URL('../../../config/rules.yaml', import.meta.url), 'utf8')).rules)

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
  index = 1,
): Interface => ({
  element: on,
  name,
  index,
  description: '',
  alias: '',
  adminStatus,
  operStatus,
  speedBps: 1_000_000,
  seenAt: 0,
})

export interface BenchOptions {
  readonly rules?: readonly Rule[]
  readonly active?: readonly NetworkAlarm[]
  readonly restless?: readonly NetworkAlarm[]
  readonly flapping?: FlappingSettings
  readonly newAlarmId?: () => AlarmId
  readonly surroundings?: Partial<RuleSurroundings>
}

/** A detector that is fed by seconds, and that keeps what it told as short words: `raised unreachable a critical`. */
export function detectorBench(elements: readonly NetworkElement[], options: BenchOptions = {}) {
  let count = 0
  const told: AlarmChange[] = []
  const detector = createDetector({
    rules: options.rules ?? shippedRules,
    ...(options.surroundings ? { surroundings: options.surroundings } : {}),
    elements: new Map(elements.map((one) => [one.id, one])),
    active: options.active ?? [],
    restless: options.restless ?? [],
    flapping: options.flapping ?? usualFlapping,
    newAlarmId: options.newAlarmId ?? (() => `alarm-${++count}`),
    pollIntervalMs,
  })
  /** What a store would hold. */
  const stored = new Map<AlarmId, NetworkAlarm>(
    [...(options.restless ?? []), ...(options.active ?? [])].map((alarm) => [alarm.id, alarm]),
  )
  const keep = (changes: readonly AlarmChange<NetworkAlarm>[]) => {
    for (const { alarm } of changes) stored.set(alarm.id, alarm)
    told.push(...changes.filter(({ kind }) => kind !== 'kept'))
  }
  const accept = (second: number, reading: Reading, samples: readonly Sample[] = []) =>
    keep(detector.accept(reading, samples, second * 1000))
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
      resourceKey(alarm.resource),
      alarm.severity,
      ...(alarm.indeterminate ? ['indeterminate'] : []),
    ].join(' ')

  return {
    detector,
    told,
    /** The same in one word each: what happened. */
    steps: () => told.splice(0).map((change) => (change.kind === 'changed' ? change.what : change.kind)),
    /** What a process that starts now finds on disk. */
    carriedOver: () => {
      const all = [...stored.values()]
      const latest = new Map(
        all.filter(({ state }) => state === 'cleared').map((alarm) => [alarmKey(alarm), alarm]),
      )
      return { active: all.filter(({ state }) => state === 'active'), restless: [...latest.values()] }
    },
    /** What was told since the last call. */
    news: () => told.splice(0).map(words),
    poll(second: number, id: string, probe: ProbeName, outcome: PollOutcome, problem?: string) {
      accept(second, { ...base(id, second, outcome), probe, ...(problem === undefined ? {} : { problem }) })
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
    agent(
      second: number,
      id: string,
      ports: readonly Interface[],
      samples: readonly Sample[] = [],
      objectId = '',
      upTimeTicks = Math.floor(second * 100),
    ) {
      const interfaces = tableOf(ports.map((one) => ({ port: one, counters: { width: 64 } })))
      const system = { description: '', objectId, name: id, location: '', upTimeTicks }
      accept(
        second,
        { ...base(id, second, 'answered'), probe: 'snmp', agent: { system, interfaces, requests: 1 } },
        samples,
      )
    },
    /** A linkDown or linkUp of a port with the index 1, of an agent that started at second 0; authenticated, of now. */
    trap(
      second: number,
      id: string,
      kind: Trap['kind'],
      more: Partial<Trap> = {},
      usual: Partial<Trap> = {
        upTimeTicks: Math.floor(second * 100),
        interfaceIndex: 1,
        adminStatus: 'up',
      },
    ) {
      const trap: Trap = {
        element: id,
        at: Math.round(second * 1000),
        kind,
        oid: '1.3.6.1.6.3.1.1.5.3',
        version: '3',
        inform: false,
        authenticated: true,
        source: '127.0.0.1',
        ...usual,
        ...more,
      }
      keep(detector.acceptTrap(trap, trap.at))
    },
    /** A reading of a path probe with a sample of these fields. */
    measured(second: number, id: string, fields: Sample['fields'], probe: 'icmp' | 'stamp' = 'icmp') {
      const sample = { measurement: probe, tags: { element: id, vantage: 'nms' }, fields, at: second * 1000 }
      accept(second, { ...base(id, second, 'answered'), probe }, [sample])
    },
    days: (second: number, rows: readonly Sample[]) => keep(detector.acceptDays(rows, second * 1000)),
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
    tick: (second: number) => keep(detector.tick(second * 1000)),
    reach: (second: number, id: string) => detector.state(second * 1000).elements.get(id),
    portsDown: (second: number, id: string) => [...(detector.state(second * 1000).portsDown.get(id) ?? [])],
  }
}
