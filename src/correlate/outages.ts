import type { NetworkAlarm } from '../model/alarm.ts'
import type { RootCause } from '../model/incident.ts'
import { roleOf } from './alarm-roles.ts'
import { type Border, bordersOf } from './borders.ts'
import type { Carrying } from './carrying.ts'
import { type Entry, entryText, linksOf, rootAt } from './entry.ts'
import type { Piece } from './eras.ts'
import { type Fault, harmless } from './fault.ts'
import { arcsOf, byNumber, least } from './graph.ts'
import { mayLeadTo } from './loose-ports.ts'
import { type SiteGroup, siteLosses, siteText } from './site-outages.ts'
import { type DownPort, isPolled, nameOf, namesOf, type Situation, sinceOf } from './situation.ts'
import { countedList, listText, timeText, verb } from './words.ts'

const sorted = (numbers: Iterable<number>): readonly number[] => [...new Set(numbers)].sort(byNumber)

/**
 * Root causes of the dark pieces. From where we are, an element is explained by a dark one that every path to it passes.
 * What cannot be explained so are the entries, the first dark elements on each way in, and each is a root:
 * - `element` when two or more answering neighbours lost it: several links do not fail at once;
 * - `elementOrUplink` otherwise: from outside, a dead box and a dead last link look the same.
 * Links that broke before are roots too: without them the piece would have had another way. A site that fell silent as a
 * whole, over several ways in, is one root. A piece whose place in the network is not known explains nothing and hides
 * nothing: each element stands for itself.
 */
export function outages(situation: Situation, carries: Carrying, pieces: readonly Piece[]): readonly Fault[] {
  const { borders, islands } = bordersOf(situation, carries, pieces)
  const { groups, rest } = siteLosses(situation, borders)
  return [
    ...islands.flatMap((piece) => strays(situation, piece)),
    ...groups.map((group) => siteFault(situation, group)),
    ...rest.map((border) => borderFault(situation, border)),
  ]
}

const fellAt = ({ entries }: Border): number => least(entries.map((entry) => entry.fellAt))

/** The first miss that belongs to this fault: what was dark long before its roots was another one then. */
function onsetOf(situation: Situation, members: Piece, fell: number): number {
  const earliest = fell - 2 * situation.waitMs
  const onset = least(members.map((vertex) => sinceOf(situation, vertex)).filter((time) => time >= earliest))
  return Number.isFinite(onset) ? onset : fell
}

/** Down ports outside that lead to these elements, or may, and went down when they fell. */
function portsTowards(situation: Situation, members: Piece): readonly DownPort[] {
  const { graph, downAt, looseAt } = situation
  const ports = new Set<DownPort>()
  for (const member of members)
    for (const { to, link } of arcsOf(graph, member)) {
      for (const port of downAt(link)) if (port.vertex === to) ports.add(port)
      for (const port of looseAt(to))
        if (port.alarm && mayLeadTo(situation, port.vertex, port.alarm.onsetAt, member)) ports.add(port)
    }
  return [...ports]
}

/** Alarms of the dark members, and of the ports that lead to them. */
const alarmsOf = (
  situation: Situation,
  members: Piece,
  ports: readonly DownPort[],
): readonly NetworkAlarm[] => [
  ...new Set([
    ...members.flatMap((vertex) => situation.alarmsOf(vertex)),
    ...ports.flatMap(({ alarm }) => alarm ?? []),
  ]),
]

function strays(situation: Situation, piece: Piece): readonly Fault[] {
  return piece
    .filter((vertex) => situation.reach[vertex] === 'dark')
    .map((vertex) => {
      const name = nameOf(situation, vertex)
      return {
        ...harmless,
        kind: 'outage',
        roots: [{ kind: 'elementOrUplink', element: name, uplinks: [] }],
        alarms: situation.alarmsOf(vertex),
        explanation: [
          `${name} has not answered since ${timeText(sinceOf(situation, vertex))}; how it is connected to the rest is not known.`,
        ],
        onsetAt: sinceOf(situation, vertex),
        dead: [vertex],
      }
    })
}

