import type { Measurement } from '../model/measurements.ts'
import {
  isStateRule,
  measurementOf,
  type Rule,
  type StateIndicator,
  type StateRule,
  type ValueRule,
} from '../model/rule.ts'
import type { ReadyRule } from './rule-scope.ts'

/** Alternatives in the order of the file: the first that fits holds. */
export type Chain<R extends Rule> = readonly ReadyRule<R>[]

/** Rules that cover an element, by what they are about. */
export interface RuleChains {
  readonly states: ReadonlyMap<StateIndicator, Chain<StateRule>>
  readonly values: ReadonlyMap<Measurement, readonly Chain<ValueRule>[]>
}

function sorted(covering: readonly ReadyRule[]): RuleChains {
  const ofStates = covering.filter((one): one is ReadyRule<StateRule> => isStateRule(one.rule))
  const ofValues = covering.filter((one): one is ReadyRule<ValueRule> => !isStateRule(one.rule))
  const byMeasurement = Map.groupBy(ofValues, ({ rule }) => measurementOf(rule))
  return {
    states: Map.groupBy(ofStates, ({ rule }) => rule.indicator),
    values: new Map(
      [...byMeasurement].map(([measurement, rules]) => [
        measurement,
        [...Map.groupBy(rules, ({ kind }) => kind).values()],
      ]),
    ),
  }
}

/** Thousands of elements are covered by the same rules: what is made of them is made once. */
export function createRuleChains(): (covering: readonly ReadyRule[]) => RuleChains {
  const made = new Map<string, RuleChains>()
  return (covering) => {
    const key = covering.map(({ rule }) => rule.id).join('\n')
    const chains = made.get(key) ?? sorted(covering)
    made.set(key, chains)
    return chains
  }
}
