import type { Alarm, NetworkAlarm } from '../model/alarm.ts'
import type { Customer, CustomerId } from '../model/customer.ts'
import { defaultImpactWeights, type ImpactWeights } from '../model/impact-weight.ts'
import type { Finding } from '../model/incident-event.ts'
import type { LinkDifference } from '../model/link-difference.ts'
import type { ElementId } from '../model/network-element.ts'
import type { NetworkState } from '../model/network-state.ts'
import type { Service } from '../model/service.ts'
import type { Topology } from '../model/topology.ts'
import { findFaults } from './find-faults.ts'
import { type Surroundings, toFindings } from './findings.ts'
import { createLayoutCache, type Layout, type Sites } from './layout.ts'
import type { LossDirections } from './loss-direction.ts'
import { createPlacesCache, type PlacesCache } from './service-places.ts'
import { type Seen, sightOf, type View } from './sight.ts'
import { type Snapshot, showsTheSame, snapshotOf } from './standstill.ts'

export interface CorrelationInput {
  readonly topology: Topology
  /** What the topology's own vantage measures, and its alarms. */
  readonly state: NetworkState
  readonly alarms: readonly NetworkAlarm[]
  /** What is seen from other vantages at the same time. A view that is not kept up to date does not belong here. */
  readonly views?: readonly View[]
  readonly services: Iterable<Service>
  /** What customers weigh follows from these; one that is not known weighs 1. */
  readonly customers?: ReadonlyMap<CustomerId, Customer>
  readonly weights?: ImpactWeights
  /** Where elements stand. */
  readonly elements?: Sites
  /** Where LLDP and the inventory differ: told where it matters. Asked for when something is wrong. */
  readonly differences?: () => readonly LinkDifference[]
  /** What stateful reflectors tell of the loss to an element and back. */
  readonly lossDirections?: LossDirections
  readonly now: number
  /** Time for what else falls silent, or suffers, before a root cause is named, ms. */
  readonly decisionWaitMs: number
}

export interface Correlation {
  readonly findings: readonly Finding[]
  /** Elements that miss polls and about which nothing may be said yet: they open nothing and restore nothing. */
  readonly undecided: readonly ElementId[]
}

const nothingWrong: Correlation = { findings: [], undecided: [] }
const none: readonly never[] = []
const nowhere: Sites = new Map()
const untold: LossDirections = new Map()

/**
 * Groups what is wrong into findings, each with its root causes, what hides behind them, and which services suffer.
 * Pure: the same input in any order gives the same findings. Each dark element is in exactly one finding or undecided,
 * each alarm in at most one finding. An alarm that flaps, or that a maintenance window covers, counts as any other; what
 * only shelved alarms speak of is evidence for the rest and no finding by itself.
 */
export const correlate = (input: CorrelationInput): Correlation => createCorrelator()(input)

/** A step that was done, to be compared with the next. */
interface Done {
  readonly around: Around
  readonly seen: Snapshot
  readonly found: Correlation
}

/** All but what was measured. */
interface Around extends Surroundings {
  readonly layout: Layout
  readonly services: Iterable<Service>
  readonly lossDirections: LossDirections
  readonly now: number
  readonly waitMs: number
}

/**
 * `correlate` for many steps. What follows from the topology and the inventory alone is kept from step to step, and while
 * a storm stands still, so is what was found: then it is the same object.
 */
export function createCorrelator(): (input: CorrelationInput) => Correlation {
  const layoutOf = createLayoutCache()
  const placesOf = createPlacesCache()
  let last: Done | undefined
  return (input) => {
    const views = [
      { vantage: input.topology.vantage, state: input.state, alarms: input.alarms },
      ...(input.views ?? none),
    ].map((view) => ({ ...view, alarms: view.alarms.filter(isActive) }))
    if (views.every(isQuiet)) return nothingWrong

    const layout = layoutOf(input.topology, input.elements ?? nowhere, measuredIn(views))
    const around: Around = {
      layout,
      services: input.services,
      customers: input.customers,
      weights: input.weights ?? defaultImpactWeights,
      differences: input.differences?.() ?? none,
      lossDirections: input.lossDirections ?? untold,
      now: input.now,
      waitMs: input.decisionWaitMs,
    }
    const seen = views.map((view) => ({ ...view, sight: sightOf(layout.graph, view, input.now) }))
    if (last?.seen.isSettled && isUnchanged(last.around, around) && showsTheSame(last.seen, seen))
      return last.found
    const found = correlated(around, seen, placesOf)
    last = { around, seen: snapshotOf(seen, around.now, around.waitMs), found }
    return found
  }
}

/** What can be gone through only once is another one each time. */
const isUnchanged = (one: Around, other: Around): boolean =>
  one.layout === other.layout &&
  one.services === other.services &&
  Array.isArray(one.services) &&
  one.customers === other.customers &&
  one.weights === other.weights &&
  one.differences === other.differences &&
  one.lossDirections === other.lossDirections &&
  one.waitMs === other.waitMs &&
  one.now <= other.now

function correlated(around: Around, views: readonly Seen[], placesOf: PlacesCache): Correlation {
  const { layout, services } = around
  const faults = findFaults({ ...around, views })
  return {
    findings: toFindings(faults, placesOf(layout.graph, services), around),
    undecided: faults.undecided.flatMap((vertex) => layout.graph.ids[vertex] ?? []),
  }
}

const isActive = ({ state }: Alarm): boolean => state === 'active'

function isQuiet({ alarms, state }: View): boolean {
  if (alarms.length > 0) return false
  for (const { reach, unsent } of state.elements.values())
    if (reach === 'dark' || reach === 'missing' || unsent) return false
  return true
}

function* measuredIn(views: readonly View[]): Iterable<ElementId> {
  for (const { vantage, state, alarms } of views) {
    yield vantage
    yield* state.elements.keys()
    for (const { resource } of alarms) yield resource.element
  }
}
