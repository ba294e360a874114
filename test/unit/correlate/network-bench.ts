import { type CorrelationInput, correlate } from '../../../src/correlate/correlate.ts'
import type { View } from '../../../src/correlate/sight.ts'
import type { AlarmType, NetworkAlarm, NetworkResource } from '../../../src/model/alarm.ts'
import type { Customer } from '../../../src/model/customer.ts'
import type { ImpactState } from '../../../src/model/impact.ts'
import { rootText } from '../../../src/model/incident.ts'
import type { Finding } from '../../../src/model/incident-event.ts'
import { type Link, linkBetween } from '../../../src/model/link.ts'
import type { ElementState, NetworkState, Reach } from '../../../src/model/network-state.ts'
import type { Service } from '../../../src/model/service.ts'
import type { Severity } from '../../../src/model/severity.ts'
import { buildTopology } from '../../../src/model/topology.ts'

export const now = Date.parse('2026-03-01T08:10:00Z')
export const waitMs = 10_000
/** Seconds before now. */
export const ago = (seconds: number) => now - seconds * 1000

const none: readonly never[] = []

export interface Network {
  readonly vantage: string
  readonly gateways: readonly string[]
  readonly elements: readonly string[]
  readonly links: readonly Link[]
  readonly services: readonly Service[]
  /** Passive: in the graph and never polled. */
  readonly unpolled: readonly string[]
  /** `north: 'a b c'`. */
  readonly sites: Readonly<Record<string, string>>
  readonly customers: ReadonlyMap<string, Customer>
}

