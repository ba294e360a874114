import type { Alarm } from '../model/alarm.ts'
import type { Impact } from '../model/impact.ts'
import { type IncidentKind, rootText } from '../model/incident.ts'
import type { Finding } from '../model/incident-event.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Service } from '../model/service.ts'
import { type Severity, worstSeverity } from '../model/severity.ts'
import { blindness } from './blindness.ts'
import { carrying } from './carrying.ts'
import { darkPieces } from './dark-pieces.ts'
import { degradations } from './degradations.ts'
import { bridgeLinks, depthFirst } from './depth-first.ts'
import { type Fault, harmless } from './fault.ts'
import { arcsOf, byText, everything } from './graph.ts'
import { impactOf } from './impact.ts'
import { agentFaults, linkFaults } from './link-faults.ts'
import { outages } from './outages.ts'
import { assess, isDarkish, type Situation, type SituationInput, sinceOf } from './situation.ts'
import { listText, timeText } from './words.ts'

export interface CorrelationInput extends SituationInput {
  readonly services: Iterable<Service>
}

export interface Correlation {
  readonly findings: readonly Finding[]
  /** Elements that miss polls and about which nothing may be said yet: they open nothing and restore nothing. */
  readonly undecided: readonly ElementId[]
}

/**
 * Groups what is wrong into findings, each with its root causes, what hides behind them, and which services suffer.
 * Pure: the same input in any order gives the same findings. Each dark element is in exactly one finding or undecided,
 * each alarm in at most one finding.
 */
export function correlate(input: CorrelationInput): Correlation {
  const situation = assess(input)
  const { graph } = situation
  const vertices = [...graph.ids.keys()]
  const isQuiet = situation.alarms.length === 0 && !vertices.some((vertex) => isDarkish(situation, vertex))
  if (isQuiet) return { findings: [], undecided: [] }

  const blind = blindness(situation)
  if (blind.kind === 'yes')
    return { findings: [findingOf(situation, blindFault(situation), [], 'blind')], undecided: [] }

  const carries = carrying(situation)
  const { decided, undecided } = darkPieces(
    situation,
    carries,
    blind.kind === 'maybe' ? blind.before : Infinity,
  )
  const claimed = new Set<Alarm>()
  const isClaimed = (alarm: Alarm) => claimed.has(alarm)
  const faults: Fault[] = []
  const take = (more: readonly Fault[]) => {
    for (const fault of more) {
      const alarms = fault.alarms.filter((alarm) => !claimed.has(alarm))
      for (const alarm of alarms) claimed.add(alarm)
      faults.push({ ...fault, alarms })
    }
  }
  take(outages(situation, carries, decided))
  const waiting = new Set(undecided)
  take(linkFaults(situation, carries, isClaimed, (vertex) => waiting.has(vertex)))
  const dead = new Set(decided.flat())
  take(
    degradations(
      situation,
      { vertex: (vertex) => !dead.has(vertex), link: (link) => !carries.isBroken(link) },
      isClaimed,
    ),
  )
  // After them: a path that loses packets silences agents, and that is no fault of theirs.
  take(agentFaults(situation, carries, isClaimed))
  const impacts = impactOf(situation, faults, input.services)
  const bridges = faults.some(({ kind }) => kind === 'cut')
    ? bridgeLinks(depthFirst(graph, situation.gateways, everything))
    : new Set<number>()
  const findings = faults.map((fault, index) => {
    const impact = impacts[index] ?? []
    return findingOf(situation, fault, impact, kindOf(fault, impact, bridges))
  })
  return {
    findings: findings.sort((one, other) => byText(keyOf(one), keyOf(other))),
    undecided: undecided.flatMap((vertex) => graph.ids[vertex] ?? []),
  }
}

const keyOf = ({ roots, kind, alarms }: Finding): string =>
  JSON.stringify([roots.map(rootText), kind, alarms])

/** Nothing answers: one finding for all, and no word about services, because nothing is known about them. */
function blindFault(situation: Situation): Fault {
  const { graph, vantage, reach } = situation
  const name = graph.ids[vantage] ?? ''
  const silent = [...graph.ids.keys()].filter((vertex) => isDarkish(situation, vertex))
  const dark = silent.filter((vertex) => reach[vertex] === 'dark')
  const onsetAt = Math.min(...dark.map((vertex) => sinceOf(situation, vertex)))
  return {
    ...harmless,
    kind: 'blind',
    roots: [
      {
        kind: 'elementOrUplink',
        element: name,
        uplinks: arcsOf(graph, vantage).flatMap(({ link }) => graph.links[link] ?? []),
      },
    ],
    shadowed: silent,
    alarms: situation.alarms,
    explanation: [
      `Nothing that is reached from ${name} answers, the first since ${timeText(onsetAt)}.`,
      `So ${name} or its own connection is the likely cause, and nothing can be said about ${listText(dark.flatMap((vertex) => graph.ids[vertex] ?? []))}.`,
    ],
    onsetAt,
  }
}

const usualSeverity: Readonly<Record<IncidentKind, Severity>> = {
  outage: 'critical',
  blind: 'critical',
  redundancy: 'major',
  degradation: 'minor',
  agent: 'minor',
}

function findingOf({ graph }: Situation, fault: Fault, impact: Impact, kind: IncidentKind): Finding {
  const alarms = fault.alarms.map(({ id }) => id).sort(byText)
  return {
    kind,
    severity:
      fault.alarms.length > 0 && kind !== 'blind'
        ? worstSeverity(fault.alarms.map(({ severity }) => severity))
        : usualSeverity[kind],
    roots: fault.roots,
    shadowed: fault.shadowed.flatMap((vertex) => graph.ids[vertex] ?? []),
    alarms,
    impact,
    explanation: fault.explanation,
    onsetAt: fault.onsetAt,
  }
}

/** A lost link is an outage when a service is down by it, and a lost spare where the network had one. */
function kindOf({ kind, cut }: Fault, impact: Impact, bridges: ReadonlySet<number>): IncidentKind {
  if (kind !== 'cut') return kind
  if (impact.some(({ state }) => state === 'down')) return 'outage'
  return impact.length > 0 || cut.some((link) => !bridges.has(link)) ? 'redundancy' : 'degradation'
}
