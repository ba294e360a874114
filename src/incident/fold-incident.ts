import type { Incident, IncidentState } from '../model/incident.ts'
import type { Finding, IncidentEvent } from '../model/incident-event.ts'
import { worstImpact } from './worst-impact.ts'

/**
 * Where each event leads from each state; an event that is not named leaves the state as it is. Verification has no
 * state of its own: an incident that is not over and has `restoredAt` is being verified. Resolution is the system's
 * word (metrics good for the verification time) or a person's, and until it is closed the same root cause opens the
 * same incident again, because what fell once tends to fall again the same day. A closed incident stays closed.
 */
export const moves: Readonly<
  Record<IncidentState, Readonly<Partial<Record<IncidentEvent['type'], IncidentState>>>>
> = {
  open: {
    acknowledged: 'acknowledged',
    started: 'inProgress',
    resolved: 'resolved',
    merged: 'closed',
  },
  acknowledged: { started: 'inProgress', held: 'held', resolved: 'resolved', merged: 'closed' },
  inProgress: { held: 'held', resolved: 'resolved', merged: 'closed' },
  held: { started: 'inProgress', resolved: 'resolved', merged: 'closed' },
  resolved: { relapsed: 'open', closed: 'closed', merged: 'closed' },
  closed: {},
}

const earlier = (one: number | undefined, other: number): number =>
  one === undefined ? other : Math.min(one, other)

/** The correlated part taken over. The onset never moves later: a root that changes does not shorten the outage. */
const withFinding = (incident: Incident, finding: Finding): Incident => ({
  ...incident,
  ...finding,
  onsetAt: Math.min(incident.onsetAt, finding.onsetAt),
  impactHistory: worstImpact(incident.impactHistory, finding.impact),
})

/** What the event's own data change; the state, version and time are `afterEvent`'s. */
function withData(incident: Incident, event: IncidentEvent): Incident {
  switch (event.type) {
    case 'opened':
    case 'changed':
      return withFinding(incident, event.finding)
    case 'relapsed': {
      const { restoredAt: _restored, resolvedAt, ...rest } = incident
      if (resolvedAt === undefined) return withFinding(rest, event.finding)
      // Opened again: the promise and the assignee belonged to the repair that did not hold.
      const { etaAt: _eta, assignee: _assignee, ...reopened } = rest
      return withFinding(reopened, event.finding)
    }
    case 'restored':
      return { ...incident, restoredAt: event.restoredAt, impact: [] }
    case 'resolved':
      return { ...incident, resolvedAt: event.at }
    case 'closed':
      return { ...incident, closedAt: event.at }
    case 'merged':
      return { ...incident, closedAt: event.at, mergedInto: event.into, impact: [] }
    case 'started':
      return event.assignee === undefined ? incident : { ...incident, assignee: event.assignee }
    case 'etaSet': {
      const { etaAt: _eta, ...rest } = incident
      return event.etaAt === null ? rest : { ...rest, etaAt: event.etaAt }
    }
    case 'reported':
      return { ...incident, firstReportAt: earlier(incident.firstReportAt, event.reportedAt) }
    case 'customersTold':
      return { ...incident, firstMessageAt: earlier(incident.firstMessageAt, event.toldAt) }
    case 'acknowledged':
    case 'held':
    case 'noted':
      return incident
  }
}

/** The incident that an `opened` event begins. */
const opened = (event: IncidentEvent & { readonly type: 'opened' }): Incident => ({
  id: event.incident,
  state: 'open',
  ...event.finding,
  impactHistory: event.finding.impact,
  detectedAt: event.at,
  version: 0,
  updatedAt: event.at,
})

/**
 * One step of the fold.
 * @throws Error when the log does not begin with `opened`: that is a bug, or a damaged store.
 */
export function afterEvent(before: Incident | undefined, event: IncidentEvent): Incident {
  if (before === undefined && event.type !== 'opened')
    throw new Error(`the log of incident ${event.incident} begins with ${event.type}`)
  const incident = before ?? (event.type === 'opened' ? opened(event) : undefined)
  if (incident === undefined) throw new Error(`incident ${event.incident} has no state`)
  return {
    ...withData(incident, event),
    state: moves[incident.state][event.type] ?? incident.state,
    version: event.sequence,
    updatedAt: event.at,
  }
}

/** The state of an incident from its whole log, in order of `sequence`. */
export function foldIncident(events: readonly IncidentEvent[]): Incident {
  let incident: Incident | undefined
  for (const event of events) incident = afterEvent(incident, event)
  if (incident === undefined) throw new Error('an incident without a log has no state')
  return incident
}
