import type { Link } from '../model/link.ts'
import type { LinkDifference } from '../model/link-difference.ts'
import { byText, type Graph } from './graph.ts'

/**
 * Tells of a link that it is declared and that LLDP of both its ends does not show it: it may be there on paper alone.
 * It stays a way, since what is declared counts; what is seen over it is no evidence.
 */
export function doubtedLinks(
  { links }: Graph,
  differences: readonly LinkDifference[],
): (link: number) => boolean {
  let missing: ReadonlySet<string> | undefined
  return (index) => {
    missing ??= new Set(differences.flatMap((one) => (one.kind === 'missingLink' ? [keyOf(one)] : [])))
    const link = links[index]
    return missing.size > 0 && link !== undefined && missing.has(keyOf(link))
  }
}

const keyOf = ({ a, b }: Pick<Link, 'a' | 'b'>): string =>
  [a, b]
    .map((end) => JSON.stringify([end.element, end.interface]))
    .sort(byText)
    .join()
