import type { LinkEnd } from './link.ts'

/**
 * Where what the elements tell by LLDP and what is declared differ. It is about the inventory: a link that is down is
 * not missing from it.
 * - `undeclaredLink`: LLDP shows a link that nobody declared;
 * - `missingLink`: declared, and though both ends tell of their neighbours, neither shows the other;
 * - `otherPort`: declared on other ports than those that LLDP shows;
 * - `unknownNeighbour`: LLDP shows a neighbour that is no element.
 */
export type LinkDifference = {
  /** One sentence for people. Parts of it come from devices: hostile text. */
  readonly text: string
} & (
  | { readonly kind: 'undeclaredLink'; readonly a: LinkEnd; readonly b: LinkEnd }
  | { readonly kind: 'missingLink' | 'otherPort'; readonly a: LinkEnd; readonly b: LinkEnd }
  | { readonly kind: 'unknownNeighbour'; readonly a: LinkEnd; readonly neighbour: string }
)
