import type { WorldEvent } from './scenario.ts'
import { Odometer, offeredAt, overflow, queueMs } from './traffic.ts'
import { endsFrom, type ScenarioNetwork, type WorldLink } from './world-network.ts'

/** What one direction of a link does to packets. */
interface Direction {
  loss: number
  delayMs: number
  jitterMs: number
  readonly odometer: Odometer
}

export interface LinkState {
  up: boolean
  /** Towards `a` and towards `b`. */
  readonly towards: { readonly a: Direction; readonly b: Direction }
}

export interface ElementCondition {
  powered: boolean
  frozen: boolean
  agentAlive: boolean
  echoFiltered: boolean
  /** From us. */
  hasRoute: boolean
  lateMs: number
  bootedAt: number
  /** What the odometers of its links, into it and out of it, showed when it got its power. */
  readonly counterBase: Map<WorldLink, readonly [bigint, bigint]>
}

/** What the way there and back does to packets. Ratios 0..1, ms. */
export interface Way {
  readonly lossForward: number
  readonly lossBackward: number
  readonly rttMs: number
  readonly jitterForwardMs: number
  readonly jitterBackwardMs: number
}

export interface TimedEvent {
  readonly at: number
  readonly event: WorldEvent
}

const usual = { low: 0.1, high: 0.1, peakMs: 0 }
const upBeforeMs = 100 * 86_400_000

/**
 * The network as it is, apart from what anyone measures of it. A function of its events and the time: two worlds that
 * are asked at the same time say the same, so that a daemon that is killed finds the network going on without it.
 */
export class World {
  readonly network: ScenarioNetwork
  readonly links = new Map<WorldLink, LinkState>()
  readonly elements = new Map<string, ElementCondition>()
  sendingWorks = true
  pollingOn = true
  /** So much longer does every agent take to answer, ms. */
  slowAgentsMs = 0
  mailWorks = true
  storeIsAway = false
  spoolFillRatio = 0
  #events: readonly TimedEvent[]
  #ways: Map<string, readonly WorldLink[]> | undefined

  constructor(network: ScenarioNetwork, events: readonly TimedEvent[], bornAt: number) {
    this.network = network
    this.#events = events.toSorted((one, other) => one.at - other.at)
    for (const link of network.links) {
      if (link.known === 'paper') continue
      const direction = (): Direction => ({
        loss: 0,
        delayMs: link.delayMs,
        jitterMs: 0,
        odometer: new Odometer(link.speedBps, usual, bornAt - upBeforeMs),
      })
      this.links.set(link, { up: true, towards: { a: direction(), b: direction() } })
    }
    for (const id of network.elements.keys())
      this.elements.set(id, {
        powered: true,
        frozen: false,
        agentAlive: true,
        echoFiltered: false,
        hasRoute: true,
        lateMs: 0,
        bootedAt: bornAt - upBeforeMs,
        counterBase: new Map(),
      })
  }

  /** Lets everything happen that is due. Time does not go back. */
  advanceTo(now: number): void {
    const due = this.#events.filter(({ at }) => at <= now)
    this.#events = this.#events.slice(due.length)
    for (const { at, event } of due) {
      this.#happen(event, at)
      for (const [link, { towards }] of this.links)
        for (const { odometer } of [towards.a, towards.b]) odometer.flow(this.hasLight(link), at)
    }
    if (due.length > 0) this.#ways = undefined
  }

  condition(element: string): ElementCondition {
    const condition = this.elements.get(element)
    if (!condition) throw new Error(`there is no element ${element}`)
    return condition
  }

  /** Whether the port of a link shows light: its wire is whole and both ends have power. */
  hasLight(link: WorldLink): boolean {
    const ends = [link.a.element, link.b.element]
    return (this.links.get(link)?.up ?? false) && ends.every((end) => this.condition(end).powered)
  }

  /** Undefined when no packet from the vantage comes there: the shortest way over what forwards. */
  wayTo(element: string, at: number): Way | undefined {
    this.#ways ??= this.#findWays()
    const links = this.#ways.get(element)
    return links && this.#along(links, at)
  }

