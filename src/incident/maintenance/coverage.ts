import type { Interval, MaintenanceWindow, MaintenanceWindowId } from '../../model/maintenance-window.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { Topology } from '../../model/topology.ts'
import { occurrencesOf } from './occurrences.ts'

/** A window whose occurrence is under way. */
export interface Cover extends Interval {
  readonly window: MaintenanceWindowId
  /** What the faults of its elements do to others is planned too. */
  readonly downstream: boolean
}

export type Coverage = ReadonlyMap<ElementId, Cover>

/** What is under way, with the elements that are named in it. */
export interface Underway {
  readonly cover: Cover
  readonly elements: readonly ElementId[]
  /** What it was found to cover before, in another topology perhaps. */
  readonly before: readonly ElementId[]
}

/** Of two windows on one element, the one that ends last speaks for it. */
const byEnd = (one: Underway, other: Underway): number =>
  other.cover.end - one.cover.end || (one.cover.window < other.cover.window ? -1 : 1)

/**
 * Elements that have a path to a gateway, and none without passing `covered`. What has no known path at all hangs on
 * nothing.
 */
export function downstreamOf(covered: ReadonlySet<ElementId>, topology: Topology): ReadonlySet<ElementId> {
  const whole = reached(topology, new Set())
  const left = reached(topology, covered)
  return new Set([...whole].filter((element) => !left.has(element) && !covered.has(element)))
}

function reached({ gateways, adjacent }: Topology, without: ReadonlySet<ElementId>): ReadonlySet<ElementId> {
  const seen = new Set(gateways.filter((gateway) => !without.has(gateway)))
  const queue = [...seen]
  for (let element = queue.pop(); element !== undefined; element = queue.pop())
    for (const { neighbour } of adjacent(element)) {
      if (seen.has(neighbour) || without.has(neighbour)) continue
      seen.add(neighbour)
      queue.push(neighbour)
    }
  return seen
}

/** Which element is covered by what. Pure; the same for any order of windows. */
export function coverageOf(underway: readonly Underway[], topology: Topology): Coverage {
  const coverage = new Map<ElementId, Cover>()
  const put = (elements: Iterable<ElementId>, cover: Cover) => {
    for (const element of elements) if (!coverage.has(element)) coverage.set(element, cover)
  }
  const ordered = underway.toSorted(byEnd)
  const known = (elements: readonly ElementId[]) => elements.filter((one) => topology.elements.has(one))
  for (const { cover, elements } of ordered) put(known(elements), cover)
  const above = ordered.filter(({ cover }) => cover.downstream)
  for (const { cover, elements } of above) put(downstreamOf(new Set(elements), topology), cover)
  // One that hangs on several windows together is open again with the first of them.
  const [first] = above.toSorted((one, other) => byEnd(other, one))
  if (above.length > 1 && first)
    put(downstreamOf(new Set(above.flatMap(({ elements }) => elements)), topology), first.cover)
  for (const { cover, before } of ordered) put(before, cover)
  return coverage
}

/** What maintenance windows cover at that moment. */
export const coverage = (windows: readonly MaintenanceWindow[], topology: Topology, now: number): Coverage =>
  coverageOf(
    windows.flatMap((window) => underwayAt(window, now)),
    topology,
  )

const underwayAt = (window: MaintenanceWindow, now: number): readonly Underway[] => {
  const interval = occurrencesOf(window).at(now)
  return interval ? [underwayOf(window, interval)] : []
}

type Covering = Pick<MaintenanceWindow, 'id' | 'elements' | 'includeDownstream' | 'covers'>

export const underwayOf = (
  { id, elements, includeDownstream, covers }: Covering,
  interval: Interval,
): Underway => ({
  cover: { window: id, downstream: includeDownstream, ...interval },
  elements,
  before: covers?.start === interval.start ? covers.elements : [],
})
