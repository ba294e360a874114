import { customersIn, type Impact, type ImpactState } from '../model/impact.ts'
import { impactWeight } from '../model/impact-weight.ts'
import type { Incident, RootCause, Trouble } from '../model/incident.ts'
import type { ImpactStep, IncidentEvent } from '../model/incident-event.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Link } from '../model/link.ts'
import type { ElementId } from '../model/network-element.ts'
import { maybeTime, rfc3339 } from './parameters.ts'
import type { ImpactRow } from './views/impact-schemas.ts'
import type { ImpactHistoryView, IncidentView, RootCauseView } from './views/incident-schemas.ts'
import type { LogRow } from './views/log-schemas.ts'

type Elements = Pick<Inventory, 'elements'>

const nameOf = (element: ElementId, { elements }: Elements) => elements.get(element)?.name ?? element

const linkText = (link: Link, inventory: Elements) =>
  `${nameOf(link.a.element, inventory)} – ${nameOf(link.b.element, inventory)}`

function rootCauseView(root: RootCause, inventory: Elements): RootCauseView {
  switch (root.kind) {
    case 'link':
      return {
        kind: root.kind,
        trouble: root.trouble,
        links: [root.link.id],
        text: withTrouble(`link ${linkText(root.link, inventory)}`, root.trouble),
      }
    case 'site':
      return { kind: root.kind, site: root.site, links: [], text: `site ${root.site}` }
    case 'element': {
      const name = nameOf(root.element, inventory)
      return {
        kind: root.kind,
        element: root.element,
        elementName: name,
        trouble: root.trouble,
        links: [],
        text: withTrouble(name, root.trouble),
      }
    }
    case 'elementOrUplink': {
      const name = nameOf(root.element, inventory)
      const links = root.uplinks.map((link) => link.id)
      return {
        kind: root.kind,
        element: root.element,
        elementName: name,
        links,
        text: `${name} or its uplink`,
      }
    }
  }
}

const withTrouble = (text: string, trouble: Trouble | undefined): string =>
  trouble === undefined ? text : `${text} (${trouble})`

export const incidentTitle = (incident: Pick<Incident, 'roots' | 'kind'>, inventory: Elements): string =>
  incident.roots.map((root) => rootCauseView(root, inventory).text).join(', ') || incident.kind

const counts = (impact: Impact) => {
  const inState = (state: ImpactState) => impact.filter((entry) => entry.state === state).length
  return {
    down: inState('down'),
    degraded: inState('degraded'),
    atRisk: inState('atRisk'),
    customers: customersIn(impact, 'down', 'degraded').size,
    weight: impactWeight(impact),
  }
}

/** Who did it, and when, for readers. */
const signed = <T extends { readonly at: number }>(mark: T | undefined) =>
  mark && { ...mark, at: rfc3339(mark.at) }

/** Without what the person wrote, for those who may not read it. */
const wordless = <T extends { readonly reason: string }>(mark: T | undefined, withWords: boolean) => {
  if (mark === undefined || withWords) return mark
  const { reason: _, ...rest } = mark
  return rest
}

/** `withWords`: the caller may read what people wrote. */
export function incidentView(incident: Incident, inventory: Elements, withWords: boolean): IncidentView {
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
    resolvedBecause: incident.resolvedBecause,
    closedAt: maybeTime(incident.closedAt),
    etaAt: maybeTime(incident.etaAt),
    assignee: incident.assignee,
    acknowledged: signed(incident.acknowledged),
    hold: signed(wordless(incident.hold, withWords)),
    reopened: signed(wordless(incident.reopened, withWords)),
    planned: incident.planned,
    mergedInto: incident.mergedInto,
    splitFrom: incident.splitFrom,
    version: incident.version,
    updatedAt: rfc3339(incident.updatedAt),
  }
}

const worstFirst: readonly ImpactState[] = ['down', 'degraded', 'atRisk']

/** The services that ever suffered, worst first and then what weighs most, at most `limit`. Names only for those who may read them. */
export function impactRows(
  incident: Pick<Incident, 'impact' | 'impactHistory'>,
  inventory: Pick<Inventory, 'customers' | 'services'>,
  withNames: boolean,
  limit: number,
): ImpactRow[] {
  const now = new Map(incident.impact.map((entry) => [entry.service, entry]))
  return incident.impactHistory
    .toSorted(
      (a, b) =>
        worstFirst.indexOf(a.state) - worstFirst.indexOf(b.state) || (b.weight ?? 1) - (a.weight ?? 1),
    )
    .slice(0, limit)
    .map(({ service, customer, state, weight = 1 }) => {
      const known = inventory.customers.get(customer)
      return {
        service,
        class: inventory.services.get(service)?.class,
        customer,
        customerName: withNames ? known?.name : undefined,
        tier: known?.tier,
        now: now.get(service)?.state,
        planned: now.get(service)?.planned,
        worst: state,
        weight,
      }
    })
}

