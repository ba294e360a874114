import type { Incident, IncidentId, IncidentState } from '../../model/incident.ts'
import type { IncidentAction } from '../../model/incident-action.ts'
import type { Actor, ImpactStep, IncidentEvent } from '../../model/incident-event.ts'
import type { Page } from '../../platform/db/cursor.ts'
import type { PageFilter } from './page-filter.ts'

export interface IncidentAccess {
  open(): Promise<readonly Incident[]>
  list(filter: PageFilter & { readonly states?: readonly IncidentState[] }): Promise<Page<Incident>>
  get(id: IncidentId): Promise<Incident | undefined>
  events(id: IncidentId): Promise<readonly IncidentEvent[]>
  /** What the log, which may be cut short, says that the incident was then; undefined when it began later. */
  stateIn(log: readonly IncidentEvent[], at: number): Incident | undefined
  impactSteps(log: readonly IncidentEvent[]): readonly ImpactStep[]
  /** Writes its own audit row. @throws FaultlineError NOT_FOUND, CONFLICT, PRECONDITION_FAILED, REQUEST_INVALID. */
  act(id: IncidentId, action: IncidentAction, actor: Actor, expectedVersion?: number): Promise<Incident>
}
