import { type Incident, isOpen } from '../model/incident.ts'
import type { IncidentAction } from '../model/incident-action.ts'
import type { Actor, IncidentEvent, IncidentEventBody } from '../model/incident-event.ts'
import { FaultlineError } from '../platform/errors.ts'
import { moves } from './fold-incident.ts'
import { eventTime } from './incident-change.ts'

function bodyOf(action: IncidentAction): IncidentEventBody {
  switch (action.type) {
    case 'acknowledge':
      return { type: 'acknowledged' }
    case 'start':
      return { type: 'started', ...(action.assignee === undefined ? {} : { assignee: action.assignee }) }
    case 'assign':
      return { type: 'assigned', assignee: action.assignee }
    case 'hold':
      return { type: 'held', reason: action.reason }
    case 'release':
      return { type: 'released' }
    case 'note':
      return { type: 'noted', text: action.text }
    case 'eta':
      return { type: 'etaSet', etaAt: action.etaAt }
    case 'resolve':
      return { type: 'resolved' }
    case 'reopen':
      return { type: 'reopened', reason: action.reason }
    case 'close':
      return { type: 'closed' }
  }
}

const yearMs = 365 * 86_400_000

/** Why the action cannot be done now, in words for the person; undefined when it can. */
function objection(incident: Incident, action: IncidentAction, now: number): FaultlineError | undefined {
  const conflict = (why: string) => new FaultlineError('CONFLICT', why, { incident: incident.id })
  if (action.type === 'note') return undefined
  if (action.type === 'assign') {
    if (incident.state === 'closed') return conflict('the incident is closed: nothing is left to do')
    return (incident.assignee ?? null) === action.assignee
      ? conflict(`it is ${action.assignee === null ? 'nobody' : action.assignee}'s already`)
      : undefined
  }
  if (action.type === 'eta') {
    if (!isOpen(incident)) return conflict(`the incident is ${incident.state}: nothing is left to promise`)
    // Messages name the day without its year, and nobody promises more than that in earnest.
    return action.etaAt !== null && (action.etaAt <= now || action.etaAt > now + yearMs)
      ? new FaultlineError('REQUEST_INVALID', 'the promised time must lie within the next year', {
          field: 'etaAt',
        })
      : undefined
  }
  if (moves[incident.state][bodyOf(action).type] === undefined)
    return conflict(`an incident that is ${incident.state} cannot take "${action.type}"`)
  // Customers would be told that all is well, and the next poll would open it again.
  return action.type === 'resolve' && incident.restoredAt === undefined && incident.reopened === undefined
    ? conflict('it is still measured to be bad; it can be resolved once metrics are good again')
    : undefined
}

/**
 * What a person's action adds to the log. `expectedVersion` is the version that the person saw.
 * Returns, and does not throw, CONFLICT when the state does not allow it, PRECONDITION_FAILED when someone else was
 * faster, REQUEST_INVALID for a promised time that has passed or is over a year away.
 */
export function incidentAction(
  incident: Incident,
  action: IncidentAction,
  actor: Actor,
  now: number,
  expectedVersion?: number,
): IncidentEvent | FaultlineError {
  if (expectedVersion !== undefined && expectedVersion !== incident.version)
    return new FaultlineError(
      'PRECONDITION_FAILED',
      `the incident is at version ${incident.version}, and not at ${expectedVersion}`,
      { incident: incident.id, version: incident.version },
    )
  return (
    objection(incident, action, now) ?? {
      ...bodyOf(action),
      incident: incident.id,
      sequence: incident.version + 1,
      at: eventTime(incident, now),
      actor,
    }
  )
}
