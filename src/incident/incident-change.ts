import type { Incident } from '../model/incident.ts'
import type { Actor, IncidentEvent, IncidentEventBody } from '../model/incident-event.ts'
import { afterEvent } from './fold-incident.ts'

/** What happened to one incident in one step: log rows that are new, and the state before and after them. */
export interface IncidentChange {
  readonly incident: Incident
  /** Absent when it was opened. */
  readonly before?: Incident
  readonly events: readonly IncidentEvent[]
}

/** Times in a log never go back, also when the clock does: else its fold would not give the state at each moment. */
export const eventTime = (before: Pick<Incident, 'updatedAt'>, now: number): number =>
  Math.max(now, before.updatedAt)

/** Lets things happen to an incident; undefined when nothing did. */
export function happen(
  before: Incident,
  bodies: readonly IncidentEventBody[],
  actor: Actor,
  now: number,
): IncidentChange | undefined {
  const events: IncidentEvent[] = []
  let incident = before
  for (const body of bodies) {
    const event: IncidentEvent = {
      ...body,
      incident: before.id,
      sequence: incident.version + 1,
      at: eventTime(before, now),
      actor,
    }
    events.push(event)
    incident = afterEvent(incident, event)
  }
  return events.length === 0 ? undefined : { incident, before, events }
}