/** What a fault of dark elements holds, whatever its roots are. */
function darkFault(
  situation: Situation,
  borders: readonly Border[],
  found: { readonly roots: readonly RootCause[]; readonly text: readonly string[] },
  suspects: readonly number[],
  rootNames: readonly string[],
): Fault {
  const members = sorted(borders.flatMap((border) => border.members))
  const brokenBefore = sorted(borders.flatMap((border) => border.brokenBefore))
  const links = linksOf(situation, brokenBefore)
  const isSuspect = new Set(suspects)
  const shadowed = members.filter((vertex) => !isSuspect.has(vertex) && isPolled(situation, vertex))
  const ports = portsTowards(situation, members)
  return {
    ...harmless,
    kind: 'outage',
    roots: [...found.roots, ...links.map((link) => ({ kind: 'link', link }) as const)],
    shadowed,
    alarms: alarmsOf(situation, members, ports),
    explanation: [
      ...found.text,
      ...links.map((link) => `The link ${link.id} was down before, so there was no other way.`),
      ...darkBeforeText(situation, borders),
      ...shadowText(situation, shadowed, rootNames),
    ],
    onsetAt: onsetOf(situation, members, least(borders.map(fellAt))),
    dead: members,
    cut: brokenBefore,
    ports,
  }
}

function borderFault(situation: Situation, border: Border): Fault {
  const { entries } = border
  const vertices = entries.map(({ vertex }) => vertex)
  const found = {
    roots: entries.map((entry) => rootAt(situation, entry)),
    text: [
      ...entries.flatMap((entry) => entryText(situation, entry)),
      ...vertices.flatMap((vertex) => conditionText(situation, vertex)),
    ],
  }
  return darkFault(situation, [border], found, vertices, namesOf(situation, vertices))
}

function siteFault(situation: Situation, { losses, borders }: SiteGroup): Fault {
  const explained = new Set<Entry>(losses.flatMap(({ entries }) => entries))
  const others = borders.flatMap((border) => border.entries.filter((entry) => !explained.has(entry)))
  const elements = losses.flatMap((loss) => loss.elements)
  const found = {
    roots: [
      ...losses.map(
        (loss) => ({ kind: 'site', site: loss.site, elements: namesOf(situation, loss.elements) }) as const,
      ),
      ...others.map((entry) => rootAt(situation, entry)),
    ],
    text: [
      ...losses.flatMap((loss) => siteText(situation, loss)),
      ...others.flatMap((entry) => entryText(situation, entry)),
    ],
  }
  const vertices = others.map(({ vertex }) => vertex)
  const names = [...losses.map(({ site }) => `site ${site}`), ...namesOf(situation, vertices)]
  return darkFault(situation, borders, found, [...elements, ...vertices], names)
}

/** What was wrong with a root before it fell silent, such as heat. */
const conditionText = (situation: Situation, vertex: number): readonly string[] =>
  situation
    .alarmsOf(vertex)
    .filter((alarm) => roleOf(alarm) === 'condition' && alarm.resource.kind === 'element')
    .map(({ text, onsetAt }) => `${text}, since ${timeText(onsetAt)}.`)

function darkBeforeText(situation: Situation, borders: readonly Border[]): readonly string[] {
  const before = namesOf(
    situation,
    borders.flatMap(({ darkBefore }) => darkBefore).filter((vertex) => isPolled(situation, vertex)),
  )
  if (before.length === 0) return []
  return [
    `${listText(before)} ${verb(before.length, 'was', 'were')} dark long before, by another fault, so there was no way through ${verb(before.length, 'it', 'them')}.`,
  ]
}

function shadowText(situation: Situation, shadowed: readonly number[], roots: readonly string[]) {
  if (shadowed.length === 0) return []
  const names = namesOf(situation, shadowed)
  return [
    `${countedList(names, 'element')} ${verb(names.length, 'is', 'are')} hidden behind ${listText(roots)}.`,
  ]
}
