import type { CustomerId } from '../model/customer.ts'
import type { ImpactState } from '../model/impact.ts'
import { type Incident, type IncidentKind, isOpen } from '../model/incident.ts'
import type { ServiceId } from '../model/service.ts'

/** The services of each customer that suffer in a way that customers are told of. */
export type ToldImpact = ReadonlyMap<CustomerId, Readonly<Record<ServiceId, ImpactState>>>

/** `blind` and `agent` say nothing about services; a lost spare path is told only where `tell` names `atRisk`. */
const mayTell = (kind: IncidentKind, tell: readonly ImpactState[]): boolean =>
  kind === 'outage' || kind === 'degradation' || (kind === 'redundancy' && tell.includes('atRisk'))

/** `unplanned`: without what a maintenance window explains, of which no outage message is sent. */
export function toldImpact(
  incident: Pick<Incident, 'kind' | 'state' | 'impact'> | undefined,
  tell: readonly ImpactState[],
  which: 'all' | 'unplanned' = 'all',
): ToldImpact {
  const told = new Map<CustomerId, Record<ServiceId, ImpactState>>()
  if (!incident || !isOpen(incident) || !mayTell(incident.kind, tell)) return told
  for (const { service, customer, state, planned } of incident.impact) {
    if (!tell.includes(state) || (which === 'unplanned' && planned !== undefined)) continue
    const states = told.get(customer) ?? {}
    states[service] = state
    told.set(customer, states)
  }
  return told
}
