import type { Impact } from '../model/impact.ts'
import type { ImpactChange, ImpactStep, IncidentEvent } from '../model/incident-event.ts'
import { afterImpactChange, impactChange } from './impact-change.ts'

/** What an event says of the impact; undefined when it says nothing of it. */
function changeIn(event: IncidentEvent, before: Impact): ImpactChange | undefined {
  switch (event.type) {
    case 'opened':
    case 'relapsed':
      return impactChange(before, event.finding.impact)
    case 'changed':
      return event.impact ?? (event.finding.impact && impactChange(before, event.finding.impact))
    case 'restored':
    case 'merged':
      return impactChange(before, [])
    case 'resolved':
      return event.because === undefined ? undefined : impactChange(before, [])
    default:
      return undefined
  }
}

/** How the impact of an incident grew and shrank, from its log: one step for each event that changed it. */
export function impactHistory(events: readonly IncidentEvent[]): readonly ImpactStep[] {
  let impact: Impact = []
  return events.flatMap((event) => {
    const change = changeIn(event, impact)
    if (!change) return []
    impact = afterImpactChange(impact, change)
    return [{ sequence: event.sequence, at: event.at, type: event.type, change, impact }]
  })
}
