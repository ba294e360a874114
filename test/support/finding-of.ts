import { afterEvent } from '../../src/incident/fold-incident.ts'
import type { ImpactState } from '../../src/model/impact.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { Finding } from '../../src/model/incident-event.ts'

/** A finding about one element, with what is said about it laid over. */
export const findingOf = (element: string, over: Partial<Finding> = {}): Finding => ({
  kind: 'outage',
  severity: 'critical',
  roots: [{ kind: 'element', element }],
  shadowed: [],
  alarms: [`al-${element}`],
  impact: [],
  explanation: [`${element} does not answer`],
  onsetAt: 1_000,
  ...over,
})

/** `impactOf('down', 's-1', 's-2')`: service `s-N` belongs to customer `c-N`, and so does `s-N-anything`. */
export const impactOf = (state: ImpactState, ...services: readonly string[]): Finding['impact'] =>
  services.map((service) => ({ service, customer: service.replace(/^s-([^-]+).*$/, 'c-$1'), state }))

/** An incident that has just been opened by that finding. */
export const incidentOf = (id: string, finding: Finding, at = finding.onsetAt): Incident =>
  afterEvent(undefined, { type: 'opened', finding, incident: id, sequence: 1, at, actor: 'system' })
