import { customersIn, type Impact, type ImpactState } from '../model/impact.ts'
import { impactWeight } from '../model/impact-weight.ts'
import type { Incident } from '../model/incident.ts'
import type { ImpactStep } from '../model/incident-event.ts'
import type { Inventory } from '../model/inventory.ts'
import { rfc3339 } from './parameters.ts'
import type { ImpactRow } from './views/impact-schemas.ts'
import type { ImpactHistoryView } from './views/incident-schemas.ts'

/** How many services are in which state, how many customers have them, and what they weigh together. */
export const impactCounts = (impact: Impact) => {
  const inState = (state: ImpactState) => impact.filter((entry) => entry.state === state).length
  return {
    down: inState('down'),
    degraded: inState('degraded'),
    atRisk: inState('atRisk'),
    customers: customersIn(impact, 'down', 'degraded').size,
    weight: impactWeight(impact),
  }
}

const worstFirst: readonly ImpactState[] = ['down', 'degraded', 'atRisk']

/** The services that ever suffered, worst first and then what weighs most, at most `limit`. Names only for those who may read them. */
export function impactRows(
  incident: Pick<Incident, 'impact' | 'impactHistory'>,
  inventory: Pick<Inventory, 'customers' | 'services'>,
  withNames: boolean,
  limit: number,
): ImpactRow[] {
  const now = new Map(incident.impact.map((entry) => [entry.service, entry]))
  return incident.impactHistory
    .toSorted(
      (a, b) =>
        worstFirst.indexOf(a.state) - worstFirst.indexOf(b.state) || (b.weight ?? 1) - (a.weight ?? 1),
    )
    .slice(0, limit)
    .map(({ service, customer, state, weight = 1 }) => {
      const known = inventory.customers.get(customer)
      return {
        service,
        class: inventory.services.get(service)?.class,
        customer,
        customerName: withNames ? known?.name : undefined,
        tier: known?.tier,
        now: now.get(service)?.state,
        planned: now.get(service)?.planned,
        worst: state,
        weight,
      }
    })
}

/** A storm changes thousands of services in one step. */
const changesShown = 100

/** One step of the impact's history: what changed, and what it came to. */
export function impactStepView({
  sequence,
  at,
  type,
  change,
  impact,
}: ImpactStep): ImpactHistoryView['items'][number] {
  const changes = [
    ...change.set.map(({ service, customer, state, planned }) => ({ service, customer, state, planned })),
    ...change.gone.map((service) => ({ service })),
  ]
  return {
    sequence,
    at: rfc3339(at),
    type,
    impact: impactCounts(impact),
    changes: changes.slice(0, changesShown),
    more: Math.max(0, changes.length - changesShown),
  }
}
