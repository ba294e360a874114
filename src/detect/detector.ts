import type { AlarmChange, AlarmId, NetworkAlarm } from '../model/alarm.ts'
import type { ElementId, NetworkElement } from '../model/network-element.ts'
import type { NetworkState } from '../model/network-state.ts'
import type { PollResult, ProbeName } from '../model/reading.ts'
import { isStateRule, type Rule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import type { Trap } from '../model/trap.ts'
import { afterFailure } from './agent-refusal.ts'
import { createAlarmBook } from './alarm-book.ts'
import { chooseAnew, createElementWatch, type ElementWatch, isDark, spotOf } from './element-watch.ts'
import type { FlappingSettings } from './flapping.ts'
import { createNetworkView } from './network-view.ts'
import { createPortStates } from './port-states.ts'
import { createRulebook, type RuleSurroundings } from './rulebook.ts'
import { createSampleStream } from './sample-stream.ts'
import { portEvidence } from './trap-evidence.ts'
import { createUnsentPolls } from './unsent-polls.ts'

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

export function createDetector(deps: DetectorDeps): Detector {
  const { rules, surroundings = {}, pollIntervalMs, flapping, newAlarmId } = deps
  const rulebook = createRulebook({ rules, pollIntervalMs, surroundings })
  const watches = new Map<ElementId, ElementWatch>()
  for (const element of deps.elements.values()) {
    const watch = createElementWatch(element, rulebook.rulesFor, pollIntervalMs)
    if (watch) watches.set(element.id, watch)
  }
  const book = createAlarmBook({ watches, newAlarmId, flapping, pollIntervalMs })
  const ports = createPortStates(book)
  const stream = createSampleStream(book, watches, pollIntervalMs)
  const view = createNetworkView(watches)
  let bornAt: number | undefined

  for (const alarm of deps.restless) book.restore(alarm)
  /** Alarms that nothing watches any more: the element or the rule is gone from the configuration. */
  let orphans = deps.active.flatMap((alarm) => {
    const because = book.restore(alarm)
    return because === undefined ? [] : [{ alarm, because }]
  })

  const begin = (now: number): void => {
    book.turnTo(now)
    bornAt ??= now
    for (const { alarm, because } of orphans) book.clearOrphan(alarm, because)
    orphans = []
  }

  const told = (): readonly AlarmChange<NetworkAlarm>[] => {
    stream.rest()
    return book.told()
  }

  const judgeState = (
    watch: ElementWatch,
    rule: Rule | undefined,
    isBad: boolean,
    at: number,
    detail?: string,
  ): void => {
    if (!rule || !isStateRule(rule)) return
    book.judge(watch, spotOf(watch, ''), rule, watch.rules.stateVerdict(rule, isBad, at, detail), at)
    book.settle()
  }

  function goDark(watch: ElementWatch): void {
    watch.wholeLosses.clear()
    for (const spot of watch.spots.values()) for (const series of spot.series) series.forget()
    book.darken(watch)
  }

  function acceptReach(watch: ElementWatch, reading: PollResult): void {
    const wasDark = isDark(watch)
    const cycle = watch.reach.accept(reading, book.now())
    const rule = watch.rules.stateRule('reachability', '')
    if (cycle.kind === 'answered') judgeState(watch, rule, false, reading.at)
    if (cycle.kind === 'missed') for (const at of cycle.cycles) judgeState(watch, rule, true, at)
    if (!wasDark && isDark(watch)) goDark(watch)
  }

  function acceptAgent(watch: ElementWatch, reading: PollResult & { probe: 'snmp' }): void {
    const rule = watch.rules.stateRule('agent', '')
    if (reading.outcome === 'answered') {
      watch.agentHeardAt = book.now()
      watch.agentTrouble = undefined
      judgeState(watch, rule, false, reading.at)
      if (!reading.agent) return
      if (watch.rules.learnAgent(reading.agent.system.objectId)) chooseRules(watch)
      ports.accept(watch, reading.agent, reading.at)
    } else if (reading.outcome === 'refused' || watch.reach.pathAnswers()) {
      watch.agentTrouble = afterFailure(watch.agentTrouble, reading)
      judgeState(watch, rule, true, reading.at, watch.agentTrouble.refusal)
    }
  }

  /** More is known of the element, so other rules may hold for it. */
  function chooseRules(watch: ElementWatch): void {
    chooseAnew(watch)
    watch.portsSeen = undefined
    book.clearUnwatched(watch)
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
      if (!isDark(watch)) for (const sample of samples) stream.accept(watch, sample)
      if (reading.probe === 'snmp') stream.clearGoneSensors(watch, samples, reading.at)
      return told()
    },
    acceptTrap(trap, now) {
      begin(now)
      const watch = watches.get(trap.element)
      const isPolled = watch !== undefined && now - watch.agentHeardAt <= watch.agentStaleMs && !isDark(watch)
      const evidence = isPolled ? portEvidence(trap, watch.polled, watch.trapped) : undefined
      if (watch && evidence) {
        watch.trapped.set(evidence.port, evidence)
        ports.acceptEvidence(watch, evidence, trap.kind)
      }
      return told()
    },
    acceptDays(samples, now) {
      begin(now)
      for (const sample of samples) {
        const watch = watches.get(sample.tags.element ?? '')
        if (watch) stream.judge(watch, sample)
      }
      return told()
    },
    tick(now) {
      begin(now)
      book.age()
      return told()
    },
    state: (now) => view(bornAt ?? now, now),
    active: book.active,
    live: book.live,
  }
}
