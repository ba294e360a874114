import type { NetworkAlarm } from '../model/alarm.ts'
import type { RootCause } from '../model/incident.ts'
import { type BadPort, linksOfPorts, rootsOfPorts } from './bad-ports.ts'
import { directionText, onsetOf, sufferText } from './degradation-text.ts'
import { linksOf } from './entry.ts'
import { type Fault, harmless } from './fault.ts'
import { isGrave } from './grave.ts'
import type { LossDirections } from './loss-direction.ts'
import type { QualityGroup } from './quality-groups.ts'
import { nameOf, namesOf, type Situation } from './situation.ts'
import { listText, verb } from './words.ts'

/** What the fault that a degradation comes from is told by. */
export interface DegradationView {
  /** What one vantage sees. */
  readonly situation: Situation
  /** Vantages to which the path to an element is good, of those that do not count themselves here. */
  readonly goodFrom: (vertex: number) => readonly number[]
  readonly lossDirections: LossDirections
}

/** The first of a group, or the way that leads to it. */
export function groupFault(
  view: DegradationView,
  { top, lastSteps }: QualityGroup,
  members: readonly number[],
  alarms: readonly NetworkAlarm[],
): Fault {
  const { situation } = view
  const name = nameOf(situation, top)
  const links = linksOf(situation, lastSteps)
  const good = namesOf(situation, view.goodFrom(top))
  const [only] = links
  const isLink = good.length > 0 && only !== undefined && links.length === 1
  const root: RootCause = isLink
    ? { kind: 'link', link: only }
    : links.length === 0
      ? { kind: 'element', element: name }
      : { kind: 'elementOrUplink', element: name, uplinks: links }
  return {
    ...harmless,
    kind: 'degradation',
    roots: [root],
    shadowed: isLink ? members : members.filter((vertex) => vertex !== top),
    alarms,
    explanation: [
      sufferText(situation, members, alarms),
      members.length === 1
        ? `The elements before ${name} are good.`
        : `${name} is the first of them on the way; the elements before it are good.`,
      ...(good.length === 0
        ? []
        : [`From ${listText(good)} the path to ${name} is good, so it is the way there.`]),
      ...directionText(situation, members, alarms, view.lossDirections),
    ],
    onsetAt: onsetOf(alarms),
    measured: members,
    slowVertices: isLink ? [] : [top],
    slowLinks: isLink ? lastSteps : [],
  }
}

/** Everything that is measured behind it suffers, and it is good itself. */
export function commonFault(
  view: DegradationView,
  root: number,
  members: readonly number[],
  alarms: readonly NetworkAlarm[],
): Fault {
  const { situation } = view
  const name = nameOf(situation, root)
  const isVantage = situation.vantages.includes(root)
  return {
    ...harmless,
    kind: 'degradation',
    roots: [{ kind: 'element', element: name }],
    shadowed: members,
    alarms,
    explanation: [
      sufferText(situation, members, alarms),
      isVantage
        ? `All elements next to ${name}, where we measure from, suffer.`
        : `${name} itself is good and everything measured behind it suffers.`,
      ...directionText(situation, members, alarms, view.lossDirections),
    ],
    onsetAt: onsetOf(alarms),
    measured: members,
    slowVertices: isVantage ? [] : [root],
  }
}

/** Links in trouble that degrade nothing that was measured. */
export function faultsOfPorts(situation: Situation, bad: readonly BadPort[]): readonly Fault[] {
  const view = { situation, lossDirections: new Map() }
  return [...Map.groupBy(bad, ({ alarm, links }) => links.join() || alarm.id).values()].map((ports) =>
    badLinkFault(view, ports, [], [], []),
  )
}

/** Links in trouble, and the members that suffer behind them; `between` are good ones on the way. */
export function badLinkFault(
  { situation, lossDirections }: Pick<DegradationView, 'situation' | 'lossDirections'>,
  ports: readonly BadPort[],
  members: readonly number[],
  quality: readonly NetworkAlarm[],
  between: readonly number[],
): Fault {
  const good = namesOf(
    situation,
    between.filter((vertex) => !members.includes(vertex)),
  )
  const alarms = [...ports.map(({ alarm }) => alarm), ...quality]
  const isFull = ports.every(({ trouble }) => trouble === 'congestion')
  const isTold = members.length > 0 || ports.some(({ alarm }) => isGrave(alarm.severity))
  return {
    ...harmless,
    kind: 'degradation',
    roots: rootsOfPorts(situation, ports),
    shadowed: members,
    alarms,
    explanation: [
      ...ports.map(({ alarm }) => `${alarm.text}.`),
      ...(members.length > 0
        ? [
            sufferText(situation, members, quality),
            `${members.length === 1 ? 'It is' : 'They are'} reached through the ${isFull ? 'full' : 'faulty'} link.`,
            ...(good.length === 0
              ? []
              : [
                  `${listText(good)} on the way ${verb(good.length, 'is within its', 'are within their')} limits: what a full link adds shows first where the way is longest.`,
                ]),
            ...directionText(situation, members, quality, lossDirections),
          ]
        : []),
    ],
    onsetAt: onsetOf(alarms),
    measured: members,
    slowLinks: isTold ? linksOfPorts(ports) : [],
    slowPorts: isTold ? ports : [],
  }
}