/** `a-b` is a link with the ports `to-b` and `to-a`; `a-b#2` a second one beside it; `a~b` one without ports. */
function linkFrom(text: string): Link {
  const [, a = '', kind, b = '', copy = ''] = /^(\w+)([-~])(\w+)(#\d+)?$/.exec(text) ?? []
  return kind === '~'
    ? linkBetween({ element: a }, { element: b }, 'declared')
    : linkBetween(
        { element: a, interface: `to-${b}${copy}` },
        { element: b, interface: `to-${a}${copy}` },
        'declared',
      )
}

export const service = (id: string, element: string, endpoint: string, port?: string): Service => ({
  id,
  customer: `c-${id}`,
  element,
  endpoint,
  ...(port === undefined ? {} : { interface: port }),
  class: 'broadband',
  area: 'urban',
})

export const customer = (id: string, tier: string, ...flags: string[]): Customer => ({
  id,
  name: id,
  language: 'en',
  tier,
  contacts: [],
  flags,
})

export function network(
  links: string,
  more: {
    gateways?: string[]
    alone?: string[]
    unpolled?: string[]
    services?: readonly Service[]
    sites?: Record<string, string>
    customers?: readonly Customer[]
    /** Beside those of the text, as LLDP or `uplinks` tell them. */
    further?: readonly Link[]
  } = {},
): Network {
  const all = [...links.split(/\s+/).filter(Boolean).map(linkFrom), ...(more.further ?? none)]
  return {
    vantage: 'nms',
    gateways: more.gateways ?? ['core1'],
    elements: [
      ...new Set(['nms', ...all.flatMap(({ a, b }) => [a.element, b.element]), ...(more.alone ?? [])]),
    ],
    links: all,
    services: more.services ?? [],
    unpolled: ['nms', ...(more.unpolled ?? [])],
    sites: more.sites ?? {},
    customers: new Map((more.customers ?? none).map((one) => [one.id, one])),
  }
}

/**
 *  nms --- core1 --- agg1 --- acc1 --- cpe11, cpe12, cpe13
 *            |         |  `--- acc2 --- cpe21, cpe22
 *            `--- agg2-+
 *                   `--- acc3 --- cpe31
 */
export const lab = network(
  `nms-core1 core1-agg1 core1-agg2 agg1-agg2 agg1-acc1 agg1-acc2 agg2-acc3
   acc1-cpe11 acc1-cpe12 acc1-cpe13 acc2-cpe21 acc2-cpe22 acc3-cpe31`,
  {
    services: ['11', '12', '13', '21', '22', '31'].map((n) =>
      service(`s${n}`, `acc${n[0]}`, `cpe${n}`, `to-cpe${n}`),
    ),
  },
)

/** A measured network to which faults are written by hand: everything answers until something else is said. */
export function bench(net: Network, vantage = net.vantage) {
  const elements = new Map<string, ElementState>()
  const portsDown = new Map<string, Set<string>>()
  const alarms: NetworkAlarm[] = []
  const views: View[] = []
  const set = (id: string, reach: Reach, since: number, lastAnswerAt: number) =>
    elements.set(id, { reach, since, lastAnswerAt, agentSilent: false })
  for (const id of net.elements)
    if (!net.unpolled.includes(id) && id !== vantage) set(id, 'answering', ago(3600), ago(1))
  const siteOf = new Map(
    Object.entries(net.sites).flatMap(([site, ids]) => ids.split(' ').map((id) => [id, { site }] as const)),
  )

  const alarm = (
    type: AlarmType,
    resource: NetworkResource,
    severity: Severity,
    onsetAt: number,
    more: Partial<NetworkAlarm> = {},
  ): void => {
    const name =
      resource.kind === 'interface' ? `${resource.element}[${resource.interface}]` : resource.element
    alarms.push({
      id: `${vantage === 'nms' ? '' : `${vantage}/`}${type}:${name}`,
      resource,
      type,
      severity,
      eventType: 'communicationsAlarm',
      probableCause: 'unavailable',
      state: 'active',
      onsetAt,
      raisedAt: onsetAt,
      indeterminate: false,
      rule: type,
      text: `${name} ${type}`,
      ...more,
    })
  }
  const each = (ids: string) => ids.split(' ')
  const self = {
    elements,
    portsDown,
    alarms,
    /** Dark since so many seconds ago; the last answer came five seconds before that. */
    dark(ids: string, seconds = 60) {
      for (const id of each(ids)) {
        set(id, 'dark', ago(seconds), ago(seconds + 5))
        alarm('unreachable', { kind: 'element', element: id }, 'critical', ago(seconds))
      }
      return self
    },
    missing(ids: string, seconds = 5) {
      for (const id of each(ids)) set(id, 'missing', ago(seconds), ago(seconds + 5))
      return self
    },
    answered(ids: string, seconds: number) {
      for (const id of each(ids)) set(id, 'answering', ago(3600), ago(seconds))
      return self
    },
    lastAnswer(id: string, seconds: number) {
      const state = elements.get(id)
      if (state) elements.set(id, { ...state, lastAnswerAt: ago(seconds) })
      return self
    },
    /** This host cannot send to them since so many seconds ago; what they answered before is still young. */
    unsent(ids: string, seconds = 60, isConfirmed = true) {
      for (const id of each(ids)) {
        const state = elements.get(id)
        const unsent = { since: ago(seconds), isConfirmed, problem: 'network is unreachable' }
        if (state) elements.set(id, { ...state, unsent })
      }
      return self
    },
    unknown(ids: string) {
      for (const id of each(ids)) set(id, 'unknown', ago(100), ago(100))
      return self
    },
    /** `core1[to-agg1]`, down since so many seconds ago. */
    down(ports: string, seconds = 50) {
      for (const text of each(ports)) {
        const [, element = '', port = ''] = /^(\w+)\[(.+)\]$/.exec(text) ?? []
        alarm('interface-down', { kind: 'interface', element, interface: port }, 'major', ago(seconds))
        portsDown.set(element, (portsDown.get(element) ?? new Set()).add(port))
      }
      return self
    },
    quality(type: AlarmType, ids: string, severity: Severity = 'major', seconds = 60) {
      for (const id of each(ids)) alarm(type, { kind: 'element', element: id }, severity, ago(seconds))
      return self
    },
    full(text: string, severity: Severity = 'warning', seconds = 120) {
      return self.onPort('high-utilisation', text, severity, seconds)
    },
    onPort(type: AlarmType, text: string, severity: Severity = 'minor', seconds = 120) {
      const [, element = '', port = ''] = /^(\w+)\[(.+)\]$/.exec(text) ?? []
      alarm(type, { kind: 'interface', element, interface: port }, severity, ago(seconds))
      return self
    },
    /** Marks the alarms that were raised so far. */
    mark(more: Partial<NetworkAlarm>) {
      for (const [index, one] of alarms.entries()) alarms[index] = { ...one, ...more }
      return self
    },
    /** What another poller measures at the same time. */
    and(other: { view: () => View }) {
      views.push(other.view())
      return self
    },
    view: (): View => ({ vantage, state: { elements, portsDown }, alarms }),
    silentAgent(id: string, seconds = 200) {
      alarm('agent-silent', { kind: 'element', element: id }, 'minor', ago(seconds))
      return self
    },
    sites: siteOf,
    input(): CorrelationInput {
      const state: NetworkState = { elements, portsDown }
      return {
        topology: buildTopology(vantage, net.gateways, net.elements, net.links),
        state,
        alarms,
        views,
        services: net.services,
        customers: net.customers,
        elements: siteOf,
        now,
        decisionWaitMs: waitMs,
      }
    },
    correlate: () => correlate(self.input()),
    /** What was found, in short. */
    findings: () => correlate(self.input()).findings.map(inShort),
  }
  return self
}

export function inShort(finding: Finding) {
  const services = (wanted: ImpactState) =>
    finding.impact.filter(({ state }) => state === wanted).map(({ service: id }) => id)
  return {
    kind: finding.kind,
    roots: finding.roots.map((root) => (root.kind === 'element' ? root.element : rootText(root))),
    shadowed: finding.shadowed.join(' '),
    ...Object.fromEntries(
      (['down', 'degraded', 'atRisk'] as const).flatMap((state) =>
        services(state).length > 0 ? [[state, services(state).join(' ')]] : [],
      ),
    ),
  }
}

/** What a vantage reaches with these elements dead and links cut. */
function reachedFrom(net: Network, vantage: string, dead: ReadonlySet<string>, cut: ReadonlySet<number>) {
  const next = new Map<string, string[]>(net.elements.map((id) => [id, []]))
  for (const [index, { a, b }] of net.links.entries()) {
    if (cut.has(index)) continue
    next.get(a.element)?.push(b.element)
    next.get(b.element)?.push(a.element)
  }
  const reached = new Set([vantage])
  for (const id of reached) for (const far of next.get(id) ?? []) if (!dead.has(far)) reached.add(far)
  return reached
}

/** Ports that reached elements report as down: towards dead neighbours, and on cut links. */
const lostPorts = (
  net: Network,
  reached: ReadonlySet<string>,
  dead: ReadonlySet<string>,
  cut: ReadonlySet<number>,
): readonly string[] =>
  net.links.flatMap(({ a, b }, index) =>
    [[a, b] as const, [b, a] as const].flatMap(([end, far]) =>
      end.interface !== undefined &&
      !net.unpolled.includes(end.element) &&
      reached.has(end.element) &&
      (cut.has(index) || dead.has(far.element))
        ? [`${end.element}[${end.interface}]`]
        : [],
    ),
  )

/**
 * What would be measured with these elements dead and links cut: an element answers when a path of living elements and
 * links leads to it; answering elements report their ports towards dead neighbours and cut links as down.
 */
export function withFaults(
  net: Network,
  dead: ReadonlySet<string>,
  cut: ReadonlySet<number>,
  vantage = net.vantage,
  /** Links that are declared and not there: they carry nothing, and no port is down for it. */
  paper: ReadonlySet<number> = new Set(),
) {
  const one = bench(net, vantage)
  const reached = reachedFrom(net, vantage, dead, cut.union(paper))
  for (const id of net.elements) if (!reached.has(id) && !net.unpolled.includes(id)) one.dark(id)
  const links = net.links.filter((_, index) => !paper.has(index))
  const lost = new Set([...cut].flatMap((index) => net.links[index]?.id ?? []))
  const cutLeft = new Set(links.flatMap(({ id }, index) => (lost.has(id) ? [index] : [])))
  for (const port of lostPorts({ ...net, links }, reached, dead, cutLeft)) one.down(port)
  return one
}

/** An element by its id or a link by its number, and how many seconds ago it failed. */
export interface Fault {
  readonly what: string | number
  readonly seconds: number
}

/**
 * What is measured `at` seconds ago when things failed one after the other. Each element is polled in its own phase, so
 * it misses its first poll some seconds after it was lost; its alarm stands ten seconds later.
 */
export function staged(net: Network, faults: readonly Fault[], at = 0) {
  const one = bench(net)
  const phase = (id: string) => net.elements.indexOf(id) % 7
  for (const id of one.elements.keys()) one.answered(id, at + phase(id))
  const [dead, cut, gone, ports] = [
    new Set<string>(),
    new Set<number>(),
    new Set<string>(),
    new Set<string>(),
  ]
  for (const { what, seconds } of faults.toSorted((a, b) => b.seconds - a.seconds)) {
    if (typeof what === 'string') dead.add(what)
    else cut.add(what)
    const reached = reachedFrom(net, net.vantage, dead, cut)
    for (const id of one.elements.keys()) {
      if (reached.has(id) || gone.has(id)) continue
      gone.add(id)
      const missedFor = seconds - phase(id)
      const lastAnswer = missedFor + 10
      if (missedFor < at) one.answered(id, lastAnswer)
      else if (missedFor - at < 10) one.missing(id, missedFor)
      else one.dark(id, missedFor)
      one.lastAnswer(id, lastAnswer)
    }
    for (const port of lostPorts(net, reached, dead, cut))
      if (!ports.has(port)) {
        ports.add(port)
        one.down(port, seconds)
      }
  }
  return one
}
