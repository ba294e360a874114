import type { NetworkAlarm } from '../../src/model/alarm.ts'
import type { Customer } from '../../src/model/customer.ts'
import type { ImpactState } from '../../src/model/impact.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { Inventory } from '../../src/model/inventory.ts'
import { linkBetween } from '../../src/model/link.ts'
import type { ElementId, NetworkElement } from '../../src/model/network-element.ts'
import type { ElementState, NetworkState } from '../../src/model/network-state.ts'
import type { Service } from '../../src/model/service.ts'
import { buildTopology } from '../../src/model/topology.ts'

/**
 * core1 ── agg1 ── acc1 ── cpe1 (c-1)
 *              └── acc2 ── cpe2 (c-2, and c-3 on acc2 itself)
 * Polled from nms, which hangs on core1. acc1 and acc2 stand at the same site.
 */
export const hostileName = '<script>alert("陈")</script>'

const element = (id: ElementId, site: string, polled = true): NetworkElement => ({
  id,
  name: id.toUpperCase(),
  ...(polled ? { address: '127.0.0.1' } : {}),
  role: id.replace(/\d/, ''),
  site,
  tags: [],
  probes: { icmp: polled, stamp: false, snmp: polled },
  speedOverrides: {},
})

const customer = (id: string, name: string, language: 'zh' | 'en'): Customer => ({
  id,
  name,
  language,
  tier: 'consumer',
  contacts: [{ channel: 'email', address: `${id}@example.net` }],
  flags: [],
})

const service = (id: string, of: string, access: ElementId, endpoint: ElementId, port: string): Service => ({
  id,
  customer: of,
  element: access,
  interface: port,
  endpoint,
  class: 'broadband',
  area: 'urban',
})

const elements = [
  element('nms', 'hq', false),
  element('core1', 'hq'),
  element('agg1', 'hq'),
  element('acc1', 'north'),
  element('acc2', 'north'),
  element('cpe1', 'home1'),
  element('cpe2', 'home2'),
]

const services = [
  service('s-1', 'c-1', 'acc1', 'cpe1', 'to-cpe1'),
  service('s-2', 'c-2', 'acc2', 'cpe2', 'to-cpe2'),
  service('s-3', 'c-3', 'acc2', 'acc2', 'p3'),
]

const links = (
  [
    ['nms', 'core1'],
    ['core1', 'agg1'],
    ['agg1', 'acc1'],
    ['agg1', 'acc2'],
    ['acc1', 'cpe1'],
    ['acc2', 'cpe2'],
  ] as const
).map(([a, b]) =>
  linkBetween({ element: a, interface: `to-${b}` }, { element: b, interface: `to-${a}` }, 'declared'),
)

export const smallInventory: Inventory = {
  vantage: 'nms',
  gateways: ['core1'],
  elements: new Map(elements.map((one) => [one.id, one])),
  links,
  customers: new Map(
    [
      customer('c-1', '王小明', 'zh'),
      customer('c-2', hostileName, 'en'),
      customer('c-3', 'Ann Lee', 'en'),
    ].map((one) => [one.id, one]),
  ),
  services: new Map(services.map((one) => [one.id, one])),
  targets: new Map(
    elements
      .filter((one) => one.address !== undefined)
      .map(({ id }) => [id, { element: id, address: '127.0.0.1', icmp: true, speedOverrides: {} }]),
  ),
}

export const smallTopology = buildTopology(
  'nms',
  ['core1'],
  elements.map((one) => one.id),
  links,
)

/** From the gateway to the customer's end. */
export const smallPath = ({ element: access, endpoint }: Service): readonly ElementId[] => [
  ...new Set(['core1', 'agg1', access, endpoint]),
]

/** Everything answered at `at`, but for what is named. */
export function smallState(
  at: number,
  others: Readonly<Record<ElementId, Partial<ElementState>>> = {},
): NetworkState {
  const states = elements
    .filter((one) => one.address !== undefined)
    .map(({ id }): [ElementId, ElementState] => [
      id,
      { reach: 'answering', since: at - 60_000, lastAnswerAt: at, agentSilent: false, ...others[id] },
    ])
  return { elements: new Map(states), portsDown: new Map() }
}

export function incidentAt(
  onsetAt: number,
  impact: Readonly<Record<string, ImpactState>>,
  more: Partial<Incident> = {},
): Incident {
  const hit = Object.entries(impact).map(([id, state]) => ({
    service: id,
    customer: smallInventory.services.get(id)?.customer ?? 'nobody',
    state,
  }))
  return {
    id: 'inc-1',
    kind: 'outage',
    state: 'open',
    severity: 'critical',
    roots: [{ kind: 'element', element: 'acc1' }],
    shadowed: [],
    alarms: [],
    impact: hit,
    impactHistory: hit,
    explanation: ['acc1 does not answer.'],
    onsetAt,
    detectedAt: onsetAt + 20_000,
    version: 1,
    updatedAt: onsetAt + 20_000,
    ...more,
  }
}

export function alarmOn(elementId: ElementId, type: NetworkAlarm['type'], port?: string): NetworkAlarm {
  return {
    id: `alm-${elementId}-${type}`,
    resource:
      port === undefined
        ? { kind: 'element', element: elementId }
        : { kind: 'interface', element: elementId, interface: port },
    type,
    severity: 'major',
    eventType: 'communicationsAlarm',
    probableCause: 'lossOfSignal',
    state: 'active',
    onsetAt: 0,
    raisedAt: 0,
    indeterminate: false,
    rule: 'test',
    text: `${type} on ${elementId}`,
  }
}
