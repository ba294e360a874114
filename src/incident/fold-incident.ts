import type { Incident, IncidentState } from '../model/incident.ts'
import type { Finding, ImpactChange, IncidentEvent } from '../model/incident-event.ts'
import { afterImpactChange } from './impact-change.ts'
import { worstImpact } from './worst-impact.ts'

/**
 * Where each event leads from each state; an event that is not named leaves the state as it is. Verification has no
 * state of its own: an incident that is not over and has `restoredAt` is being verified. Resolution is the system's
 * word (metrics good for the verification time) or a person's, and until it is closed the same root cause opens the
 * same incident again, because what fell once tends to fall again the same day. A person may open a resolved one again
 * too, who then has seen it. A closed incident stays closed.
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
  held: { started: 'inProgress', released: 'inProgress', resolved: 'resolved', merged: 'closed' },
  resolved: { relapsed: 'open', reopened: 'acknowledged', closed: 'closed', merged: 'closed' },
  closed: {},
}

const earlier = (one: number | undefined, other: number): number =>
  one === undefined ? other : Math.min(one, other)

/** The correlated part taken over. The onset never moves later: a root that changes does not shorten the outage. */
function withFinding(incident: Incident, finding: Partial<Finding>, change?: ImpactChange): Incident {
  const impact =
    finding.impact ?? (change === undefined ? incident.impact : afterImpactChange(incident.impact, change))
  return {
    ...incident,
    ...finding,
    impact,
    onsetAt: Math.min(incident.onsetAt, finding.onsetAt ?? Infinity),
    impactHistory:
      impact === incident.impact ? incident.impactHistory : worstImpact(incident.impactHistory, impact),
  }
}

/** Opened again: the promise and the assignee belonged to the repair that did not hold. */
function again(incident: Incident): Incident {
  const {
    resolvedAt: _resolved,
    resolvedBecause: _because,
    etaAt: _eta,
    assignee: _assignee,
    reopened: _reopened,
    ...rest
  } = incident
  return rest
}

/** What the event's own data change; the state, version and time are `afterEvent`'s. */
function withData(incident: Incident, event: IncidentEvent): Incident {
  switch (event.type) {
    case 'opened':
      return withFinding(incident, event.finding)
    case 'changed':
      return withFinding(incident, event.finding, event.impact)
    case 'relapsed': {
      const { restoredAt: _restored, reopened: _reopened, ...rest } = incident
      if (rest.resolvedAt === undefined) return withFinding(rest, event.finding)
      const { acknowledged: _acknowledged, ...unseen } = again(rest)
      return withFinding(unseen, event.finding)
    }
    case 'restored':
      return { ...incident, restoredAt: event.restoredAt, impact: [] }
    case 'resolved': {
      const { reopened: _reopened, ...rest } = incident
      return event.because === undefined
        ? { ...rest, resolvedAt: event.at }
        : { ...rest, impact: [], resolvedAt: event.at, resolvedBecause: event.because }
    }
    case 'reopened': {
      const { actor: by, at, reason } = event
      return { ...again(incident), acknowledged: { by, at }, reopened: { by, at, reason } }
    }
    case 'closed':
      return { ...incident, closedAt: event.at }
    case 'merged':
      return { ...incident, closedAt: event.at, mergedInto: event.into, impact: [] }
    case 'splitFrom':
      return { ...incident, splitFrom: event.from }
    case 'unplanned': {
      const { planned: _planned, ...rest } = incident
      return rest
    }
    case 'acknowledged':
      return { ...incident, acknowledged: acknowledgement(event) }
    case 'started':
      return event.assignee === undefined ? incident : { ...incident, assignee: event.assignee }
    case 'assigned': {
      const { assignee: _assignee, ...rest } = incident
      return event.assignee === null ? rest : { ...rest, assignee: event.assignee }
    }
    case 'held':
      return { ...incident, hold: { by: event.actor, at: event.at, reason: event.reason } }
    case 'etaSet': {
      const { etaAt: _eta, ...rest } = incident
      return event.etaAt === null ? rest : { ...rest, etaAt: event.etaAt }
    }
    case 'reported':
      return { ...incident, firstReportAt: earlier(incident.firstReportAt, event.reportedAt) }
    case 'customersTold':
      return { ...incident, firstMessageAt: earlier(incident.firstMessageAt, event.toldAt) }
    case 'released':
    case 'noted':
    case 'absorbed':
    case 'split':
      return incident
  }
}

const acknowledgement = (event: IncidentEvent & { readonly type: 'acknowledged' }) => {
  const { by, at } = event.absorbed ?? { by: event.actor, at: event.at }
  return { by, at }
}

/** The reason of a hold goes with the hold, however that ends. */
function withoutHold({ hold: _hold, ...incident }: Incident): Incident {
  return incident
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
  const state = moves[incident.state][event.type] ?? incident.state
  const data = withData(incident, event)
  return {
    ...(state === 'held' ? data : withoutHold(data)),
    state,
    version: event.sequence,
    updatedAt: event.at,
  }
}

/** The state of an incident from its whole log, in order of `sequence`. */
export function foldIncident(events: readonly IncidentEvent[]): Incident {
  const incident = foldUntil(events, Infinity)
  if (incident === undefined) throw new Error('an incident without a log has no state')
  return incident
}

/** The state at a past moment, with all that happened at that moment; undefined before it was opened. */
export function foldUntil(events: readonly IncidentEvent[], at: number): Incident | undefined {
  let incident: Incident | undefined
  for (const event of events) {
    if (event.at > at) break
    incident = afterEvent(incident, event)
  }
  return incident
}
