import type { LinkId } from '../model/link.ts'
import type { ElementId } from '../model/network-element.ts'
import type { DemoPlan, PlannedLink } from './demo-plan.ts'

/** What is broken at the moment. Nothing in it: all is well. */
export interface Faults {
  /** Elements without power. */
  readonly down: ReadonlySet<ElementId>
  readonly cut: ReadonlySet<LinkId>
  /** Share of packets lost on the way away from the vantage, 0..1, by element or link. */
  readonly loss: ReadonlyMap<ElementId | LinkId, number>
  readonly congested: ReadonlySet<LinkId>
}

export const noFaults: Faults = { down: new Set(), cut: new Set(), loss: new Map(), congested: new Set() }

/** One step away from the vantage. */
export interface Hop {
  readonly link: PlannedLink
  readonly from: ElementId
  readonly to: ElementId
}

/** What a packet meets on the way to an element. Delays in ms for each direction, loss as 0..1. */
export interface PathConditions {
  readonly delayForwardMs: number
  readonly delayBackwardMs: number
  readonly lossForward: number
}

/** Fibre and forwarding of one hop, one way. */
const hopDelayMs = 0.8
/** What a full queue adds, past the 100 ms at which the usual rules call a path slow, and what does not fit into it. */
const queueDelayMs = 130
const queueLoss = 0.03

/**
 * The shortest path of hops from the vantage to each element that has one over live elements and links. Ties go to the
 * link that is planned first, so that an element with two ways uses one of them until it breaks.
 */
export function pathsFrom(plan: DemoPlan, faults: Faults): ReadonlyMap<ElementId, readonly Hop[]> {
  const paths = new Map<ElementId, readonly Hop[]>([[plan.vantage, []]])
  const waiting: ElementId[] = [plan.vantage]
  for (let from = waiting.shift(); from !== undefined; from = waiting.shift()) {
    const before = paths.get(from) ?? []
    for (const link of plan.links) {
      if (faults.cut.has(link.id) || (link.a !== from && link.b !== from)) continue
      const to = link.a === from ? link.b : link.a
      if (paths.has(to) || faults.down.has(to)) continue
      paths.set(to, [...before, { link, from, to }])
      waiting.push(to)
    }
  }
  return paths
}

export function conditionsOn(path: readonly Hop[], faults: Faults): PathConditions {
  let delay = 0
  let queueing = 0
  let kept = 1
  for (const { link, to } of path) {
    delay += hopDelayMs
    kept *= (1 - (faults.loss.get(link.id) ?? 0)) * (1 - (faults.loss.get(to) ?? 0))
    if (!faults.congested.has(link.id)) continue
    queueing += queueDelayMs
    kept *= 1 - queueLoss
  }
  // Customers load more than they send, so only the queue towards them is full.
  return { delayForwardMs: delay + queueing, delayBackwardMs: delay, lossForward: 1 - kept }
}

/** A port stays up as long as its fibre and the box at the other end live, whether or not that box reaches us. */
export const portIsUp = (link: PlannedLink, neighbour: ElementId, faults: Faults): boolean =>
  !faults.cut.has(link.id) && !faults.down.has(neighbour)
