import type { AlarmType, NetworkResource } from '../model/alarm.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { InterfaceList } from '../model/interface-list.ts'
import type { Measurement } from '../model/measurements.ts'
import type { NetworkElement } from '../model/network-element.ts'
import type { ElementState } from '../model/network-state.ts'
import type { ProbeName } from '../model/reading.ts'
import type { StateRule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import type { AlarmCell } from './alarm-cell.ts'
import type { ElementRules, SeriesJudge } from './element-rules.ts'
import { createReachTracker, type ReachTracker } from './reach-tracker.ts'

export type NetworkCell = AlarmCell<NetworkResource>

/** What alarms are about: the element itself or one of its interfaces. Made when something is first heard of it. */
export interface Spot {
  readonly name: InterfaceName
  readonly resource: NetworkResource
  readonly cells: Map<AlarmType, NetworkCell>
  /** What judges its samples, worked out at the first of each measurement. */
  readonly series: Map<Measurement, SeriesJudge>
  /** About the state of the port; undefined: none. */
  portRule: StateRule | undefined
}

/** A burst that was lost whole, kept back until it is known whether the element was dark. */
export interface WholeLoss {
  readonly sample: Sample
  readonly times: number
}

/** What is kept for one polled element. */
export interface ElementWatch {
  readonly element: NetworkElement
  readonly rules: ElementRules
  readonly reach: ReachTracker
  /** By interface name; the empty name is the element itself. */
  readonly spots: Map<InterfaceName, Spot>
  /** Those that have a cell. */
  readonly troubled: Set<Spot>
  readonly wholeLosses: Map<Measurement, WholeLoss>
  /** Three intervals of the fastest probe, of the slowest, and of the agent, ms. */
  readonly staleMs: number
  readonly reachStaleMs: number
  readonly agentStaleMs: number
  /** Since when there is no newer reading; undefined before the first. */
  heardAt?: number
  agentHeardAt: number
  portsDown: ReadonlySet<InterfaceName>
  /** Those of the last poll; the same object while nothing was renamed and no state changed. */
  portsSeen?: InterfaceList | undefined
  published?: ElementState
}

/** Undefined for an element that nothing polls. */
export function createElementWatch(
  element: NetworkElement,
  rulesFor: (element: NetworkElement) => ElementRules,
  intervalMs: Readonly<Record<ProbeName, number>>,
): ElementWatch | undefined {
  const polled = (['icmp', 'stamp', 'snmp'] as const).filter((probe) => element.probes[probe])
  if (element.address === undefined || polled.length === 0) return undefined
  return {
    element,
    rules: rulesFor(element),
    reach: createReachTracker(element.probes, intervalMs),
    spots: new Map(),
    troubled: new Set(),
    wholeLosses: new Map(),
    staleMs: 3 * Math.min(...polled.map((probe) => intervalMs[probe])),
    reachStaleMs: 3 * Math.max(...polled.map((probe) => intervalMs[probe])),
    agentStaleMs: 3 * intervalMs.snmp,
    agentHeardAt: -Infinity,
    portsDown: new Set(),
  }
}

export function spotOf({ element, rules, spots }: ElementWatch, name: InterfaceName): Spot {
  const known = spots.get(name)
  if (known) return known
  const { id } = element
  const spot: Spot = {
    name,
    resource:
      name === '' ? { kind: 'element', element: id } : { kind: 'interface', element: id, interface: name },
    cells: new Map(),
    series: new Map(),
    portRule: name === '' ? undefined : rules.stateRule('interface-status', name),
  }
  spots.set(name, spot)
  return spot
}

/** Other rules may hold than before: they are worked out anew at the next sample. */
export function chooseAnew({ spots, rules }: ElementWatch): void {
  for (const spot of spots.values()) {
    spot.series.clear()
    if (spot.name !== '') spot.portRule = rules.stateRule('interface-status', spot.name)
  }
}

/** What is known of an alarm about the element itself. */
export const ownCell = ({ spots }: ElementWatch, type: AlarmType): NetworkCell | undefined =>
  spots.get('')?.cells.get(type)

/** Whether the element is taken for unreachable now; its alarm may stand longer, when it is flapping. */
export const isDark = (watch: ElementWatch): boolean => {
  const cell = ownCell(watch, 'unreachable')
  return cell?.alarm !== undefined && cell.isBad
}

/** Ports that are down, and those whose alarm is flapping: they count as down until they are stable. */
export function downPorts({ portsDown, troubled }: ElementWatch): ReadonlySet<InterfaceName> {
  let all: Set<InterfaceName> | undefined
  for (const { name, cells } of troubled) {
    if (cells.get('interface-down')?.alarm?.phase !== 'flapping' || portsDown.has(name)) continue
    all ??= new Set(portsDown)
    all.add(name)
  }
  return all ?? portsDown
}

export function keepCell(watch: ElementWatch, spot: Spot, cell: NetworkCell): void {
  spot.cells.set(cell.type, cell)
  watch.troubled.add(spot)
}

export function dropCell(watch: ElementWatch, spot: Spot, cell: NetworkCell): void {
  spot.cells.delete(cell.type)
  if (spot.cells.size === 0) watch.troubled.delete(spot)
}
