import { pathTo } from '../correlate/path.ts'
import type { ElementId } from '../model/network-element.ts'
import type { Topology } from '../model/topology.ts'

/** These elements, what is next to them, and the ways to them: what to ask at once when one of them turned. */
export const around = (topology: Topology, elements: Iterable<ElementId>): ReadonlySet<ElementId> =>
  new Set(
    [...elements].flatMap((element) => [
      ...pathTo(topology, element),
      ...topology.adjacent(element).map(({ neighbour }) => neighbour),
    ]),
  )
