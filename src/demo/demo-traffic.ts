import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'
import { type Faults, type Hop, noFaults, pathsFrom, portIsUp } from './demo-forwarding.ts'
import { type DemoPlan, portTo } from './demo-plan.ts'

/** What has gone through a port since the demo began. Octets and packets, fractions included. */
export interface PortTotals {
  readonly inOctets: number
  readonly outOctets: number
  readonly inErrors: number
  readonly outDiscards: number
}

export interface Traffic {
  /** Traffic goes this way from now on. */
  reroute(faults: Faults, now: number): void
  totals(element: ElementId, port: InterfaceName, now: number): PortTotals
}

interface Rate {
  inBps: number
  outBps: number
  inErrorsPerS: number
  outDiscardsPerS: number
}

/** Mean size of a packet, used to make packets from octets. */
export const octetsAPacket = 800
const upShare = 1 / 7
const congestedUtilisation = 0.97
const managementBps = 400_000
/** Routing and link protocols, on every live link each way: no link is ever quite still. */
const chatterBps = 30_000
const longestStepMs = 1_000

/** Load of a port over its mean at a time: a slow wave of three minutes and a fast one, between 0.75 and 1.25. */
export function loadShape(phase: number, now: number): number {
  const seconds = now / 1_000
  return (
    1 + 0.18 * Math.sin((2 * Math.PI * seconds) / 180 + phase) + 0.07 * Math.sin(seconds / 2.7 + 2 * phase)
  )
}

const key = (element: ElementId, port: InterfaceName) => `${element}[${port}]`
const packetsPerS = (bps: number) => bps / 8 / octetsAPacket

/**
 * Counts traffic through every port: each customer port draws its demand from the gateway along the path in use, and
 * each link on it carries the sum. Time moves when someone reads.
 */
export function createTraffic(plan: DemoPlan, startedAt: number): Traffic {
  const totals = new Map<string, { -readonly [Name in keyof PortTotals]: number }>()
  let faults = noFaults
  let paths = pathsFrom(plan, faults)
  let countedTo = startedAt

  function advance(now: number): void {
    while (countedTo < now) {
      const step = Math.min(now - countedTo, longestStepMs)
      for (const [port, rate] of ratesAt(plan, paths, faults, countedTo + step / 2)) {
        const sum = totals.get(port) ?? { inOctets: 0, outOctets: 0, inErrors: 0, outDiscards: 0 }
        sum.inOctets += (rate.inBps * step) / 8_000
        sum.outOctets += (rate.outBps * step) / 8_000
        sum.inErrors += (rate.inErrorsPerS * step) / 1_000
        sum.outDiscards += (rate.outDiscardsPerS * step) / 1_000
        totals.set(port, sum)
      }
      countedTo += step
    }
  }

  return {
    reroute(next, now) {
      advance(now)
      faults = next
      paths = pathsFrom(plan, faults)
    },
    totals(element, port, now) {
      advance(now)
      return {
        ...(totals.get(key(element, port)) ?? { inOctets: 0, outOctets: 0, inErrors: 0, outDiscards: 0 }),
      }
    },
  }
}

type Paths = ReadonlyMap<ElementId, readonly Hop[]>

function ratesAt(plan: DemoPlan, paths: Paths, faults: Faults, now: number): ReadonlyMap<string, Rate> {
  const rates = new Map<string, Rate>()
  const rateOf = (element: ElementId, port: InterfaceName): Rate => {
    const rate = rates.get(key(element, port)) ?? { inBps: 0, outBps: 0, inErrorsPerS: 0, outDiscardsPerS: 0 }
    rates.set(key(element, port), rate)
    return rate
  }
  const carry = (hops: readonly Hop[], downBps: number, upBps: number) => {
    for (const { from, to } of hops) {
      const near = rateOf(from, portTo(to))
      const far = rateOf(to, portTo(from))
      near.outBps += downBps
      near.inBps += upBps
      far.inBps += downBps
      far.outBps += upBps
    }
  }
  const draw = (element: ElementId, port: InterfaceName, downBps: number, upBps: number) => {
    const end = rateOf(element, port)
    end.outBps += downBps
    end.inBps += upBps
    // The first hop leads from the vantage to the gateway, and customers' traffic does not come from the vantage.
    carry((paths.get(element) ?? []).slice(1), downBps, upBps)
    const transit = rateOf(plan.gateway, 'internet')
    transit.inBps += downBps
    transit.outBps += upBps
  }

  for (const link of plan.links) {
    if (portIsUp(link, link.a, faults) && portIsUp(link, link.b, faults))
      carry([{ link, from: link.a, to: link.b }], chatterBps, chatterBps)
  }
  plan.elements.forEach((element, i) => {
    const path = paths.get(element.id)
    if (path === undefined) return
    carry(path, managementBps / 4, managementBps)
    element.ports.forEach((port, j) => {
      const down = port.demandBps * loadShape(i + 3 * j, now)
      if (down > 0) draw(element.id, port.name, down, down * upShare)
    })
  })
  for (const hop of congestedHops(paths, faults)) {
    const near = rateOf(hop.from, portTo(hop.to))
    const missing = hop.link.speedBps * (congestedUtilisation + 0.01 * Math.sin(now / 3_000)) - near.outBps
    const beyond = plan.elements.find(
      ({ id, ports }) => ports.length > 0 && paths.get(id)?.some(({ link }) => link === hop.link),
    )
    const port = beyond?.ports[0]
    if (missing > 0 && port !== undefined) draw(beyond?.id ?? hop.to, port.name, missing, missing * upShare)
    near.outDiscardsPerS += packetsPerS(hop.link.speedBps) * 0.03
  }
  for (const { link, from, to } of hopsInUse(paths)) {
    const lost = faults.loss.get(link.id) ?? 0
    const far = rateOf(to, portTo(from))
    far.inErrorsPerS += packetsPerS(far.inBps) * lost
    far.inBps *= 1 - lost
  }
  return rates
}

const hopsInUse = (paths: Paths): Iterable<Hop> =>
  new Map([...paths.values()].flat().map((hop) => [hop.link.id, hop])).values()

const congestedHops = (paths: Paths, faults: Faults): readonly Hop[] =>
  [...hopsInUse(paths)].filter(({ link }) => faults.congested.has(link.id))
