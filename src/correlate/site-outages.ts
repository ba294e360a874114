import type { Border } from './borders.ts'
import type { Entry } from './entry.ts'
import { byNumber, byText, least } from './graph.ts'
import { answeredAt, apartMs, isPolled, namesOf, type Situation, sinceOf } from './situation.ts'
import { listText, timeText, verb } from './words.ts'

/** A site that fell silent as a whole. */
export interface SiteLoss {
  readonly site: string
  /** What is polled there and fell now, in ascending order. */
  readonly elements: readonly number[]
  /** Its elements that can be explained by nothing before them. */
  readonly entries: readonly Entry[]
  /** What answers since at the other end of the ways in. */
  readonly outside: readonly number[]
}

/** Parts of what is dark that one or several lost sites explain. */
export interface SiteGroup {
  readonly losses: readonly SiteLoss[]
  readonly borders: readonly Border[]
}

/** A site of fewer polled elements is no better explanation than they are. */
export const fewestOfSite = 3

/**
 * Sites whose power, or what else their elements share, explains more than single roots do: three polled elements or
 * more, all that is polled there dark, fallen within a short time, by two ways in or more that have nothing in common,
 * while an element at the other end of such a way answers. An element that is not polled is a way in to what hangs on it.
 */
export function siteLosses(
  situation: Situation,
  borders: readonly Border[],
): { readonly groups: readonly SiteGroup[]; readonly rest: readonly Border[] } {
  const { layout } = situation
  const borderOf = new Map<number, Border>()
  for (const border of borders) for (const vertex of border.members) borderOf.set(vertex, border)
  const sites = new Set<string>()
  const several = new Set<string>()
  for (const border of borders)
    for (const { vertex } of border.entries)
      for (const site of new Set(standingFor(situation, border, vertex).map(layout.siteOf))) {
        if (site === undefined) continue
        if (sites.has(site)) several.add(site)
        sites.add(site)
      }
  const losses = [...several].sort(byText).flatMap((site) => lossOf(situation, site, borderOf) ?? [])

  // Two sites that are joined by what hangs on both are one fault.
  const groups: { losses: SiteLoss[]; borders: Set<Border> }[] = []
  for (const loss of losses) {
    const own = new Set(loss.entries.flatMap(({ vertex }) => borderOf.get(vertex) ?? []))
    const same = groups.filter((group) => !group.borders.isDisjointFrom(own))
    const group = { losses: [loss], borders: own }
    for (const one of same) {
      group.losses.unshift(...one.losses)
      for (const border of one.borders) group.borders.add(border)
      groups.splice(groups.indexOf(one), 1)
    }
    groups.push(group)
  }
  const taken = new Set(groups.flatMap((group) => [...group.borders]))
  return {
    groups: groups.map((group) => ({ losses: group.losses, borders: [...group.borders] })),
    rest: taken.size === 0 ? borders : borders.filter((border) => !taken.has(border)),
  }
}

/** The polled elements by which an entry is judged: itself, or what hangs on it and others do not. */
const standingFor = (
  situation: Situation,
  { members, entries }: Border,
  vertex: number,
): readonly number[] =>
  isPolled(situation, vertex)
    ? [vertex]
    : entries.length === 1
      ? members.filter((member) => isPolled(situation, member))
      : []

function lossOf(
  situation: Situation,
  site: string,
  borderOf: ReadonlyMap<number, Border>,
): SiteLoss | undefined {
  const all = situation.layout.elementsAt(site)
  if (situation.vantages.some((vantage) => all.includes(vantage))) return undefined
  const polled = all.filter((vertex) => situation.reach[vertex] !== 'unpolled')
  if (polled.length < fewestOfSite || !polled.every((vertex) => borderOf.has(vertex))) return undefined
  let latest = -Infinity
  for (const vertex of polled) latest = Math.max(latest, sinceOf(situation, vertex))
  const isRecent = (vertex: number) => latest - sinceOf(situation, vertex) <= apartMs(situation)
  const isHere = new Set(polled.filter(isRecent))
  const entriesOf = (border: Border) =>
    border.entries.filter(({ vertex }) => {
      const stands = standingFor(situation, border, vertex)
      return stands.length > 0 && stands.every((one) => isHere.has(one))
    })
  const own = [...new Set([...isHere].flatMap((vertex) => borderOf.get(vertex) ?? []))].filter(
    (border) => entriesOf(border).length > 0,
  )
  const entries = own.flatMap(entriesOf)
  const elements = own.flatMap((border) => border.members.filter((vertex) => isHere.has(vertex)))
  const since = least(elements.map((vertex) => sinceOf(situation, vertex)))
  const outside = entries
    .flatMap((entry) => entry.ways.map(({ to }) => to))
    .filter((to) => situation.reach[to] === 'answering' && answeredAt(situation, to) >= since)
  if (elements.length < fewestOfSite || entries.length < 2 || outside.length === 0) return undefined
  return { site, elements: elements.sort(byNumber), entries, outside }
}

/** Which elements of the site fell, which outside of it answer, and why that is the site. */
export function siteText(
  situation: Situation,
  { site, elements, entries, outside }: SiteLoss,
): readonly string[] {
  const times = elements.map((vertex) => sinceOf(situation, vertex)).sort(byNumber)
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const within = Math.max(1, Math.ceil((last - first) / 1000))
  const names = namesOf(situation, outside)
  return [
    `All ${elements.length} polled elements of site ${site} fell silent within ${within} s, the first at ${timeText(first)}: ${listText(namesOf(situation, elements))}.`,
    `They are reached by ${entries.length} separate ways in, and ${listText(names)} at the other end ${verb(names.length, 'answers', 'answer')}: what they share at the site, such as its power, is the likely cause.`,
  ]
}
