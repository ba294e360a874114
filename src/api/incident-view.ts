import type { Alarm } from '../model/alarm.ts'
import { customersIn, type Impact, type ImpactState } from '../model/impact.ts'
import type { Incident, RootCause } from '../model/incident.ts'
import type { IncidentEvent } from '../model/incident-event.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Link } from '../model/link.ts'
import type { ElementId } from '../model/network-element.ts'
import { maybeTime, rfc3339 } from './parameters.ts'
import type { AlarmView, ImpactRow, IncidentView, LogRow, RootCauseView } from './views.ts'

type Elements = Pick<Inventory, 'elements'>

const nameOf = (element: ElementId, { elements }: Elements) => elements.get(element)?.name ?? element

const linkText = (link: Link, inventory: Elements) =>
  `${nameOf(link.a.element, inventory)} – ${nameOf(link.b.element, inventory)}`

function rootCauseView(root: RootCause, inventory: Elements): RootCauseView {
  if (root.kind === 'link')
    return { kind: root.kind, links: [root.link.id], text: `link ${linkText(root.link, inventory)}` }
  const name = nameOf(root.element, inventory)
  const named = { kind: root.kind, element: root.element, elementName: name }
  return root.kind === 'element'
    ? { ...named, links: [], text: name }
    : { ...named, links: root.uplinks.map((link) => link.id), text: `${name} or its uplink` }
}

export const incidentTitle = (incident: Pick<Incident, 'roots' | 'kind'>, inventory: Elements): string =>
  incident.roots.map((root) => rootCauseView(root, inventory).text).join(', ') || incident.kind

const counts = (impact: Impact) => {
  const inState = (state: ImpactState) => impact.filter((entry) => entry.state === state).length
  return {
    down: inState('down'),
    degraded: inState('degraded'),
    atRisk: inState('atRisk'),
    customers: customersIn(impact, 'down', 'degraded').size,
  }
}

export function incidentView(incident: Incident, inventory: Elements): IncidentView {
  return {
    id: incident.id,
    kind: incident.kind,
    state: incident.state,
    severity: incident.severity,
    title: incidentTitle(incident, inventory),
    roots: incident.roots.map((root) => rootCauseView(root, inventory)),
    shadowed: [...incident.shadowed],
    alarmCount: incident.alarms.length,
    impactNow: counts(incident.impact),
    impactEver: counts(incident.impactHistory),
    explanation: [...incident.explanation],
    onsetAt: rfc3339(incident.onsetAt),
    detectedAt: rfc3339(incident.detectedAt),
    firstReportAt: maybeTime(incident.firstReportAt),
    firstMessageAt: maybeTime(incident.firstMessageAt),
    restoredAt: maybeTime(incident.restoredAt),
    resolvedAt: maybeTime(incident.resolvedAt),
    closedAt: maybeTime(incident.closedAt),
    etaAt: maybeTime(incident.etaAt),
    assignee: incident.assignee,
    mergedInto: incident.mergedInto,
    version: incident.version,
    updatedAt: rfc3339(incident.updatedAt),
  }
}

const worstFirst: readonly ImpactState[] = ['down', 'degraded', 'atRisk']

/** The services that ever suffered, worst first, at most `limit`. Names only for those who may read them. */
export function impactRows(
  incident: Pick<Incident, 'impact' | 'impactHistory'>,
  inventory: Pick<Inventory, 'customers' | 'services'>,
  withNames: boolean,
  limit: number,
): ImpactRow[] {
  const now = new Map(incident.impact.map(({ service, state }) => [service, state]))
  return incident.impactHistory
    .toSorted((a, b) => worstFirst.indexOf(a.state) - worstFirst.indexOf(b.state))
    .slice(0, limit)
    .map(({ service, customer, state }) => {
      const known = inventory.customers.get(customer)
      return {
        service,
        class: inventory.services.get(service)?.class,
        customer,
        customerName: withNames ? known?.name : undefined,
        tier: known?.tier,
        now: now.get(service),
        worst: state,
      }
    })
}

export function alarmView(alarm: Alarm, inventory: Elements): AlarmView {
  const { resource, onsetAt, raisedAt, restoredAt, clearedAt, ...rest } = alarm
  return {
    id: rest.id,
    element: resource.element,
    elementName: nameOf(resource.element, inventory),
    interface: resource.kind === 'interface' ? resource.interface : undefined,
    type: rest.type,
    severity: rest.severity,
    eventType: rest.eventType,
    probableCause: rest.probableCause,
    state: rest.state,
    onsetAt: rfc3339(onsetAt),
    raisedAt: rfc3339(raisedAt),
    restoredAt: maybeTime(restoredAt),
    clearedAt: maybeTime(clearedAt),
    indeterminate: rest.indeterminate,
    value: rest.value,
    limit: rest.limit,
    rule: rest.rule,
    text: rest.text,
  }
}

export const incidentLogRow = (event: IncidentEvent, inventory: Elements): LogRow => ({
  sequence: event.sequence,
  at: rfc3339(event.at),
  actor: event.actor,
  type: event.type,
  text: logText(event, inventory),
})

function logText(event: IncidentEvent, inventory: Elements): string {
  switch (event.type) {
    case 'opened':
      return `Opened: ${findingText(event.finding, inventory)}.`
    case 'changed':
      return `Found anew: ${findingText(event.finding, inventory)}.`
    case 'relapsed':
      return `Bad again: ${findingText(event.finding, inventory)}.`
    case 'restored':
      return `Metrics are good since ${rfc3339(event.restoredAt)}; being verified.`
    case 'resolved':
      return 'Resolved.'
    case 'closed':
      return 'Closed.'
    case 'merged':
      return `Taken over by incident ${event.into}.`
    case 'acknowledged':
      return 'Acknowledged.'
    case 'started':
      return event.assignee === undefined ? 'Work began.' : `Work began; assigned to ${event.assignee}.`
    case 'held':
      return `Held: ${event.reason}`
    case 'noted':
      return event.text
    case 'etaSet':
      return event.etaAt === null
        ? 'The promised time was taken back.'
        : `Promised to be restored by ${rfc3339(event.etaAt)}.`
    case 'reported':
      return `Explains fault report ${event.report}.`
    case 'customersTold':
      return 'The first customer was told.'
  }
}

function findingText(finding: Pick<Incident, 'roots' | 'kind' | 'impact'>, inventory: Elements): string {
  const { down, degraded, atRisk } = counts(finding.impact)
  const hit = [
    ...(down > 0 ? [`${down} down`] : []),
    ...(degraded > 0 ? [`${degraded} degraded`] : []),
    ...(atRisk > 0 ? [`${atRisk} at risk`] : []),
  ]
  const impact = hit.length === 0 ? 'no service affected' : `services: ${hit.join(', ')}`
  return `${finding.kind}, ${incidentTitle(finding, inventory)}; ${impact}`
}
