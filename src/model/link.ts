import type { InterfaceName } from './interface.ts'
import type { ElementId } from './network-element.ts'

/** `a[interface]--b[interface]`, ends in alphabetical order, so that both sides compute the same id. */
export type LinkId = string

export interface LinkEnd {
  readonly element: ElementId
  readonly interface?: InterfaceName
}

/** An adjacency between two elements. Parallel links are told apart by their interfaces. */
export interface Link {
  readonly id: LinkId
  readonly a: LinkEnd
  readonly b: LinkEnd
  /** Where it was learned. A declared link outranks an uplink, an uplink outranks LLDP. */
  readonly source: 'declared' | 'uplink' | 'lldp'
}

const endText = (end: LinkEnd) =>
  end.interface === undefined ? end.element : `${end.element}[${end.interface}]`

/** The link between two ends, the same whichever end is named first. */
export function linkBetween(one: LinkEnd, other: LinkEnd, source: Link['source']): Link {
  const [a, b] = endText(one) <= endText(other) ? [one, other] : [other, one]
  return { id: `${endText(a)}--${endText(b)}`, a, b, source }
}
