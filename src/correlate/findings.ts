import type { NetworkAlarm } from '../model/alarm.ts'
import type { Customer, CustomerId } from '../model/customer.ts'
import type { Impact } from '../model/impact.ts'
import { customerWeight, type ImpactWeights, impactSeverity } from '../model/impact-weight.ts'
import { type IncidentKind, rootText } from '../model/incident.ts'
import type { Finding } from '../model/incident-event.ts'
import type { LinkDifference } from '../model/link-difference.ts'
import { type Severity, worstSeverity } from '../model/severity.ts'
import { contradictions } from './contradictions.ts'
import type { Fault } from './fault.ts'
import type { Faults } from './find-faults.ts'
import { byText, type Graph } from './graph.ts'
import { impactOf } from './impact.ts'
import type { Layout } from './layout.ts'
import type { ServicePlaces } from './service-places.ts'
import { namesOf, type Situation } from './situation.ts'
import { countedList, listText, verb } from './words.ts'

/** What the inventory adds to what was measured. */
export interface Surroundings {
  readonly customers: ReadonlyMap<CustomerId, Customer> | undefined
  readonly weights: ImpactWeights
  readonly differences: readonly LinkDifference[]
}

/** Faults with what they do to services, in an order that does not depend on that of the input. */
export function toFindings(
  { situation, blind, faults }: Faults,
  placesOf: ServicePlaces,
  around: Surroundings,
): readonly Finding[] {
  const found = blind.map((one) => findingOf(one.situation.graph, one.fault, [], 'blind', around))
  if (situation) {
    const { impacts, stranded } = impactOf(situation, faults, placesOf, weightsOf(around))
    for (const [index, one] of faults.entries()) {
      if (isShelved(one)) continue
      const impact = impacts[index] ?? []
      const fault = {
        ...one,
        explanation: [...one.explanation, ...strandedText(situation, stranded(index), placesOf)],
      }
      const kind = kindOf(fault, impact, situation.layout)
      found.push(findingOf(situation.graph, fault, impact, kind, around))
    }
  }
  return found
    .map((finding) => ({ finding, key: keyOf(finding) }))
    .sort((one, other) => byText(one.key, other.key))
    .map(({ finding }) => finding)
}

/** An alarm that flaps stands all the time, so what it says of since when is half of the truth. */
function flappingText(alarms: Fault['alarms']): readonly string[] {
  const flapping = alarms.filter(({ phase }) => phase === 'flapping').map(({ resource }) => placeOf(resource))
  return flapping.length === 0 ? [] : [`It comes and goes at ${listText([...new Set(flapping)].sort())}.`]
}

const placeOf = (resource: NetworkAlarm['resource']): string =>
  resource.kind === 'interface' ? `${resource.element}[${resource.interface}]` : resource.element

/** Ends of services that work and have nowhere to go. */
function strandedText(
  situation: Situation,
  stranded: readonly number[],
  placesOf: ServicePlaces,
): readonly string[] {
  const answering = stranded.filter(
    (vertex) => situation.reach[vertex] === 'answering' && placesOf(vertex).length > 0,
  )
  if (answering.length === 0) return []
  const names = namesOf(situation, answering)
  const gateways = namesOf(situation, situation.gateways)
  return [
    `${countedList(names, 'element')} ${verb(names.length, 'answers', 'answer')}, and no way from there to ${gateways.length === 1 ? 'the gateway' : 'a gateway'} (${listText(gateways)}) is left.`,
  ]
}

const keyOf = ({ roots, kind, alarms }: Finding): string =>
  JSON.stringify([roots.map(rootText), kind, alarms])

const isShelved = ({ alarms }: Fault): boolean =>
  alarms.length > 0 && alarms.every(({ shelved }) => shelved !== undefined)

function weightsOf({ customers, weights }: Surroundings): (customer: CustomerId) => number {
  const known = new Map<CustomerId, number>()
  return (id) => {
    const weight = known.get(id) ?? customerWeight(customers?.get(id), weights)
    known.set(id, weight)
    return weight
  }
}

const usualSeverity: Readonly<Record<IncidentKind, Severity>> = {
  outage: 'critical',
  blind: 'critical',
  redundancy: 'major',
  degradation: 'minor',
  agent: 'minor',
}

/**
 * As severe as the worst of its alarms, and at least as severe as what it does to customers. What forwards is not down,
 * however grave the alarm is that it does not answer.
 */
function severityOf(fault: Fault, impact: Impact, kind: IncidentKind, weights: ImpactWeights): Severity {
  const alarms = fault.alarms.filter(({ type }) => kind !== 'agent' || type !== 'unreachable')
  const own =
    alarms.length > 0 && kind !== 'blind'
      ? worstSeverity(alarms.map(({ severity }) => severity))
      : usualSeverity[kind]
  const byImpact = impactSeverity(impact, weights)
  return byImpact === undefined ? own : worstSeverity([own, byImpact])
}

function findingOf(
  graph: Graph,
  fault: Fault,
  impact: Impact,
  kind: IncidentKind,
  { weights, differences }: Surroundings,
): Finding {
  return {
    kind,
    severity: severityOf(fault, impact, kind, weights),
    roots: fault.roots,
    shadowed: fault.shadowed.flatMap((vertex) => graph.ids[vertex] ?? []),
    alarms: fault.alarms.map(({ id }) => id).sort(byText),
    impact,
    explanation: [
      ...fault.explanation,
      ...flappingText(fault.alarms),
      ...contradictions(graph, fault.roots, differences),
    ],
    onsetAt: fault.onsetAt,
  }
}

/** A lost link is an outage when a service is down by it, and a lost spare where the network had one. */
function kindOf({ kind, cut }: Fault, impact: Impact, layout: Layout): IncidentKind {
  if (kind !== 'cut') return kind
  if (impact.some(({ state }) => state === 'down')) return 'outage'
  const hadSpare = cut.some((link) => !layout.bridges().has(link))
  return impact.length > 0 || hadSpare ? 'redundancy' : 'degradation'
}
