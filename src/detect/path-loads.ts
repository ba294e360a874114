import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'
import type { LoadTo } from './path-judge.ts'

export interface PathPort {
  readonly element: ElementId
  readonly interface: InterfaceName
}

/** How full a port was when it was measured last. */
export interface PortLoad {
  ratio: number
  at: number
}

export interface PathLoads {
  /** Where the series of that port keeps its load. */
  portLoad(element: ElementId, name: InterfaceName): PortLoad
  readonly loadTo: LoadTo
}

/** Loads of paths, from the ports on the way as they were measured within `freshMs`. */
export function createPathLoads(
  portsTo: (element: ElementId) => readonly PathPort[],
  freshMs: number,
): PathLoads {
  const loads = new Map<ElementId, Map<InterfaceName, PortLoad>>()
  return {
    portLoad(element, name) {
      const ofElement = loads.get(element) ?? new Map<InterfaceName, PortLoad>()
      loads.set(element, ofElement)
      const known = ofElement.get(name) ?? { ratio: Number.NaN, at: Number.NEGATIVE_INFINITY }
      ofElement.set(name, known)
      return known
    },
    loadTo(element, at) {
      let fullest = Number.NaN
      for (const port of portsTo(element)) {
        const load = loads.get(port.element)?.get(port.interface)
        if (load === undefined || at - load.at > freshMs || Number.isNaN(load.ratio)) continue
        if (!(fullest >= load.ratio)) fullest = load.ratio
      }
      return fullest
    },
  }
}
