import type { Incident } from '../model/incident.ts'
import type { IncidentEvent } from '../model/incident-event.ts'
import { impactCounts } from './impact-view.ts'
import { rfc3339 } from './parameters.ts'
import { type Elements, incidentTitle } from './root-cause-view.ts'
import type { LogRow } from './views/log-schemas.ts'

/** A row of the log with a sentence. `withWords`: the caller may read what people wrote. */
export const incidentLogRow = (event: IncidentEvent, inventory: Elements, withWords: boolean): LogRow => ({
  sequence: event.sequence,
  at: rfc3339(event.at),
  actor: event.actor,
  type: event.type,
  text: (withWords ? undefined : wordlessText[event.type]) ?? logText(event, inventory),
})

/** Notes, reasons and names of assignees tell of customers and of people. */
const wordlessText: Readonly<Partial<Record<IncidentEvent['type'], string>>> = {
  started: 'Work began.',
  assigned: 'Assigned anew.',
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
  const { down, degraded, atRisk } = impactCounts(impact?.set ?? [])
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
  const { down, degraded, atRisk } = impactCounts(finding.impact)
  const hit = [
    ...(down > 0 ? [`${down} down`] : []),
    ...(degraded > 0 ? [`${degraded} degraded`] : []),
    ...(atRisk > 0 ? [`${atRisk} at risk`] : []),
  ]
  const impact = hit.length === 0 ? 'no service affected' : `services: ${hit.join(', ')}`
  return `${finding.kind}, ${incidentTitle(finding, inventory)}; ${impact}`
}
