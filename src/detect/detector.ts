import type { AlarmChange, AlarmId, NetworkAlarm } from '../model/alarm.ts'
import { type Interface, type InterfaceName, isFaulty } from '../model/interface.ts'
import type { InterfaceList } from '../model/interface-list.ts'
import type { ElementId, NetworkElement } from '../model/network-element.ts'
import type { ElementState, NetworkState } from '../model/network-state.ts'
import type { AgentSummary, PollResult, ProbeName } from '../model/reading.ts'
import { isStateRule, type Rule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import type { Trap } from '../model/trap.ts'
import {
  type CellDeps,
  createCell,
  feed,
  forgetPending,
  isIdle,
  isStale,
  liveAlarm,
  restoreCell,
} from './alarm-cell.ts'
import { clearAlarm, markIndeterminate, settle } from './alarm-states.ts'
import { elementState } from './element-state.ts'
import {
  chooseAnew,
  createElementWatch,
  downPorts,
  dropCell,
  type ElementWatch,
  isDark,
  keepCell,
  type NetworkCell,
  ownCell,
  type Spot,
  spotOf,
  spotOfResource,
  spotOfSample,
} from './element-watch.ts'
import type { FlappingSettings } from './flapping.ts'
import { createRulebook, type RuleSurroundings, rhythmOf } from './rulebook.ts'
import type { Tell } from './sample-judge.ts'
import { numberOf } from './sample-value.ts'
import { type PortEvidence, portEvidence } from './trap-evidence.ts'
import { createUnsentPolls } from './unsent-polls.ts'
import type { Verdict } from './verdict.ts'

export interface DetectorDeps {
  /** In the order of the file. */
  readonly rules: readonly Rule[]
  /** What rules ask of the world besides samples. */
  readonly surroundings?: Partial<RuleSurroundings>
  readonly elements: ReadonlyMap<ElementId, NetworkElement>
  /** Alarms that stood when the process stopped: nothing is raised or cleared twice. */
  readonly active: readonly NetworkAlarm[]
  /** Cleared ones that may still count towards flapping. */
  readonly restless: readonly NetworkAlarm[]
  readonly flapping: FlappingSettings
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
  accept(reading: PollResult, samples: readonly Sample[], now: number): readonly AlarmChange<NetworkAlarm>[]
  /** A trap. One that is evidence of a port's state counts like a poll of it; any other changes nothing. */
  acceptTrap(trap: Trap, now: number): readonly AlarmChange<NetworkAlarm>[]
  /** Samples that no poll brings: those of a whole day. */
  acceptDays(samples: readonly Sample[], now: number): readonly AlarmChange<NetworkAlarm>[]
  /** What follows from time alone: data that stayed away. Call it about once a second. */
  tick(now: number): readonly AlarmChange<NetworkAlarm>[]
  /** Polled elements only: one that nothing polls has no entry. */
  state(now: number): NetworkState
  /** As they were at their last change: what is made of them changes when they do. */
  active(): readonly NetworkAlarm[]
  /** The same as they are this moment: with the last value, and whether good samples are coming. */
  live(): readonly NetworkAlarm[]
}

/** After so many polls of an answering agent without the interface it is taken for removed. */
const absentPolls = 3
/** What is measured more rarely is not told by polls, so it is not old because the element is dark, ms. */
const dailyMs = 12 * 3_600_000

/** Neither good nor bad: the port is not there, or its agent cannot tell. */
const isUndecided = (port: Pick<Interface, 'operStatus'>): boolean =>
  port.operStatus === 'unknown' || port.operStatus === 'notPresent'

export function createDetector(deps: DetectorDeps): Detector {
  const { rules, surroundings = {}, pollIntervalMs, flapping } = deps
  const rulebook = createRulebook({ rules, pollIntervalMs, surroundings })
  const watches = new Map<ElementId, ElementWatch>()
  for (const element of deps.elements.values()) {
    const watch = createElementWatch(element, rulebook.rulesFor, pollIntervalMs)
    if (watch) watches.set(element.id, watch)
  }
  const standing = new Map<string, NetworkCell>()
  let bornAt: number | undefined
  let changes: AlarmChange<NetworkAlarm>[] = []
  /** What is being judged, so that what is said of it needs no search. */
  let judgedSample: Sample | undefined
  let judgedWatch: ElementWatch | undefined
  let judgedSpot: Spot | undefined
  let fed: { readonly watch: ElementWatch; readonly spot: Spot; readonly cell: NetworkCell }[] = []
  let clock = 0

  /** Of a flapping element it is not told either that its other alarms come and go with it. */
  const isToBeSilent = ({ resource }: NetworkCell, change: AlarmChange): boolean => {
    if (change.kind !== 'changed' || !(change.what === 'indeterminate' || change.what === 'measured'))
      return false
    const watch = watches.get(resource.element)
    return watch !== undefined && ownCell(watch, 'unreachable')?.alarm?.phase === 'flapping'
  }

  const cellDeps: CellDeps<NetworkCell['resource']> = {
    newAlarmId: deps.newAlarmId,
    flapping,
    emit(change, cell) {
      if (change.kind === 'cleared') standing.delete(cell.key)
      else standing.set(cell.key, cell)
      changes.push(isToBeSilent(cell, change) ? { kind: 'kept', alarm: change.alarm } : change)
    },
  }
  const { emit } = cellDeps

  const staleMsOf = (watch: ElementWatch, rule: Rule): number => {
    if (!isStateRule(rule)) return 3 * rhythmOf(rule, pollIntervalMs)
    // A vote may fall to the slowest probe when the others are filtered.
    return rule.indicator === 'reachability' ? watch.reachStaleMs : watch.agentStaleMs
  }

  const cellFor = (watch: ElementWatch, spot: Spot, rule: Rule, heardAt: number): NetworkCell => {
    const known = spot.cells.get(rule.type)
    if (known) return known
    const cell = createCell(spot.resource, rule.type, staleMsOf(watch, rule), heardAt)
    keepCell(watch, spot, cell)
    return cell
  }

  /** The good path: no cell, no bad verdict, nothing to do and nothing allocated. */
  function judge(watch: ElementWatch, spot: Spot, rule: Rule, verdict: Verdict, at: number): void {
    if (verdict.kind !== 'bad' && !spot.cells.has(rule.type)) return
    const cell = cellFor(watch, spot, rule, clock)
    feed(cell, rule, verdict, at, clock)
    if (!fed.some((one) => one.cell === cell)) fed.push({ watch, spot, cell })
  }

  /** Once all rules have had their say about a sample, so that none is told of what the next one takes back. */
  function settleFed(): void {
    if (fed.length === 0) return
    for (const { watch, spot, cell } of fed) {
      settle(cell, clock, cellDeps)
      if (isIdle(cell, clock, flapping)) dropCell(watch, spot, cell)
    }
    fed = []
  }

  const judgeState = (watch: ElementWatch, rule: Rule | undefined, isBad: boolean, at: number): void => {
    if (!rule || !isStateRule(rule)) return
    judge(watch, spotOf(watch, ''), rule, watch.rules.stateVerdict(rule, isBad, at), at)
    settleFed()
  }

  /** What was measured of a dark element is old: its alarms are indeterminate, and what was gathering is forgotten. */
  function goDark(watch: ElementWatch): void {
    watch.wholeLosses.clear()
    for (const spot of watch.spots.values()) for (const series of spot.series) series.forget()
    for (const spot of watch.troubled)
      for (const cell of spot.cells.values()) {
        if (cell.type === 'unreachable' || cell.staleMs > dailyMs) continue
        if (cell.alarm) markIndeterminate(cell, clock, cellDeps)
        else forgetPending(cell)
        if (isIdle(cell, clock, flapping)) dropCell(watch, spot, cell)
      }
  }

  function acceptReach(watch: ElementWatch, reading: PollResult): void {
    const wasDark = isDark(watch)
    const cycle = watch.reach.accept(reading, clock)
    const rule = watch.rules.stateRule('reachability', '')
    if (cycle.kind === 'answered') judgeState(watch, rule, false, reading.at)
    if (cycle.kind === 'missed') for (const at of cycle.cycles) judgeState(watch, rule, true, at)
    if (!wasDark && isDark(watch)) goDark(watch)
  }

  function acceptAgent(watch: ElementWatch, reading: PollResult & { probe: 'snmp' }): void {
    const rule = watch.rules.stateRule('agent', '')
    if (reading.outcome === 'answered') {
      watch.agentHeardAt = clock
      judgeState(watch, rule, false, reading.at)
      if (!reading.agent) return
      if (watch.rules.learnAgent(reading.agent.system.objectId)) chooseRules(watch)
      acceptPorts(watch, reading.agent, reading.at)
    } else if (reading.outcome === 'refused' || watch.reach.pathAnswers())
      judgeState(watch, rule, true, reading.at)
  }

  /** More is known of the element: what no rule watches any more is cleared. */
  function chooseRules(watch: ElementWatch): void {
    chooseAnew(watch)
    watch.portsSeen = undefined
    for (const { cells } of watch.troubled)
      for (const cell of cells.values())
        if (cell.alarm && !watch.rules.ruleOf(cell.alarm))
          clearAlarm(cell, clock, clock, emit, 'no rule holds for it any more')
  }

  function acceptPorts(watch: ElementWatch, { system, interfaces }: AgentSummary, at: number): void {
    const { ports } = interfaces
    const { trapped } = watch
    for (const [name, evidence] of trapped)
      if (evidence.at <= at || evidence.at - at > watch.agentStaleMs) trapped.delete(name)
    watch.polled = { ports, upTimeTicks: system.upTimeTicks, at }
    let down: Set<InterfaceName> | undefined
    const isWatched = watch.rules.watches('interface-status')
    for (let row = 0; row < ports.length; row++) {
      const port = { adminStatus: ports.adminStatus(row), operStatus: ports.operStatus(row) }
      const isBad = isFaulty(port)
      if (!isBad && ports === watch.portsSeen && watch.troubled.size === 0 && trapped.size === 0) continue
      const name = ports.name(row)
      // This poll began before the trap came, and may have looked before it happened.
      const proved = trapped.size === 0 ? undefined : trapped.get(name)
      if (proved?.isDown ?? isBad) {
        down ??= new Set()
        down.add(name)
      }
      if (!isWatched || proved) continue
      if (port.operStatus === 'up') watch.rules.sawUp(name)
      if ((!isBad && watch.troubled.size === 0) || isUndecided(port)) continue
      const spot = spotOf(watch, name)
      const rule = spot.portRule
      if (!rule) continue
      // What stands, stands, whether or not it is still known that the port was used.
      if (isBad && !spot.cells.has(rule.type) && watch.rules.leavesOut(rule, name)) continue
      judge(watch, spot, rule, watch.rules.stateVerdict(rule, isBad, at), at)
      settleFed()
    }
    if (down || watch.portsDown.size > 0) watch.portsDown = down ?? new Set()
    if (watch.troubled.size > 0) clearVanished(watch, ports, at)
    watch.portsSeen = ports
  }

  function acceptEvidence(watch: ElementWatch, { port, isDown, at }: PortEvidence, kind: Trap['kind']): void {
    const down = new Set(watch.portsDown)
    if (isDown) down.add(port)
    else down.delete(port)
    watch.portsDown = down
    if (!isDown) watch.rules.sawUp(port)
    const spot = spotOf(watch, port)
    const rule = spot.portRule
    if (!rule || (isDown && !spot.cells.has(rule.type) && watch.rules.leavesOut(rule, port))) return
    const verdict = watch.rules.stateVerdict(rule, isDown, at)
    const detail = `told by an authenticated ${kind} trap`
    // It happened before it came, and a poll that begins in the same millisecond is later.
    judge(watch, spot, rule, verdict.kind === 'bad' ? { ...verdict, detail } : verdict, at - 1)
    settleFed()
  }

  function clearVanished(watch: ElementWatch, ports: InterfaceList, at: number): void {
    let listed: ReadonlySet<InterfaceName> | undefined
    for (const spot of watch.troubled) {
      if (spot.resource.kind !== 'interface') continue
      listed ??= new Set(ports.map((port) => port.name))
      const isListed = listed.has(spot.name)
      for (const cell of spot.cells.values()) {
        if (isListed) cell.absent = 0
        else if (++cell.absent >= absentPolls) {
          clearAlarm(cell, at, clock, emit, 'its agent does not list the interface any more')
          dropCell(watch, spot, cell)
        }
      }
    }
  }

  /** A transceiver was pulled. A poll that brings no sensor at all says nothing: they could not be read. */
  function clearGoneSensors(watch: ElementWatch, samples: readonly Sample[], at: number): void {
    let listed: ReadonlySet<Spot> | undefined
    for (const spot of watch.troubled) {
      if (spot.resource.kind !== 'sensor') continue
      listed ??= new Set(
        samples.flatMap((sample) => (sample.measurement === 'sensor' ? [spotOfSample(watch, sample)] : [])),
      )
      if (listed.size === 0) return
      for (const cell of spot.cells.values()) {
        if (listed.has(spot)) cell.absent = 0
        else if (++cell.absent >= absentPolls) {
          clearAlarm(cell, at, clock, emit, 'its agent does not list the sensor any more')
          dropCell(watch, spot, cell)
        }
      }
    }
  }

  const tell: Tell = (sample, rule, verdict) => {
    if (judgedWatch && judgedSpot && judgedSample === sample) {
      judge(judgedWatch, judgedSpot, rule, verdict, sample.at)
      return
    }
    const watch = watches.get(sample.tags.element ?? '')
    if (watch) judge(watch, spotOfSample(watch, sample), rule, verdict, sample.at)
  }

  function judgeSample(watch: ElementWatch, sample: Sample): void {
    if (sample.measurement === 'sensor' && !watch.rules.judges('sensor')) return
    const spot = spotOfSample(watch, sample)
    let series = spot.series.find(({ measurement }) => measurement === sample.measurement)
    if (!series) {
      series = watch.rules.seriesOf(sample)
      spot.series = [...spot.series, series]
    }
    judgedSample = sample
    judgedWatch = watch
    judgedSpot = spot
    series.judge(sample, tell)
    settleFed()
  }

  /**
   * A burst that was lost whole belongs to reachability. It is kept back: when the next burst comes through it was
   * loss after all; two in a row are no loss but an element, or a reflector, that does not answer, and of one from before
   * a gap nobody knows.
   */
  function acceptSample(watch: ElementWatch, sample: Sample): void {
    const { measurement } = sample
    if (measurement === 'icmp' || measurement === 'stamp') {
      const before = watch.wholeLosses.get(measurement)
      if (numberOf(sample.fields.loss_ratio) >= 1) {
        watch.wholeLosses.set(measurement, { sample, times: (before?.times ?? 0) + 1 })
        return
      }
      if (before) {
        watch.wholeLosses.delete(measurement)
        const isRecent = Math.abs(sample.at - before.sample.at) <= 3 * pollIntervalMs[measurement]
        if (before.times === 1 && isRecent) judgeSample(watch, before.sample)
      }
    }
    judgeSample(watch, sample)
  }

  /** Alarms that nothing watches any more: the element or the rule is gone from the configuration. */
  let orphans: readonly (readonly [alarm: NetworkAlarm, because: string])[] = []
  const begin = (now: number) => {
    clock = now
    bornAt ??= now
    for (const [alarm, clearedBecause] of orphans) {
      const { phase: _, ...rest } = alarm
      const over = { state: 'cleared', indeterminate: false, restoredAt: now, clearedAt: now } as const
      changes.push({ kind: 'cleared', alarm: { ...rest, ...over, clearedBecause } })
    }
    orphans = []
  }

  const told = (): readonly AlarmChange<NetworkAlarm>[] => {
    judgedSample = undefined
    judgedWatch = undefined
    judgedSpot = undefined
    const all = changes
    changes = []
    return all
  }

  function restore(alarm: NetworkAlarm): string | undefined {
    const { resource } = alarm
    const watch = watches.get(resource.element)
    if (!watch) return 'the element is not polled any more'
    const rule = watch.rules.ruleOf(alarm)
    if (!rule) return 'no rule holds for it any more'
    const cell = cellFor(watch, spotOfResource(watch, resource), rule, Number.NEGATIVE_INFINITY)
    restoreCell(cell, alarm, rule)
    if (cell.alarm) standing.set(cell.key, cell)
    return undefined
  }
  for (const alarm of deps.restless) restore(alarm)
  orphans = deps.active.flatMap((alarm) => {
    const because = restore(alarm)
    return because === undefined ? [] : [[alarm, because] as const]
  })

  /** As last told; who keeps it must not see it change. */
  let shown: ReadonlyMap<ElementId, ElementState> = new Map()
  /** Without a poll only time can change it: what is known grows old, and a clock that is set back makes it young again. */
  function stateOf(watch: ElementWatch, now: number): ElementState {
    const { published, heardAt, staleMs } = watch
    const isOld = heardAt === undefined || now - heardAt > staleMs
    if (published && watch.isPublished && isOld === (published.reach === 'unknown')) return published
    const state = elementState(watch, bornAt ?? now, now)
    watch.published = state
    watch.isPublished = true
    return state
  }

  return {
    accept(reading, samples, now) {
      begin(now)
      const watch = watches.get(reading.element)
      if (!watch?.element.probes[reading.probe]) return told()
      watch.isPublished = false
      if (reading.outcome === 'notSent') watch.unsent ??= createUnsentPolls()
      watch.unsent?.accept(reading)
      if (reading.outcome === 'notSent') return told()
      watch.heardAt = now
      acceptReach(watch, reading)
      if (reading.probe === 'snmp') acceptAgent(watch, reading)
      if (!isDark(watch)) for (const sample of samples) acceptSample(watch, sample)
      if (reading.probe === 'snmp') clearGoneSensors(watch, samples, reading.at)
      return told()
    },
    acceptTrap(trap, now) {
      begin(now)
      const watch = watches.get(trap.element)
      const isPolled = watch !== undefined && now - watch.agentHeardAt <= watch.agentStaleMs && !isDark(watch)
      const evidence = isPolled ? portEvidence(trap, watch.polled, watch.trapped) : undefined
      if (watch && evidence) {
        watch.trapped.set(evidence.port, evidence)
        acceptEvidence(watch, evidence, trap.kind)
      }
      return told()
    },
    acceptDays(samples, now) {
      begin(now)
      for (const sample of samples) {
        const watch = watches.get(sample.tags.element ?? '')
        if (watch) judgeSample(watch, sample)
      }
      return told()
    },
    tick(now) {
      begin(now)
      for (const cell of standing.values())
        if (cell.alarm?.indeterminate === false && isStale(cell, now)) markIndeterminate(cell, now, cellDeps)
      return told()
    },
    state(now) {
      let elements: Map<ElementId, ElementState> | undefined
      const portsDown = new Map<ElementId, ReadonlySet<InterfaceName>>()
      for (const [id, watch] of watches) {
        const state = stateOf(watch, now)
        if (state !== shown.get(id)) {
          elements ??= new Map(shown)
          elements.set(id, state)
        }
        if (now - watch.agentHeardAt > watch.agentStaleMs || state.reach === 'dark') continue
        const down = downPorts(watch)
        if (down.size > 0) portsDown.set(id, down)
      }
      shown = elements ?? shown
      return { elements: shown, portsDown }
    },
    active: () => [...standing.values()].flatMap(({ alarm }) => alarm ?? []),
    live: () => [...standing.values()].flatMap((cell) => liveAlarm(cell) ?? []),
  }
}
