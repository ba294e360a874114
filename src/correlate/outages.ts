import type { Alarm } from '../model/alarm.ts'
import type { RootCause } from '../model/incident.ts'
import type { Link } from '../model/link.ts'
import type { Carrying } from './carrying.ts'
import type { Piece } from './dark-pieces.ts'
import { type Fault, harmless } from './fault.ts'
import { arcsOf, reachableFrom } from './graph.ts'
import { answeredAt, type DownPort, isDarkish, type Situation, sinceOf } from './situation.ts'
import { listText, timeText, verb } from './words.ts'

/** Where a piece meets the rest of the network. */
interface Border {
  readonly piece: Piece
  /** Members with a way to us that does not lead through the piece: each needs a cause of its own. */
  readonly entries: readonly number[]
  /** The elements outside by which the piece is reached. */
  readonly access: ReadonlySet<number>
  /** Links to the piece that broke while both ends lived. */
  readonly brokenBefore: readonly number[]
}

/** Whether the step from a member of a piece leads out of it, towards us or to something that answered since. */
type IsOutside = (from: number, to: number) => boolean

const unique = <T>(all: Iterable<T>): readonly T[] => [...new Set(all)]
const byNumber = (one: number, other: number) => one - other

/**
 * Root causes of the dark pieces. From where we are, an element is explained by a dark one that every path to it passes.
 * What cannot be explained so are the entries, the first dark elements on each way in, and each is a root:
 * - `element` when two or more answering neighbours lost it: several links do not fail at once;
 * - `elementOrUplink` otherwise: from outside, a dead box and a dead last link look the same.
 * Links that broke before are roots too: without them the piece would have had another way. Several pieces behind one
 * element that is not polled (a splitter, a cabinet) and nothing else are one fault of that element or its uplink. A
 * piece whose place in the network is not known explains nothing and hides nothing: each element stands for itself.
 */
export function outages(situation: Situation, carries: Carrying, pieces: readonly Piece[]): readonly Fault[] {
  const { graph, vantage, reach } = situation
  const members = new Set(pieces.flat())
  const near = reachableFrom(graph, [vantage], {
    vertex: (vertex) => !members.has(vertex),
    link: (link) => !carries.isBroken(link),
  })
  // What lies beyond the piece and still counts as answering, from before the first miss, is no way in.
  const isOutside: IsOutside = (from, to) =>
    near[to] !== 0 || (reach[to] === 'answering' && answeredAt(situation, to) >= sinceOf(situation, from))

  const borders: Border[] = []
  const faults: Fault[] = []
  for (const piece of pieces) {
    const border = borderOf(situation, carries, piece, isOutside)
    if (border) borders.push(border)
    else faults.push(...islands(situation, piece))
  }
  /** The only element that leads to a piece, where it is not polled and nothing says that it forwards. */
  const feederOf = ({ access }: Border): number | undefined => {
    const [only, ...others] = access
    if (only === undefined || others.length > 0 || only === vantage) return undefined
    return reach[only] === 'unpolled' && !carries.forwards(only) ? only : undefined
  }
  const shared = Map.groupBy(borders, feederOf)
  for (const [feeder, group] of shared) {
    const isCommon = feeder !== undefined && group.flatMap(({ entries }) => entries).length >= 2
    if (isCommon) faults.push(feederFault(situation, carries, feeder, group, isOutside))
    else faults.push(...group.map((border) => pieceFault(situation, carries, border, isOutside)))
  }
  return faults
}

function borderOf(
  situation: Situation,
  carries: Carrying,
  piece: Piece,
  isOutside: IsOutside,
): Border | undefined {
  const outward = piece.flatMap((vertex) =>
    arcsOf(situation.graph, vertex)
      .filter(({ to }) => isOutside(vertex, to))
      .map((arc) => ({ ...arc, vertex })),
  )
  const brokenBefore = unique(outward.map(({ link }) => link).filter(carries.isBroken)).toSorted(byNumber)
  const open = outward.filter(({ link }) => !carries.isBroken(link))
  // Only broken links lead here, and yet it answered until now: they are the ways that we know.
  const ways = open.length > 0 ? open : outward
  if (ways.length === 0) return undefined
  return {
    piece,
    entries: unique(ways.map(({ vertex }) => vertex)).toSorted(byNumber),
    access: new Set(ways.map(({ to }) => to)),
    brokenBefore: open.length > 0 ? brokenBefore : [],
  }
}

const linksOf = ({ graph }: Situation, links: Iterable<number>): readonly Link[] =>
  unique(links)
    .toSorted(byNumber)
    .flatMap((link) => graph.links[link] ?? [])

const nameOf = ({ graph }: Situation, vertex: number): string => graph.ids[vertex] ?? ''

const namesOf = (situation: Situation, vertices: Iterable<number>): readonly string[] =>
  unique(vertices)
    .toSorted(byNumber)
    .map((vertex) => nameOf(situation, vertex))

/** The first miss that belongs to this fault: what was dark long before its roots was another one then. */
function onsetOf(situation: Situation, piece: Piece, roots: readonly number[]): number {
  const times = (vertices: readonly number[]) => vertices.map((vertex) => sinceOf(situation, vertex))
  const earliest = Math.min(...times(roots)) - 2 * situation.waitMs
  return Math.min(...times(piece).filter((time) => time >= earliest))
}

/** Down ports outside that lead into the piece. */
function portsTowards({ graph, downAt }: Situation, piece: Piece): readonly DownPort[] {
  return unique(
    piece.flatMap((member) =>
      arcsOf(graph, member).flatMap(({ to, link }) => downAt(link).filter(({ vertex }) => vertex === to)),
    ),
  )
}

