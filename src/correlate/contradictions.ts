import { type RootCause, suspects } from '../model/incident.ts'
import type { Link } from '../model/link.ts'
import type { LinkDifference } from '../model/link-difference.ts'
import { byText, type Graph } from './graph.ts'

const most = 3

/**
 * What LLDP says against the inventory at the place of a root cause: on its link, or at a port of its element. The
 * inventory counts, and whoever goes there should know. Elements of a site are too many to tell of each.
 */
export function contradictions(
  graph: Graph,
  roots: readonly RootCause[],
  differences: readonly LinkDifference[],
): readonly string[] {
  if (graph.contradicted.length === 0 && differences.length === 0) return []
  const elements = new Set(roots.flatMap((root) => (root.kind === 'site' ? [] : suspects(root))))
  const pairs = new Set(
    roots
      .flatMap((root) =>
        root.kind === 'link' ? [root.link] : root.kind === 'elementOrUplink' ? root.uplinks : [],
      )
      .map(pairOf),
  )
  const concerns = ({ a, b }: Pick<Link, 'a' | 'b'>) =>
    elements.has(a.element) || elements.has(b.element) || pairs.has(pairOf({ a, b }))
  const shown = graph.contradicted
    .filter((one) => concerns(one.shown) || concerns(one.declared))
    .map(
      ({ shown, declared }) =>
        `LLDP shows ${shown.id}, and the inventory has ${declared.id} on the same port: the inventory counts.`,
    )
  const told = differences
    .filter((one) => (one.kind === 'missingLink' || one.kind === 'otherPort') && concerns(one))
    .map(({ text }) => text)
  return [...new Set([...shown, ...told])].sort(byText).slice(0, most)
}

const pairOf = ({ a, b }: Pick<Link, 'a' | 'b'>): string =>
  JSON.stringify([a.element, b.element].sort(byText))
