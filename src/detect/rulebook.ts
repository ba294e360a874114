import type { InterfaceName } from '../model/interface.ts'
import type { ElementId, NetworkElement } from '../model/network-element.ts'
import type { ProbeName } from '../model/reading.ts'
import { isDaily, isStateRule, measurementOf, type Rule, type ValueRule } from '../model/rule.ts'
import type { Service } from '../model/service.ts'
import { createZone, type Zone } from '../model/zone.ts'
import { type Baselines, createBaselines } from './baseline.ts'
import { createElementRules, type ElementRules } from './element-rules.ts'
import { createPathLoads, type PathPort } from './path-loads.ts'
import type { PortMemory } from './port-memory.ts'
import { createReference, type Reference } from './reference.ts'
import { createRuleChains } from './rule-chains.ts'
import { carriedServices, readyRule } from './rule-scope.ts'
import { createWindows, type WindowSettings, type WindowTest } from './rule-window.ts'
import { limitJudge, type SampleJudge } from './sample-judge.ts'
import { readerOf } from './sample-value.ts'

/** What rules ask of the world besides samples. All of it may be left out; then it is as the comments say. */
export interface RuleSurroundings {
  /** Zone of an element's busy hours and hours of the week. Default: UTC. */
  readonly zoneOf: (element: ElementId) => Zone
  /** Default: 19:00 to 23:00, and no calendars. */
  readonly windows: Omit<WindowSettings, 'zoneNamed'>
  /** Default: none. */
  readonly services: Iterable<Service>
  /** Where usual values come in. Default: none do. */
  readonly baselines: Baselines
  /** Ports on the way from the gateways to an element, both ends of each link. Default: not known. */
  readonly portsTo: (element: ElementId) => readonly PathPort[]
  /** Which ports are used. Default: all. */
  readonly ports: PortMemory
}

export interface RulebookSettings {
  /** In the order of the file. */
  readonly rules: readonly Rule[]
  /** Time between two polls by probe, ms. */
  readonly pollIntervalMs: Readonly<Record<ProbeName, number>>
  readonly surroundings?: Partial<RuleSurroundings>
}

/** The rules, made ready to judge: everything that can be known of a rule and a series before samples come is worked out once. */
export interface Rulebook {
  rulesFor(element: NetworkElement): ElementRules
}

/** How often a rule's samples come, ms: after three times that without one, what was gathered counts no more. */
export function rhythmOf(rule: ValueRule, pollIntervalMs: Readonly<Record<ProbeName, number>>): number {
  const measurement = measurementOf(rule)
  if (measurement === 'icmp' || measurement === 'stamp') return pollIntervalMs[measurement]
  // Of days: three times that is more than one, and less than two, so a day that is missing ends what was gathered.
  return isDaily(rule) ? 12 * 3_600_000 : pollIntervalMs.snmp
}

const peak = { from: 19 * 60, to: 23 * 60 }

export function createRulebook({ rules, pollIntervalMs, surroundings = {} }: RulebookSettings): Rulebook {
  const utc = createZone('UTC')
  const zones = new Map<string, Zone>([[utc.name, utc]])
  const zoneNamed = (name: string): Zone => {
    const zone = zones.get(name) ?? createZone(name)
    zones.set(name, zone)
    return zone
  }
  const {
    zoneOf = () => utc,
    windows = { peak, calendars: new Map() },
    services = [],
    baselines = createBaselines(),
    portsTo = () => [],
    ports,
  } = surroundings
  const isAsked = rules.some((rule) => !isStateRule(rule) && rule.parts?.loadRatio !== undefined)
  const references = referencesOf(rules, pollIntervalMs)
  const shared = {
    windowOf: createWindows({ ...windows, zoneNamed }),
    baselines,
    limitJudgeOf: createLimitJudges(),
    chainsOf: createRuleChains(),
    loads: isAsked ? createPathLoads(portsTo, 3 * pollIntervalMs.snmp) : undefined,
    references,
    ports,
  }
  const ready = rules.map(readyRule)
  const servicesOf = carriedServices(services)
  return {
    rulesFor: (element) =>
      createElementRules({
        ...shared,
        element,
        rules: ready,
        services: servicesOf(element.id),
        zone: zoneOf(element.id),
      }),
  }
}

function createLimitJudges() {
  const made = new Map<ValueRule, Map<WindowTest | undefined, SampleJudge>>()
  return (rule: ValueRule, isOpen: WindowTest | undefined): SampleJudge => {
    const ofRule = made.get(rule) ?? new Map<WindowTest | undefined, SampleJudge>()
    made.set(rule, ofRule)
    const judge = ofRule.get(isOpen) ?? limitJudge(rule, isOpen)
    ofRule.set(isOpen, judge)
    return judge
  }
}

const none: readonly Reference[] = []

/** The series that rules compare with. */
export interface References {
  /** What a rule compares with. */
  of(rule: ValueRule): Reference | undefined
  /** Those that samples of this series feed. */
  fedBy(measurement: string, element: ElementId, name: InterfaceName): readonly Reference[]
}

function referencesOf(
  rules: readonly Rule[],
  pollIntervalMs: RulebookSettings['pollIntervalMs'],
): References {
  const byRule = new Map<ValueRule, Reference>()
  const bySeries = new Map<string, Reference[]>()
  const keyOf = (measurement: string, element: ElementId, name: InterfaceName) =>
    JSON.stringify([measurement, element, name])
  for (const rule of rules) {
    if (isStateRule(rule) || rule.relativeTo === undefined) continue
    const { element, interface: name = '' } = rule.relativeTo
    const key = keyOf(measurementOf(rule), element, name)
    const reference = createReference(readerOf(rule), rhythmOf(rule, pollIntervalMs) / 2)
    byRule.set(rule, reference)
    bySeries.set(key, [...(bySeries.get(key) ?? []), reference])
  }
  return {
    of: (rule) => byRule.get(rule),
    fedBy: (measurement, element, name) => bySeries.get(keyOf(measurement, element, name)) ?? none,
  }
}
