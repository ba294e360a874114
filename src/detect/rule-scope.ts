import type { InterfaceName } from '../model/interface.ts'
import type { ElementId, NetworkElement } from '../model/network-element.ts'
import { isStateRule, type Rule, type RuleScope } from '../model/rule.ts'
import type { Service } from '../model/service.ts'

/** Classes of the services that end at an element, and of those that its ports carry. */
export interface CarriedServices {
  /** Of the element as a customer's end. */
  readonly endpoint: ReadonlySet<string>
  readonly ports: ReadonlyMap<InterfaceName, ReadonlySet<string>>
}

/** What scopes ask of an element besides what it was declared as. */
export interface KnownOfElement {
  /** Undefined until its agent told it. */
  readonly vendor: string | undefined
  readonly services: CarriedServices
}

const noServices: CarriedServices = { endpoint: new Set(), ports: new Map() }
const nothingKnown: KnownOfElement = { vendor: undefined, services: noServices }

/** Who carries what, looked up once for all rules. */
export function carriedServices(services: Iterable<Service>): (element: ElementId) => CarriedServices {
  const all = new Map<ElementId, { endpoint: Set<string>; ports: Map<InterfaceName, Set<string>> }>()
  const of = (element: ElementId) => {
    const known = all.get(element) ?? { endpoint: new Set(), ports: new Map() }
    all.set(element, known)
    return known
  }
  for (const service of services) {
    of(service.endpoint).endpoint.add(service.class)
    if (service.interface === undefined) continue
    const { ports } = of(service.element)
    ports.set(service.interface, (ports.get(service.interface) ?? new Set()).add(service.class))
  }
  return (element) => all.get(element) ?? noServices
}

const holds = (wanted: readonly string[] | undefined, ...has: readonly (string | undefined)[]): boolean =>
  wanted === undefined || has.some((value) => value !== undefined && wanted.includes(value))

const carriesAny = (wanted: readonly string[], classes: ReadonlySet<string> | undefined): boolean =>
  classes !== undefined && wanted.some((one) => classes.has(one))

/** Whether a rule may hold for something on this element; interfaces are asked separately. */
export function coversElement(
  scope: RuleScope | undefined,
  element: NetworkElement,
  { vendor, services }: KnownOfElement = nothingKnown,
): boolean {
  if (scope === undefined) return true
  return (
    holds(scope.roles, element.role) &&
    holds(scope.vendors, element.vendor ?? vendor) &&
    holds(scope.elements, element.id) &&
    holds(scope.sites, element.site) &&
    holds(scope.tags, ...element.tags) &&
    (scope.services === undefined ||
      carriesAny(scope.services, services.endpoint) ||
      [...services.ports.values()].some((classes) => carriesAny(scope.services ?? [], classes)))
  )
}

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
  /** Rules with the same are alternatives: of these the first that fits holds. */
  readonly kind: string
  /** Absent: any interface. */
  readonly fits?: (name: InterfaceName) => boolean
  /** Absent: any sensor. */
  readonly fitsSensor?: (name: string) => boolean
}

function kindOf(rule: Rule): string {
  const { type, indicator, window } = rule
  const comparison = isStateRule(rule) ? [] : [rule.baseline?.side, rule.relativeTo]
  return JSON.stringify([type, indicator, window, comparison])
}

export const readyRule = <R extends Rule>(rule: R): ReadyRule<R> => ({
  rule,
  kind: kindOf(rule),
  ...(rule.scope?.interfaces === undefined ? {} : { fits: interfaceGlob(rule.scope.interfaces) }),
  ...(rule.scope?.sensors === undefined ? {} : { fitsSensor: interfaceGlob(rule.scope.sensors) }),
})

/**
 * Whether a rule that covers the element holds for that interface of it, or for the element itself where the name is
 * empty. Of services, an interface carries its own and those that end at its element; an element has those that end at it.
 */
function holdsFor(
  { rule, fits, fitsSensor }: ReadyRule,
  name: InterfaceName,
  { endpoint, ports }: CarriedServices,
  sensor: SensorName | undefined,
): boolean {
  if (sensor !== undefined) {
    const unit = rule.scope?.unit
    if (unit !== undefined && unit !== sensor.unit) return false
    if (fitsSensor !== undefined && !fitsSensor(sensor.name)) return false
  }
  if (fits !== undefined && !fits(name)) return false
  const wanted = rule.scope?.services
  return wanted === undefined || carriesAny(wanted, endpoint) || carriesAny(wanted, ports.get(name))
}

export interface SensorName {
  readonly name: string
  readonly unit: string
}

/** The first rule that holds for an interface, or for a sensor; rules stand in the order of the file. */
export function firstFor<R extends Rule>(
  rules: readonly ReadyRule<R>[],
  name: InterfaceName,
  services: CarriedServices = noServices,
  sensor?: SensorName,
): R | undefined {
  for (const one of rules) if (holdsFor(one, name, services, sensor)) return one.rule
  return undefined
}