/** Alarms of the dark members, and of the ports that lead to them. */
const alarmsOf = (situation: Situation, piece: Piece, ports: readonly DownPort[]): readonly Alarm[] =>
  unique([
    ...piece.flatMap((vertex) => situation.alarmsOf(vertex)),
    ...ports.flatMap(({ alarm }) => alarm ?? []),
  ])

function islands(situation: Situation, piece: Piece): readonly Fault[] {
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

function entryRoot(
  situation: Situation,
  carries: Carrying,
  entry: number,
  isOutside: IsOutside,
): { readonly root: RootCause; readonly text: readonly string[] } {
  const { graph, vantage, reach } = situation
  const ways = arcsOf(graph, entry).filter(({ to }) => isOutside(entry, to))
  const open = ways.filter(({ link }) => !carries.isBroken(link))
  const used = open.length > 0 ? open : ways
  const neighbours = unique(
    used
      .map(({ to }) => to)
      .filter((to) => reach[to] === 'answering' && answeredAt(situation, to) >= sinceOf(situation, entry)),
  ).toSorted(byNumber)
  const reporting = unique(
    used.flatMap(({ to, link }) => (situation.downAt(link).some(({ vertex }) => vertex === to) ? [to] : [])),
  )
  const name = nameOf(situation, entry)
  const sentence = [
    `${name} has not answered since ${timeText(sinceOf(situation, entry))}`,
    ...answerText(
      namesOf(
        situation,
        neighbours.filter((to) => to !== vantage),
      ),
      namesOf(situation, reporting),
    ),
  ].join('; ')
  if (neighbours.length >= 2) return { root: { kind: 'element', element: name }, text: [`${sentence}.`] }
  const others = listText(
    namesOf(
      situation,
      used.map(({ to }) => to),
    ),
  )
  return {
    root: {
      kind: 'elementOrUplink',
      element: name,
      uplinks: linksOf(
        situation,
        used.map(({ link }) => link),
      ),
    },
    text: [
      `${sentence}.`,
      `Whether ${name} itself or its connection to ${others} failed cannot be told from here.`,
    ],
  }
}

function answerText(neighbours: readonly string[], reporting: readonly string[]): readonly string[] {
  const count = neighbours.length
  if (count === 0) return []
  const answer = `its ${verb(count, 'neighbour', 'neighbours')} ${listText(neighbours)} ${verb(count, 'answers', 'answer')}`
  if (reporting.length === 0) return [answer]
  if (reporting.length === count)
    return [
      `${answer} and ${count === 1 ? 'reports its' : `${count === 2 ? 'both' : 'all'} report their`} port towards it down`,
    ]
  return [
    `${answer}; ${listText(reporting)} ${verb(reporting.length, 'reports its', 'report their')} port towards it down`,
  ]
}

function shadowText(situation: Situation, shadowed: readonly number[], roots: readonly string[]) {
  if (shadowed.length === 0) return []
  const names = namesOf(situation, shadowed)
  return [`${listText(names)} ${verb(names.length, 'is', 'are')} hidden behind ${listText(roots)}.`]
}

function pieceFault(
  situation: Situation,
  carries: Carrying,
  { piece, entries, brokenBefore }: Border,
  isOutside: IsOutside,
): Fault {
  const found = entries.map((entry) => entryRoot(situation, carries, entry, isOutside))
  const before = linksOf(situation, brokenBefore)
  const isEntry = new Set(entries)
  const shadowed = piece.filter((vertex) => !isEntry.has(vertex))
  const ports = portsTowards(situation, piece)
  return {
    ...harmless,
    kind: 'outage',
    roots: [...found.map(({ root }) => root), ...before.map((link) => ({ kind: 'link', link }) as const)],
    shadowed,
    alarms: alarmsOf(situation, piece, ports),
    explanation: [
      ...found.flatMap(({ text }) => text),
      ...before.map((link) => `The link ${link.id} was down before, so there was no other way.`),
      ...shadowText(situation, shadowed, namesOf(situation, entries)),
    ],
    onsetAt: onsetOf(situation, piece, entries),
    dead: piece,
    cut: brokenBefore,
    ports,
  }
}

function feederFault(
  situation: Situation,
  carries: Carrying,
  feeder: number,
  group: readonly Border[],
  isOutside: IsOutside,
): Fault {
  const piece = group.flatMap((border) => border.piece).toSorted(byNumber)
  const brokenBefore = group.flatMap((border) => border.brokenBefore)
  const name = nameOf(situation, feeder)
  const uplinks = arcsOf(situation.graph, feeder)
    .filter(({ to, link }) => isOutside(feeder, to) && !isDarkish(situation, to) && !carries.isBroken(link))
    .map(({ link }) => link)
  const ports = portsTowards(situation, piece)
  return {
    ...harmless,
    kind: 'outage',
    roots: [{ kind: 'elementOrUplink', element: name, uplinks: linksOf(situation, uplinks) }],
    shadowed: piece,
    alarms: alarmsOf(situation, piece, ports),
    explanation: [
      `${listText(namesOf(situation, piece))} do not answer, the first since ${timeText(onsetOf(situation, piece, piece))}.`,
      `All of them are reached through ${name} alone, which is not polled: it or its uplink failed.`,
    ],
    onsetAt: onsetOf(situation, piece, piece),
    dead: [feeder, ...piece],
    cut: brokenBefore,
    ports,
  }
}
