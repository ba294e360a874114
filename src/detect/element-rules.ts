import type { Alarm, NetworkAlarm } from '../model/alarm.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { Measurement } from '../model/measurements.ts'
import type { NetworkElement } from '../model/network-element.ts'
import { type Rule, type StateIndicator, type StateRule, type ValueRule, voiceFields } from '../model/rule.ts'
import type { Sample } from '../model/sample.ts'
import { vendorOf } from '../model/vendor.ts'
import type { Zone } from '../model/zone.ts'
import type { Baselines } from './baseline.ts'
import { baselineJudge } from './baseline-judge.ts'
import { pathJudge } from './path-judge.ts'
import type { PathLoads, PortLoad } from './path-loads.ts'
import type { PortMemory } from './port-memory.ts'
import type { Reference, RelativeRule } from './reference.ts'
import type { RuleChains } from './rule-chains.ts'
import type { CarriedServices, ReadyRule } from './rule-scope.ts'
import { coversElement, firstFor } from './rule-scope.ts'
import type { createWindows, WindowTest } from './rule-window.ts'
import type { References } from './rulebook.ts'
import type { SampleJudge, Tell } from './sample-judge.ts'
import { utilisationOf } from './sample-value.ts'
import { between, good, type Verdict } from './verdict.ts'

/** The rules that hold for one element. Which of them hold for a series is worked out at its first sample. */
export interface ElementRules {
  /** The rule about a state that holds for the element (empty name) or a port. */
  stateRule(indicator: StateIndicator, name: InterfaceName): StateRule | undefined
  /** Whether any rule is about that state. */
  watches(indicator: StateIndicator): boolean
  /** What a state says at a time. */
  stateVerdict(rule: StateRule, isBad: boolean, at: number, detail?: string): Verdict
  /** A port is up: from now on it is used. */
  sawUp(name: InterfaceName): void
  /** Whether a rule leaves that port out, since nobody uses it. */
  leavesOut(rule: StateRule, name: InterfaceName): boolean
  /** Works out which rules hold for the series that a sample is of: once, for whoever keeps it. */
  seriesOf(sample: Sample): SeriesJudge
  /** Takes the sysObjectID of the agent; true when other rules may hold than before, so series are to be asked for anew. */
  learnAgent(objectId: string): boolean
  /** The rule that watches what an alarm is about: the one that raised it, else another that would. */
  ruleOf(alarm: Pick<NetworkAlarm, 'rule' | 'type' | 'resource'>): Rule | undefined
  /** Whether any rule judges samples of that measurement. */
  judges(measurement: Measurement): boolean
}

export interface ElementRulesDeps {
  readonly element: NetworkElement
  /** All rules, in the order of the file. */
  readonly rules: readonly ReadyRule[]
  /** Sorts the rules that cover an element. */
  readonly chainsOf: (covering: readonly ReadyRule[]) => RuleChains
  readonly services: CarriedServices
  readonly zone: Zone
  readonly windowOf: ReturnType<typeof createWindows>
  /** Judges that need nothing of a series: one for all elements. */
  readonly limitJudgeOf: (rule: ValueRule, isOpen: WindowTest | undefined) => SampleJudge
  readonly baselines: Baselines
  readonly loads: PathLoads | undefined
  readonly references: References
  /** Absent: every port counts as used. */
  readonly ports: PortMemory | undefined
}

/** What is done with the samples of one series. */
export interface SeriesJudge {
  readonly measurement: Measurement
  /** Tells what the sample says under every rule that holds for the series, now or when it is known. */
  judge(sample: Sample, tell: Tell): void
  /** What was kept of earlier samples counts no more. */
  forget(): void
}

