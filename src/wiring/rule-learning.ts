import type { RuleSurroundings } from '../detect/rulebook.ts'
import type { NetworkAlarm } from '../model/alarm.ts'
import type { Inventory } from '../model/inventory.ts'
import type { ElementId } from '../model/network-element.ts'
import { isStateRule, type Rule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { SampleStore } from '../store/sample-store.ts'
import { createBaselineHistory } from './baseline-history.ts'
import { dailyRules, fullerDirections, storedDays } from './day-rows.ts'
import { createPortHistory } from './port-history.ts'
import { repeat } from './repeat.ts'
import { createHistory } from './rollup-history.ts'

export interface RuleLearningDeps {
  readonly rules: readonly Rule[]
  readonly surroundings: Pick<RuleSurroundings, 'baselines' | 'ports' | 'zoneOf'>
  readonly store: Pick<SampleStore, 'query' | 'columns'>
  readonly inventory: Pick<Inventory, 'targets'>
  /** Alarms that stand, those of before the restart among them. */
  readonly standing: () => readonly NetworkAlarm[]
  /** Rows of days, for detection. */
  readonly accept: (rows: readonly Sample[]) => void
  readonly clock: Clock
  readonly log: Logger
}

export interface RuleLearning {
  /** Peaks of days that have just been worked out. */
  peaks(rows: readonly Sample[]): void
  close(): Promise<void>
}

const everyMs = 15_000

/**
 * Brings to the rules what they know from the sample store: what is usual, which ports were up, the days before the
 * restart. Nothing waits for it; while the store is away these rules say nothing, and it is asked again.
 */
export function startRuleLearning(deps: RuleLearningDeps): RuleLearning {
  const { rules, surroundings, store, inventory, clock } = deps
  const { baselines, ports, zoneOf } = surroundings
  const closing = new AbortController()
  const history = createHistory(store, closing.signal)
  const daily = dailyRules(rules)
  const learnUsual = createBaselineHistory({ baselines, history, zoneOf })
  const learnPorts = createPortHistory({ store, ports })

  const polledAgents = [...inventory.targets.values()].filter(({ snmp }) => snmp !== undefined)
  const asksForPorts = rules.some((rule) => isStateRule(rule) && rule.ignoreUnused)
  let portsLeft = asksForPorts ? polledAgents.map(({ element }) => element) : []
  let daysLeft = daily.length === 0 ? [] : [...inventory.targets.keys()]
  /** Days that ended before those of the past were read: the order of days counts. */
  let early: Sample[] = []
  /** The last day of each element that was handed on. One may be worked out again; it was judged once. */
  const lastDay = new Map<ElementId, number>()

  const handOn = (rows: readonly Sample[]) => {
    const isNew = ({ tags: { element = '' }, at }: Sample) =>
      at > (lastDay.get(element) ?? Number.NEGATIVE_INFINITY)
    const news = rows.filter(isNew)
    for (const { tags, at } of news) lastDay.set(tags.element ?? '', at)
    if (news.length > 0) deps.accept(news)
  }

  const learnPast = async () => {
    for (const element of portsLeft) {
      await learnPorts(element, clock.now(), closing.signal)
      portsLeft = portsLeft.slice(1)
    }
    for (const element of daysLeft) {
      const rows = await storedDays(history, element, daily, deps.standing(), clock.now())
      daysLeft = daysLeft.slice(1)
      handOn(rows)
    }
    handOn(early)
    early = []
  }

  const loops = [
    repeat(() => learnUsual(clock.now()), everyMs, 'what is usual cannot be read', deps, closing.signal),
    learnOnce(learnPast, deps, closing.signal),
  ]
  return {
    peaks(rows) {
      if (daily.length === 0) return
      const judged = fullerDirections(rows)
      if (daysLeft.length > 0) early.push(...judged)
      else handOn(judged)
    },
    async close() {
      closing.abort()
      await Promise.all(loops)
    },
  }
}

/** Until it succeeds. */
async function learnOnce(
  work: () => Promise<void>,
  { clock, log }: Pick<RuleLearningDeps, 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  for (let failing = false; !signal.aborted; ) {
    try {
      await work()
      return
    } catch (err) {
      if (signal.aborted) return
      if (!failing) log.warn({ err }, 'ports and days of the past cannot be read')
      failing = true
    }
    await clock.sleep(everyMs, signal)
  }
}
