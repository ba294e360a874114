import type { InterfaceName } from '../model/interface.ts'
import type { NetworkElement } from '../model/network-element.ts'
import type { Rule, RuleScope } from '../model/rule.ts'

const holds = (wanted: readonly string[] | undefined, ...has: readonly (string | undefined)[]): boolean =>
  wanted === undefined || has.some((value) => value !== undefined && wanted.includes(value))

/** Whether a rule may hold for something on this element; the interface's name is asked separately. */
export const coversElement = (scope: RuleScope | undefined, element: NetworkElement): boolean =>
  scope === undefined ||
  (holds(scope.roles, element.role) &&
    holds(scope.elements, element.id) &&
    holds(scope.sites, element.site) &&
    holds(scope.tags, ...element.tags))

/** A matcher of interface names: `*` stands for any characters, `?` for one. */
export function interfaceGlob(glob: string): (name: InterfaceName) => boolean {
  const pattern = glob
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const regexp = new RegExp(`^${pattern}$`, 's')
  return (name) => regexp.test(name)
}

/** A rule with its scope made ready to ask. */
export interface ReadyRule<R extends Rule = Rule> {
  readonly rule: R
  /** Absent: any interface. */
  readonly fits?: (name: InterfaceName) => boolean
}

export const readyRule = <R extends Rule>(rule: R): ReadyRule<R> => ({
  rule,
  ...(rule.scope?.interfaces === undefined ? {} : { fits: interfaceGlob(rule.scope.interfaces) }),
})

/** The first rule that holds for an interface; rules stand in the order of the file. */
export function firstFor<R extends Rule>(rules: readonly ReadyRule<R>[], name: InterfaceName): R | undefined {
  for (const { rule, fits } of rules) if (fits === undefined || fits(name)) return rule
  return undefined
}
