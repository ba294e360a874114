import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'

/** Which ports are used: one that was ever up since it is watched, or that a link or a service names. */
export interface PortMemory {
  sawUp(element: ElementId, name: InterfaceName): void
  isUsed(element: ElementId, name: InterfaceName): boolean
}

/** `isNamed`: whether a link or a service names the port; asked only for those that were never seen up. */
export function createPortMemory(isNamed: (element: ElementId, name: InterfaceName) => boolean): PortMemory {
  const seen = new Map<ElementId, Set<InterfaceName>>()
  return {
    sawUp(element, name) {
      const known = seen.get(element)
      if (known === undefined) seen.set(element, new Set([name]))
      else known.add(name)
    },
    isUsed: (element, name) => seen.get(element)?.has(name) === true || isNamed(element, name),
  }
}
