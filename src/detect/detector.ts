import { type Alarm, type AlarmChange, type AlarmId, alarmKey, type Resource } from '../model/alarm.ts'
import { type Interface, type InterfaceName, isFaulty } from '../model/interface.ts'
import type { InterfaceList } from '../model/interface-list.ts'
import type { ElementId, NetworkElement } from '../model/network-element.ts'
import type { ElementState, NetworkState } from '../model/network-state.ts'
import type { AgentSummary, PollResult, ProbeName } from '../model/reading.ts'
import type { Rule, ValueRule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import {
  type AlarmCell,
  clearAlarm,
  createCell,
  markIndeterminate,
  observe,
  restoreCell,
} from './alarm-cell.ts'
import { elementState } from './element-state.ts'
import { createElementWatch, dropIfIdle, type ElementWatch, findCell, keepCell } from './element-watch.ts'
import { limitsOf } from './evaluator.ts'
import { firstFor, readyRule } from './rule-scope.ts'
import { sampleValue } from './sample-value.ts'

export interface DetectorDeps {
  /** In the order of the file. */
  readonly rules: readonly Rule[]
  readonly elements: ReadonlyMap<ElementId, NetworkElement>
  /** Alarms that stood when the process stopped: nothing is raised or cleared twice. */
  readonly active: readonly Alarm[]
  readonly newAlarmId: (now: number) => AlarmId
  /** Time between two polls by probe, ms: without data for three of them an alarm is indeterminate. */
  readonly pollIntervalMs: Readonly<Record<ProbeName, number>>
}

/**
 * Judges the stream in memory. It reads no clock: `now` is UTC epoch milliseconds. When it is set back by more than three
 * polls, what was gathered before is forgotten and what stands stays.
 */
export interface Detector {
  /** One poll and the samples made from it. */
  accept(reading: PollResult, samples: readonly Sample[], now: number): readonly AlarmChange[]
  /** What follows from time alone: data that stayed away. Call it about once a second. */
  tick(now: number): readonly AlarmChange[]
  /** Polled elements only: one that nothing polls has no entry. */
  state(now: number): NetworkState
  active(): readonly Alarm[]
}

/** After so many polls of an answering agent without the interface it is taken for removed. */
const absentPolls = 3

/** Neither good nor bad: the port is not there, or its agent cannot tell. */
const isUndecided = (port: Pick<Interface, 'operStatus'>): boolean =>
  port.operStatus === 'unknown' || port.operStatus === 'notPresent'

export function createDetector(deps: DetectorDeps): Detector {
  const { pollIntervalMs, newAlarmId } = deps
  const ready = deps.rules.map(readyRule)
  const watches = new Map<ElementId, ElementWatch>()
  for (const element of deps.elements.values()) {
    const watch = createElementWatch(element, ready, pollIntervalMs)
    if (watch) watches.set(element.id, watch)
  }
  const standing = new Map<string, { readonly cell: AlarmCell; readonly watch: ElementWatch }>()
  /** Alarms that no rule watches any more: the element or the rule is gone. */
  let orphans: readonly Alarm[] = []
  let bornAt: number | undefined
  let changes: AlarmChange[] = []

  const staleMsOf = (watch: ElementWatch, rule: Rule): number => {
    const { indicator } = rule
    // A vote may fall to the slowest probe when the others are filtered.
    if (indicator === 'reachability') return watch.reachStaleMs
    const probe = typeof indicator === 'string' ? 'snmp' : indicator.measurement
    return probe === 'icmp' || probe === 'stamp' ? 3 * pollIntervalMs[probe] : watch.agentStaleMs
  }

  const emitFor = (watch: ElementWatch, cell: AlarmCell) => (change: AlarmChange) => {
    if (change.kind === 'cleared') standing.delete(alarmKey(cell))
    else standing.set(alarmKey(cell), { cell, watch })
    changes.push(change)
  }

  const cellFor = (watch: ElementWatch, rule: Rule, name: InterfaceName, now: number): AlarmCell => {
    const { id } = watch.element
    const resource: Resource =
      name === '' ? { kind: 'element', element: id } : { kind: 'interface', element: id, interface: name }
    return (
      findCell(watch, rule.type, name) ??
      keepCell(watch, createCell(resource, rule.type, staleMsOf(watch, rule), now))
    )
  }

  /** The good path: no cell, no bad value, nothing to do and nothing allocated. */
  function judge(
    watch: ElementWatch,
    rule: Rule | undefined,
    name: InterfaceName,
    value: number,
    at: number,
    now: number,
  ): void {
    if (!rule || (value < limitsOf(rule).raise && !findCell(watch, rule.type, name))) return
    const cell = cellFor(watch, rule, name, now)
    observe(cell, rule, value, at, now, { newAlarmId, emit: emitFor(watch, cell) })
    dropIfIdle(watch, cell)
  }

  const unreachable = (watch: ElementWatch): Alarm | undefined => findCell(watch, 'unreachable', '')?.alarm

  /** What was measured of a dark element is old: its alarms are indeterminate, and what was gathering is forgotten. */
  function goDark(watch: ElementWatch): void {
    watch.wholeLosses.clear()
    for (const [type, ofType] of watch.cells) {
      if (type === 'unreachable') continue
      for (const [name, cell] of ofType) {
        if (cell.alarm) markIndeterminate(cell, emitFor(watch, cell))
        else ofType.delete(name)
      }
    }
  }

  function acceptReach(watch: ElementWatch, reading: PollResult, now: number): void {
    const wasDark = unreachable(watch) !== undefined
    const cycle = watch.reach.accept(reading, now)
    const rule = watch.reachability[0]?.rule
    if (cycle.kind === 'answered') judge(watch, rule, '', 0, reading.at, now)
    if (cycle.kind === 'missed') for (const at of cycle.cycles) judge(watch, rule, '', 1, at, now)
    if (!wasDark && unreachable(watch)) goDark(watch)
  }

  function acceptAgent(watch: ElementWatch, reading: PollResult & { probe: 'snmp' }, now: number): void {
    const rule = watch.agent[0]?.rule
    if (reading.outcome === 'answered') {
      watch.agentHeardAt = now
      judge(watch, rule, '', 0, reading.at, now)
      if (reading.agent) acceptPorts(watch, reading.agent, reading.at, now)
    } else if (reading.outcome === 'refused' || watch.reach.pathAnswers())
      judge(watch, rule, '', 1, reading.at, now)
  }

  function acceptPorts(watch: ElementWatch, { interfaces }: AgentSummary, at: number, now: number): void {
    const { ports } = interfaces
    const down = new Set<InterfaceName>()
    for (let row = 0; row < ports.length; row++) {
      const port = { adminStatus: ports.adminStatus(row), operStatus: ports.operStatus(row) }
      const isDown = isFaulty(port)
      const name = ports.name(row)
      if (isDown) down.add(name)
      if (!isUndecided(port)) judge(watch, firstFor(watch.ports, name), name, isDown ? 1 : 0, at, now)
    }
    if (down.size > 0 || watch.portsDown.size > 0) watch.portsDown = down
    clearVanished(watch, ports, at, now)
  }

  function clearVanished(watch: ElementWatch, ports: InterfaceList, at: number, now: number): void {
    let listed: ReadonlySet<InterfaceName> | undefined
    for (const ofType of watch.cells.values())
      for (const [name, cell] of ofType) {
        if (name === '') continue
        listed ??= new Set(ports.map((port) => port.name))
        if (listed.has(name)) cell.absent = 0
        else if (++cell.absent >= absentPolls) {
          clearAlarm(cell, at, now, emitFor(watch, cell))
          ofType.delete(name)
        }
      }
  }

  /**
   * A burst that was lost whole belongs to reachability. It is kept back: when the next burst comes through it was
   * loss after all; two in a row are no loss but an element, or a reflector, that does not answer.
   */
  function isWholeLoss(
    watch: ElementWatch,
    rule: ValueRule,
    value: number,
    at: number,
    now: number,
  ): boolean {
    if (rule.type !== 'packet-loss') return false
    const kept = watch.wholeLosses.get(rule.id)
    if (value >= 1) {
      watch.wholeLosses.set(rule.id, { at, times: (kept?.times ?? 0) + 1 })
      return true
    }
    if (kept) {
      watch.wholeLosses.delete(rule.id)
      if (kept.times === 1) judge(watch, rule, '', 1, kept.at, now)
    }
    return false
  }

  function acceptSample(watch: ElementWatch, sample: Sample, now: number): void {
    const chains = watch.values.get(sample.measurement)
    if (!chains) return
    const name = sample.tags.interface ?? ''
    for (const chain of chains) {
      const rule = firstFor(chain, name)
      const value = rule && sampleValue(rule, sample)
      if (rule === undefined || value === undefined) continue
      if (!isWholeLoss(watch, rule, value, sample.at, now)) judge(watch, rule, name, value, sample.at, now)
    }
  }

  const sweep = (now: number) => {
    bornAt ??= now
    for (const alarm of orphans)
      changes.push({
        kind: 'cleared',
        alarm: { ...alarm, state: 'cleared', indeterminate: false, restoredAt: now, clearedAt: now },
      })
    orphans = []
  }

  const told = (): readonly AlarmChange[] => {
    const all = changes
    changes = []
    return all
  }

  function ruleFor(watch: ElementWatch, { rule, type, resource }: Alarm): Rule | undefined {
    const name = resource.kind === 'interface' ? resource.interface : ''
    const chains = [watch.reachability, watch.agent, watch.ports, ...[...watch.values.values()].flat()]
    const fitting = chains.flatMap((chain) => firstFor<Rule>(chain, name) ?? [])
    const ofType = fitting.filter((one) => one.type === type)
    return ofType.find((one) => one.id === rule) ?? ofType[0]
  }

  orphans = deps.active.filter((alarm) => {
    const watch = watches.get(alarm.resource.element)
    const rule = watch && ruleFor(watch, alarm)
    if (!watch || !rule) return true
    const name = alarm.resource.kind === 'interface' ? alarm.resource.interface : ''
    const cell = cellFor(watch, rule, name, -Infinity)
    restoreCell(cell, alarm, rule)
    standing.set(alarmKey(cell), { cell, watch })
    return false
  })

  return {
    accept(reading, samples, now) {
      sweep(now)
      const watch = watches.get(reading.element)
      if (!watch || reading.outcome === 'notSent' || !watch.element.probes[reading.probe]) return told()
      watch.heardAt = now
      acceptReach(watch, reading, now)
      if (reading.probe === 'snmp') acceptAgent(watch, reading, now)
      if (!unreachable(watch)) for (const sample of samples) acceptSample(watch, sample, now)
      return told()
    },
    tick(now) {
      sweep(now)
      for (const { cell, watch } of standing.values()) {
        if (cell.heardAt === -Infinity) cell.heardAt = now
        if (now - cell.heardAt > cell.staleMs) markIndeterminate(cell, emitFor(watch, cell))
      }
      return told()
    },
    state(now) {
      const elements = new Map<ElementId, ElementState>()
      const portsDown = new Map<ElementId, ReadonlySet<InterfaceName>>()
      for (const [id, watch] of watches) {
        const state = elementState(watch, bornAt ?? now, now)
        watch.published = state
        elements.set(id, state)
        const fresh = now - watch.agentHeardAt <= watch.agentStaleMs
        if (watch.portsDown.size > 0 && fresh && state.reach !== 'dark') portsDown.set(id, watch.portsDown)
      }
      return { elements, portsDown }
    },
    active: () => [...standing.values()].flatMap(({ cell }) => cell.alarm ?? []),
  }
}