/** `withWords`: the caller may read what people wrote. */
export const incidentLogRow = (event: IncidentEvent, inventory: Elements, withWords: boolean): LogRow => ({
  sequence: event.sequence,
  at: rfc3339(event.at),
  actor: event.actor,
  type: event.type,
  text: (withWords ? undefined : wordlessText[event.type]) ?? logText(event, inventory),
})

/** Notes and reasons tell of customers and of people. */
const wordlessText: Readonly<Partial<Record<IncidentEvent['type'], string>>> = {
  held: 'Held.',
  reopened: 'Opened again.',
  noted: 'A note was written.',
}

function logText(event: IncidentEvent, inventory: Elements): string {
  switch (event.type) {
    case 'opened':
      return `Opened: ${findingText(event.finding, inventory)}.`
    case 'changed':
      return `Found anew: ${newsText(event, inventory)}.`
    case 'relapsed':
      return `Bad again: ${findingText(event.finding, inventory)}.`
    case 'restored':
      return `Metrics are good since ${rfc3339(event.restoredAt)}; being verified.`
    case 'resolved':
      return event.because === undefined
        ? 'Resolved.'
        : 'Ended because what it rested on was shelved; nothing was measured to be good.'
    case 'closed':
      return 'Closed.'
    case 'merged':
      return `Taken over by incident ${event.into}.`
    case 'absorbed':
      return `Took over incident ${event.from}, which turned out to be the same.`
    case 'split':
      return `A part of it turned out to be a matter of its own: incident ${event.into}.`
    case 'splitFrom':
      return `Was a part of incident ${event.from} until now.`
    case 'unplanned':
      return event.reason === 'overrun'
        ? `Maintenance window ${event.window} is over and the fault is not: an ordinary incident from now on.`
        : `Reaches beyond maintenance window ${event.window}: an ordinary incident from now on.`
    case 'acknowledged':
      return event.absorbed === undefined
        ? 'Acknowledged.'
        : `Acknowledged by ${event.absorbed.by} at ${rfc3339(event.absorbed.at)}, in incident ${event.absorbed.from}.`
    case 'started':
      return event.assignee === undefined ? 'Work began.' : `Work began; assigned to ${event.assignee}.`
    case 'assigned':
      return event.assignee === null ? 'Assigned to nobody.' : `Assigned to ${event.assignee}.`
    case 'held':
      return `Held: ${event.reason}`
    case 'released':
      return 'Work goes on.'
    case 'reopened':
      return `Opened again: ${event.reason}`
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

/** What of the finding is new. A log of an earlier version has the whole finding. */
function newsText(
  { finding, impact }: Extract<IncidentEvent, { readonly type: 'changed' }>,
  inventory: Elements,
): string {
  const { kind, roots, severity, shadowed, alarms, planned } = finding
  if (finding.impact !== undefined && kind !== undefined && roots !== undefined)
    return findingText({ kind, roots, impact: finding.impact }, inventory)
  const { down, degraded, atRisk } = counts(impact?.set ?? [])
  const parts = [
    ...(kind === undefined ? [] : [kind]),
    ...(roots === undefined ? [] : [`root cause ${incidentTitle({ roots, kind: 'outage' }, inventory)}`]),
    ...(severity === undefined ? [] : [`severity ${severity}`]),
    ...(shadowed === undefined ? [] : [`${shadowed.length} hidden behind it`]),
    ...(alarms === undefined ? [] : [`${alarms.length} alarms`]),
    ...(planned === undefined ? [] : [`planned by ${planned}`]),
    ...(down > 0 ? [`${down} services now down`] : []),
    ...(degraded > 0 ? [`${degraded} services now degraded`] : []),
    ...(atRisk > 0 ? [`${atRisk} services now at risk`] : []),
    ...(impact && impact.gone.length > 0 ? [`${impact.gone.length} services work again`] : []),
  ]
  return parts.join(', ') || 'the evidence'
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

/** A storm changes thousands of services in one step. */
const changesShown = 100

export function impactStepView({
  sequence,
  at,
  type,
  change,
  impact,
}: ImpactStep): ImpactHistoryView['items'][number] {
  const changes = [
    ...change.set.map(({ service, customer, state, planned }) => ({ service, customer, state, planned })),
    ...change.gone.map((service) => ({ service })),
  ]
  return {
    sequence,
    at: rfc3339(at),
    type,
    impact: counts(impact),
    changes: changes.slice(0, changesShown),
    more: Math.max(0, changes.length - changesShown),
  }
}
