import type { FaultReportId, Match } from '../model/fault-report.ts'
import type { IncidentId } from '../model/incident.ts'
import type { Actor } from '../model/incident-event.ts'

/** The match of a report and an incident that a person tied or untied. */
export const personDecision = (
  report: FaultReportId,
  incident: IncidentId,
  state: 'linked' | 'unlinked',
  actor: Actor,
  now: number,
): Match => ({
  report,
  incident,
  score: state === 'linked' ? 1 : 0,
  reasons: [
    {
      factor: 'person',
      points: state === 'linked' ? 1 : 0,
      text: `${state === 'linked' ? 'Linked' : 'Unlinked'} by ${actor}.`,
    },
  ],
  state,
  decidedBy: 'person',
  at: now,
})
