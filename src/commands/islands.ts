import type { Inventory } from '../model/inventory.ts'
import type { ElementId } from '../model/network-element.ts'

/** Elements that neither a link nor an uplink joins with the vantage, by id. */
export function islands({ vantage, elements, links }: Inventory): readonly ElementId[] {
  const neighbours = new Map<ElementId, ElementId[]>()
  const join = (one: ElementId, other: ElementId) => {
    const known = neighbours.get(one)
    if (known) known.push(other)
    else neighbours.set(one, [other])
  }
  for (const { a, b } of links) {
    join(a.element, b.element)
    join(b.element, a.element)
  }
  const reached = new Set([vantage])
  // A set may grow while it is walked, and what is added is walked too.
  for (const one of reached) for (const next of neighbours.get(one) ?? []) reached.add(next)
  return [...elements.keys()].filter((id) => !reached.has(id)).sort()
}