  #happen(event: WorldEvent, at: number): void {
    switch (event.type) {
      case 'link': {
        const state = this.links.get(event.link)
        if (state) state.up = event.up
        return
      }
      case 'power':
        for (const element of event.elements) {
          this.condition(element).powered = event.on
          if (event.on) this.#boot(element, at)
        }
        return
      case 'freeze':
        this.condition(event.element).frozen = event.frozen
        return
      case 'agent':
        this.condition(event.element).agentAlive = event.alive
        return
      case 'echo':
        this.condition(event.element).echoFiltered = event.filtered
        return
      case 'late':
        this.condition(event.element).lateMs = event.ms
        return
      case 'sending':
        if (event.element === undefined) this.sendingWorks = event.works
        else this.condition(event.element).hasRoute = event.works
        return
      case 'polling':
        this.pollingOn = event.on
        return
      case 'slowAgents':
        this.slowAgentsMs = event.ms
        return
      case 'store':
        this.storeIsAway = event.away
        return
      case 'spool':
        this.spoolFillRatio = event.fillRatio
        return
      case 'mail':
        this.mailWorks = event.works
        return
      case 'loss':
      case 'delay':
      case 'jitter':
      case 'load':
        for (const direction of this.#directions(event.link, event.towards)) {
          if (event.type === 'loss') direction.loss = event.ratio
          else if (event.type === 'delay') direction.delayMs = event.link.delayMs + event.ms
          else if (event.type === 'jitter') direction.jitterMs = event.ms
          else direction.odometer.change(event.load, at)
        }
    }
  }

  #boot(element: string, at: number): void {
    const condition = this.condition(element)
    condition.frozen = false
    condition.agentAlive = true
    condition.bootedAt = at
    for (const link of this.links.keys())
      if (link.a.element === element || link.b.element === element)
        condition.counterBase.set(link, this.octets(element, link, at))
  }

  /** What a link has carried into an element and out of it. */
  octets(element: string, link: WorldLink, at: number): readonly [bigint, bigint] {
    const { a, b } = this.links.get(link)?.towards ?? {}
    const [into, out] = link.a.element === element ? [a, b] : [b, a]
    return [into?.odometer.octetsAt(at) ?? 0n, out?.odometer.octetsAt(at) ?? 0n]
  }

  #directions(link: WorldLink, towards: string | undefined): readonly Direction[] {
    const state = this.links.get(link)
    if (!state) return []
    if (towards === undefined) return [state.towards.a, state.towards.b]
    return [link.a.element === towards ? state.towards.a : state.towards.b]
  }

  #findWays(): Map<string, readonly WorldLink[]> {
    const { vantage } = this.network
    const ways = new Map<string, readonly WorldLink[]>([[vantage, []]])
    for (const [from, way] of ways) {
      if (from !== vantage && !this.#forwards(from)) continue
      for (const [link, { up }] of this.links) {
        if (!up || (link.a.element !== from && link.b.element !== from)) continue
        const [, { element: to }] = endsFrom(link, from)
        if (!ways.has(to) && this.#forwards(to)) ways.set(to, [...way, link])
      }
    }
    return ways
  }

  #forwards(element: string): boolean {
    const { powered, frozen } = this.condition(element)
    return powered && !frozen
  }

  #along(links: readonly WorldLink[], at: number): Way {
    let passForward = 1
    let passBackward = 1
    let rttMs = 0.2
    let jitterForwardMs = 0
    let jitterBackwardMs = 0
    let from = this.network.vantage
    for (const link of links) {
      const state = this.links.get(link)
      if (!state) continue
      const [, { element: to }] = endsFrom(link, from)
      const [forward, backward] =
        link.a.element === to ? [state.towards.a, state.towards.b] : [state.towards.b, state.towards.a]
      for (const direction of [forward, backward])
        rttMs += direction.delayMs + queueMs(offeredAt(direction.odometer.load(), at))
      passForward *= passes(forward, at)
      passBackward *= passes(backward, at)
      jitterForwardMs += forward.jitterMs
      jitterBackwardMs += backward.jitterMs
      from = to
    }
    return {
      lossForward: 1 - passForward,
      lossBackward: 1 - passBackward,
      rttMs,
      jitterForwardMs,
      jitterBackwardMs,
    }
  }
}

const passes = ({ loss, odometer }: Direction, at: number): number =>
  (1 - loss) * (1 - overflow(offeredAt(odometer.load(), at)))