export function createElementRules(deps: ElementRulesDeps): ElementRules {
  const { element, services, zone, windowOf } = deps
  let vendor: string | undefined
  const choose = (): RuleChains =>
    deps.chainsOf(deps.rules.filter(({ rule }) => coversElement(rule.scope, element, { vendor, services })))
  let { states, values } = choose()

  const judgeOf = (rule: ValueRule, { measurement, tags }: Sample): SampleJudge | undefined => {
    const isOpen = windowOf(rule.window, zone)
    const { interface: port, vantage } = tags
    if (isRelative(rule)) {
      const reference = deps.references.of(rule)
      const isItself = deps.references
        .fedBy(measurement, element.id, port ?? '')
        .some((one) => one === reference)
      return isItself ? undefined : reference?.follow(rule, isOpen)
    }
    if (isGrade(rule)) return pathJudge(rule, deps.loads?.loadTo ?? (() => Number.NaN), isOpen)
    if (!hasBaseline(rule)) return deps.limitJudgeOf(rule, isOpen)
    const { indicator, baseline } = rule
    if (measurement !== 'icmp' && measurement !== 'stamp' && measurement !== 'interface') return undefined
    if (typeof indicator === 'string') return undefined
    const key = {
      measurement,
      field: indicator.field,
      element: element.id,
      ...(port === undefined ? {} : { interface: port }),
      ...(vantage === undefined ? {} : { vantage }),
    }
    return baselineJudge(rule, deps.baselines.of(key, baseline), isOpen)
  }

  let alike: readonly SampleJudge[] = []
  const seriesOf = (sample: Sample): SeriesJudge => {
    const { measurement, tags } = sample
    const name = tags.interface ?? ''
    const chains = values.get(measurement) ?? []
    const sensor = measurement === 'sensor' ? { name: tags.sensor ?? '', unit: tags.unit ?? '' } : undefined
    const rules = chains.flatMap((chain) => firstFor(chain, name, services, sensor) ?? [])
    const judges = rules.flatMap((rule) => judgeOf(rule, sample) ?? [])
    // Ports that are judged alike, and by limits alone, share one list.
    if (!isSame(judges, alike)) alike = judges
    const references = deps.references.fedBy(measurement, element.id, name)
    const load = measurement === 'interface' ? deps.loads?.portLoad(element.id, name) : undefined
    return new Series(measurement, alike, references, load)
  }

  return {
    stateRule: (indicator, name) => firstFor(states.get(indicator) ?? [], name, services),
    watches: (indicator) => states.has(indicator),
    stateVerdict(rule, isBad, at, detail) {
      if (!isBad) return good
      const mayRaise = windowOf(rule.window, zone)?.(at) ?? true
      if (!mayRaise) return between
      return { kind: 'bad', severity: rule.severity, ...(detail === undefined ? {} : { detail }) }
    },
    sawUp: (name) => deps.ports?.sawUp(element.id, name),
    leavesOut: ({ ignoreUnused }, name) =>
      ignoreUnused === true && deps.ports !== undefined && !deps.ports.isUsed(element.id, name),
    seriesOf,
    learnAgent(objectId) {
      const told = vendorOf(objectId)
      if (told === vendor) return false
      vendor = told
      const matters = element.vendor === undefined && deps.rules.some(({ rule }) => rule.scope?.vendors)
      if (matters) ({ states, values } = choose())
      return matters
    },
    judges: (measurement) => values.has(measurement),
    ruleOf({ rule: id, type, resource }) {
      const name = resource.kind === 'interface' ? resource.interface : ''
      const sensor = resource.kind === 'sensor' ? { name: resource.sensor, unit: resource.unit } : undefined
      const ofValues = [...values].filter(
        ([measurement]) => (measurement === 'sensor') === (sensor !== undefined),
      )
      const chains = [...(sensor ? [] : states.values()), ...ofValues.flatMap(([, some]) => some)]
      const fitting = chains.flatMap((chain): Rule[] => {
        const rule = firstFor<Rule>(chain, name, services, sensor)
        return rule?.type === type ? [rule] : []
      })
      return fitting.find((rule) => rule.id === id) ?? undetermined(id, type) ?? fitting[0]
    },
  }

  /** A rule that may hold once the agent told whose it is. */
  function undetermined(id: string, type: Alarm['type']): Rule | undefined {
    if (vendor !== undefined || element.vendor !== undefined) return undefined
    const found = deps.rules.find(({ rule }) => rule.id === id && rule.type === type)?.rule
    const { vendors, ...scope } = found?.scope ?? {}
    return vendors && coversElement(scope, element, { vendor, services }) ? found : undefined
  }
}

/** A class, since there is one for each of 50,000 ports: functions of their own would be five times its size. */
class Series implements SeriesJudge {
  readonly measurement: Measurement
  readonly #judges: readonly SampleJudge[]
  readonly #references: readonly Reference[]
  readonly #load: PortLoad | undefined

  constructor(
    measurement: Measurement,
    judges: readonly SampleJudge[],
    references: readonly Reference[],
    load: PortLoad | undefined,
  ) {
    this.measurement = measurement
    this.#judges = judges
    this.#references = references
    this.#load = load
  }

  judge(sample: Sample, tell: Tell): void {
    for (const judge of this.#judges) judge.judge(sample, tell)
    for (const reference of this.#references) reference.accept(sample)
    if (this.#load === undefined) return
    this.#load.ratio = utilisationOf(sample)
    this.#load.at = sample.at
  }

  forget(): void {
    for (const judge of this.#judges) judge.forget?.()
  }
}

const isSame = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i])

const isGrade = ({ indicator }: ValueRule): boolean =>
  typeof indicator === 'object' && voiceFields.some((field) => field === indicator.field)

const isRelative = (rule: ValueRule): rule is RelativeRule => rule.relativeTo !== undefined

const hasBaseline = (
  rule: ValueRule,
): rule is ValueRule & { readonly baseline: NonNullable<ValueRule['baseline']> } =>
  rule.baseline !== undefined
