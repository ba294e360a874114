import { type Alarm, resourceKey } from '../../../src/model/alarm.ts'
import { customersIn, type Impact, type ImpactState } from '../../../src/model/impact.ts'
import { type Incident, type RootCause, rootText } from '../../../src/model/incident.ts'
import type { Link } from '../../../src/model/link.ts'
import { shortened } from './timeline.ts'
import type { ScenarioNetwork } from './world-network.ts'

export const impactStates = [
  ['down', 'down'],
  ['degraded', 'degraded'],
  ['at risk', 'atRisk'],
] as const satisfies readonly (readonly [string, ImpactState])[]

/** A link by its name in the scenario, `core1--agg1`. */
function linkName({ links }: ScenarioNetwork, { a, b, id }: Link): string {
  const isEnd = (end: Link['a'], element: string, port: string) =>
    end.element === element && (end.interface === undefined || end.interface === port)
  const known = links.find(
    (link) =>
      (isEnd(a, link.a.element, link.a.port) && isEnd(b, link.b.element, link.b.port)) ||
      (isEnd(b, link.a.element, link.a.port) && isEnd(a, link.b.element, link.b.port)),
  )
  return known?.name ?? id
}

/** A root cause as scenarios write it: `agg1`, `agg1 or its uplink`, `link core1--agg1`, `link core1--agg1 congestion`. */
export function rootWords(network: ScenarioNetwork, root: RootCause): string {
  const name = root.kind === 'link' ? `link ${linkName(network, root.link)}` : rootText(root)
  return 'trouble' in root ? `${name} ${root.trouble}` : name
}

/** `unreachable acc1`. */
export const alarmName = ({ type, resource }: Pick<Alarm, 'type' | 'resource'>): string =>
  `${type} ${resourceKey(resource).replaceAll(' ', '-')}`

/** What else is to be said of an alarm: `critical flapping indeterminate acknowledged`. */
export const alarmWords = (alarm: Alarm): readonly string[] => [
  alarm.severity,
  ...(alarm.phase === undefined || alarm.phase === 'raised' ? [] : [alarm.phase]),
  ...(alarm.indeterminate ? ['indeterminate'] : []),
  ...(alarm.acknowledged ? ['acknowledged'] : []),
  ...(alarm.shelved ? ['shelved'] : []),
  ...(alarm.maintenance === undefined ? [] : ['planned']),
]

export const servicesIn = (impact: Impact, state: ImpactState): readonly string[] =>
  impact.filter((entry) => entry.state === state).map(({ service }) => service)

type Told = Pick<
  Incident,
  'kind' | 'severity' | 'roots' | 'shadowed' | 'impact' | 'explanation' | 'alarms' | 'planned'
>

/** What is new about an incident, a line for each thing; all of it when there was nothing before. */
export function incidentDetails(
  network: ScenarioNetwork,
  now: Told,
  before: Told | undefined,
  nameOf: (alarm: string) => string,
): readonly string[] {
  const lines: string[] = []
  const list = (name: string, items: readonly string[], were: readonly string[] | undefined, more = '') => {
    if (items.toSorted().join() === (were ?? []).toSorted().join()) return
    lines.push(`${name}: ${items.length === 0 ? 'none' : shortened(items.toSorted()) + more}`)
  }
  const what = ({ kind, severity, roots, planned }: Told) =>
    `${planned === undefined ? '' : 'planned '}${kind} ${severity}, root ${roots
      .map((root) => rootWords(network, root))
      .toSorted()
      .join(', ')}`
  if (before === undefined || what(now) !== what(before)) lines.push(what(now))
  list('hidden', now.shadowed, before?.shadowed)
  for (const [name, state] of impactStates) {
    const customers = customersIn(now.impact, state).size
    list(
      name,
      servicesIn(now.impact, state),
      before && servicesIn(before.impact, state),
      ` (${customers} ${customers === 1 ? 'customer' : 'customers'})`,
    )
  }
  for (const sentence of now.explanation)
    if (!before?.explanation.includes(sentence)) lines.push(`"${sentence}"`)
  const added = now.alarms.filter((id) => !before?.alarms.includes(id)).map((id) => `+ ${nameOf(id)}`)
  const gone = (before?.alarms ?? []).filter((id) => !now.alarms.includes(id)).map((id) => `- ${nameOf(id)}`)
  if (added.length + gone.length > 0)
    lines.push(`alarms ${shortened([...added.toSorted(), ...gone.toSorted()], ', ')}`)
  return lines
}
