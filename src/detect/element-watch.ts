import type { AlarmType } from '../model/alarm.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { Measurement } from '../model/measurements.ts'
import type { NetworkElement } from '../model/network-element.ts'
import type { ElementState } from '../model/network-state.ts'
import type { ProbeName } from '../model/reading.ts'
import { isStateRule, type Rule, type StateIndicator, type StateRule, type ValueRule } from '../model/rule.ts'
import type { AlarmCell } from './alarm-cell.ts'
import { createReachTracker, type ReachTracker } from './reach-tracker.ts'
import { coversElement, type ReadyRule } from './rule-scope.ts'

/** Rules of one type and indicator in the order of the file: the first that fits holds. */
export type RuleChain<R extends Rule = Rule> = readonly ReadyRule<R>[]

/** What is kept for one polled element. */
export interface ElementWatch {
  readonly element: NetworkElement
  readonly reach: ReachTracker
  readonly reachability: RuleChain<StateRule>
  readonly agent: RuleChain<StateRule>
  readonly ports: RuleChain<StateRule>
  /** Value rules by the measurement that they read; `utilisation` reads `interface`. */
  readonly values: ReadonlyMap<string, readonly RuleChain<ValueRule>[]>
  /** By type, then by interface name; the empty name is the element itself. */
  readonly cells: Map<AlarmType, Map<InterfaceName, AlarmCell>>
  /** Values of bursts that were lost whole, by rule, until it is known whether the element was dark. */
  readonly wholeLosses: Map<string, { readonly at: number; readonly times: number }>
  /** Three intervals of the fastest probe, of the slowest, and of the agent, ms. */
  readonly staleMs: number
  readonly reachStaleMs: number
  readonly agentStaleMs: number
  /** Since when there is no newer reading; undefined before the first. */
  heardAt?: number
  agentHeardAt: number
  portsDown: ReadonlySet<InterfaceName>
  published?: ElementState
}

const measurementOf = ({ indicator }: ValueRule): Measurement =>
  indicator === 'utilisation' ? 'interface' : indicator.measurement
const indicatorKey = ({ indicator }: Rule): string =>
  typeof indicator === 'string' ? indicator : `${indicator.measurement}.${indicator.field}`

function chainsOf<R extends Rule>(ready: readonly ReadyRule<R>[]): readonly RuleChain<R>[] {
  const chains = new Map<string, ReadyRule<R>[]>()
  for (const one of ready) {
    const key = `${one.rule.type} ${indicatorKey(one.rule)}`
    const chain = chains.get(key)
    if (chain) chain.push(one)
    else chains.set(key, [one])
  }
  return [...chains.values()]
}

/** Undefined for an element that nothing polls. */
export function createElementWatch(
  element: NetworkElement,
  rules: readonly ReadyRule[],
  intervalMs: Readonly<Record<ProbeName, number>>,
): ElementWatch | undefined {
  const polled = (['icmp', 'stamp', 'snmp'] as const).filter((probe) => element.probes[probe])
  if (element.address === undefined || polled.length === 0) return undefined
  const covering = rules.filter(({ rule }) => coversElement(rule.scope, element))
  const stateRules = covering.filter((one): one is ReadyRule<StateRule> => isStateRule(one.rule))
  const valueRules = covering.filter((one): one is ReadyRule<ValueRule> => !isStateRule(one.rule))
  const about = (indicator: StateIndicator) => stateRules.filter(({ rule }) => rule.indicator === indicator)
  return {
    element,
    reach: createReachTracker(element.probes, intervalMs),
    reachability: about('reachability'),
    agent: about('agent'),
    ports: about('interface-status'),
    values: Map.groupBy(chainsOf(valueRules), ([first]) => (first ? measurementOf(first.rule) : '')),
    cells: new Map(),
    wholeLosses: new Map(),
    staleMs: 3 * Math.min(...polled.map((probe) => intervalMs[probe])),
    reachStaleMs: 3 * Math.max(...polled.map((probe) => intervalMs[probe])),
    agentStaleMs: 3 * intervalMs.snmp,
    agentHeardAt: -Infinity,
    portsDown: new Set(),
  }
}

export const findCell = (watch: ElementWatch, type: AlarmType, name: InterfaceName): AlarmCell | undefined =>
  watch.cells.get(type)?.get(name)

export function keepCell(watch: ElementWatch, cell: AlarmCell): AlarmCell {
  let ofType = watch.cells.get(cell.type)
  if (!ofType) {
    ofType = new Map()
    watch.cells.set(cell.type, ofType)
  }
  ofType.set(cell.resource.kind === 'interface' ? cell.resource.interface : '', cell)
  return cell
}

/** A cell without an alarm and without a bad sample is forgotten: a new one would say the same. */
export function dropIfIdle(watch: ElementWatch, cell: AlarmCell): void {
  if (cell.alarm || cell.evaluators.size > 0) return
  watch.cells.get(cell.type)?.delete(cell.resource.kind === 'interface' ? cell.resource.interface : '')
}
