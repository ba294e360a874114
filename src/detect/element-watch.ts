import type { AlarmType, NetworkResource } from '../model/alarm.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { InterfaceList } from '../model/interface-list.ts'
import type { Measurement } from '../model/measurements.ts'
import type { NetworkElement } from '../model/network-element.ts'
import type { ElementState } from '../model/network-state.ts'
import type { ProbeName } from '../model/reading.ts'
import type { StateRule } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import type { AgentTrouble } from './agent-refusal.ts'
import type { AlarmCell } from './alarm-cell.ts'
import type { ElementRules, SeriesJudge } from './element-rules.ts'
import { createReachTracker, type ReachTracker } from './reach-tracker.ts'
import type { PolledPorts, PortEvidence } from './trap-evidence.ts'
import type { UnsentPolls } from './unsent-polls.ts'

export type NetworkCell = AlarmCell<NetworkResource>

/** What alarms are about: the element itself, one of its interfaces or one of its sensors. Made when something is first heard of it. */
export interface Spot {
  readonly name: InterfaceName
  readonly resource: NetworkResource
  /** Replaced at each change: most spots never have any, and a map of its own for each of 50,000 ports is 10 MB. */
  cells: ReadonlyMap<AlarmType, NetworkCell>
  /** What judges its samples, one a measurement, worked out at its first sample. */
  series: readonly SeriesJudge[]
  /** About the state of the port; undefined: none. */
  portRule: StateRule | undefined
}

const noCells: ReadonlyMap<AlarmType, NetworkCell> = new Map()
const noSeries: readonly SeriesJudge[] = []

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
  /** By interface name; the empty name is the element itself. And by sensor. */
  readonly spots: Map<InterfaceName, Spot>
  /** Those that have a cell. */
  readonly troubled: Set<Spot>
  readonly wholeLosses: Map<Measurement, WholeLoss>
  /** Made when a poll of it could not be sent. */
  unsent?: UnsentPolls
  /** Three intervals of the fastest probe, of the slowest, and of the agent, ms. */
  readonly staleMs: number
  readonly reachStaleMs: number
  readonly agentStaleMs: number
  /** Since when there is no newer reading; undefined before the first. */
  heardAt?: number
  agentHeardAt: number
  /** Absent while the agent answers. */
  agentTrouble?: AgentTrouble | undefined
  portsDown: ReadonlySet<InterfaceName>
  /** Those of the last poll; the same object while nothing was renamed and no state changed. */
  portsSeen?: InterfaceList | undefined
  /** What the last poll told that traps have to fit. */
  polled?: PolledPorts
  /** What traps proved of ports since then. */
  readonly trapped: Map<InterfaceName, PortEvidence>
  published?: ElementState
  /** Nothing was polled since it was published. */
  isPublished: boolean
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
    trapped: new Map(),
    isPublished: false,
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
    cells: noCells,
    series: noSeries,
    portRule: name === '' ? undefined : rules.stateRule('interface-status', name),
  }
  spots.set(name, spot)
  return spot
}

/** What alarms about a sensor hang on; its key is none that an interface can have, whose names hold no control characters. */
export function sensorSpotOf(watch: ElementWatch, sensor: string, unit: string): Spot {
  const { element, spots } = watch
  const key = `\0${unit}\0${sensor}`
  const known = spots.get(key)
  if (known) return known
  if (spots.size >= mostSpots) forgetQuiet(watch)
  const spot: Spot = {
    name: key,
    resource: { kind: 'sensor', element: element.id, sensor, unit },
    cells: noCells,
    series: noSeries,
    portRule: undefined,
  }
  spots.set(key, spot)
  return spot
}

/** An agent whose sensors are called otherwise at each poll must not fill the memory. */
const mostSpots = 10_000
function forgetQuiet({ spots }: ElementWatch): void {
  for (const [key, { cells, resource }] of spots)
    if (cells.size === 0 && resource.kind === 'sensor') spots.delete(key)
}

/** What a sample is about. */
export const spotOfSample = (watch: ElementWatch, { measurement, tags }: Sample): Spot =>
  measurement === 'sensor'
    ? sensorSpotOf(watch, tags.sensor ?? '', tags.unit ?? '')
    : spotOf(watch, tags.interface ?? '')

/** What an alarm is about. */
export function spotOfResource(watch: ElementWatch, resource: NetworkResource): Spot {
  if (resource.kind === 'sensor') return sensorSpotOf(watch, resource.sensor, resource.unit)
  return spotOf(watch, resource.kind === 'interface' ? resource.interface : '')
}

/** Other rules may hold than before: they are worked out anew at the next sample. */
export function chooseAnew({ spots, rules }: ElementWatch): void {
  for (const spot of spots.values()) {
    spot.series = noSeries
    if (spot.resource.kind === 'interface') spot.portRule = rules.stateRule('interface-status', spot.name)
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
  spot.cells = new Map(spot.cells).set(cell.type, cell)
  watch.troubled.add(spot)
}

export function dropCell(watch: ElementWatch, spot: Spot, cell: NetworkCell): void {
  const rest = [...spot.cells].filter(([type]) => type !== cell.type)
  spot.cells = rest.length === 0 ? noCells : new Map(rest)
  if (rest.length === 0) watch.troubled.delete(spot)
}
