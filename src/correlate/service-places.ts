import type { Service } from '../model/service.ts'
import type { Graph } from './graph.ts'

/** A service with the elements that it hangs on, by number; -1 for one that the graph does not know. */
export interface PlacedService {
  readonly service: Service
  /** The element that carries it. */
  readonly access: number
  /** The element at the customer's end; the same when it has none of its own. */
  readonly end: number
}

/** The services that hang on an element, by either end. */
export type ServicePlaces = (vertex: number) => readonly PlacedService[]

const none: readonly never[] = []

export function placeServices(graph: Graph, services: Iterable<Service>): ServicePlaces {
  const places = new Map<number, PlacedService[]>()
  const add = (vertex: number, placed: PlacedService) => {
    const here = places.get(vertex)
    if (here) here.push(placed)
    else places.set(vertex, [placed])
  }
  for (const service of services) {
    const access = graph.indexOf.get(service.element) ?? -1
    const end = graph.indexOf.get(service.endpoint) ?? -1
    const placed = { service, access, end }
    add(end, placed)
    if (access !== end) add(access, placed)
  }
  return (vertex) => places.get(vertex) ?? none
}

export type PlacesCache = (graph: Graph, services: Iterable<Service>) => ServicePlaces

/** The places of the last list, for as long as that and the graph stay the same. */
export function createPlacesCache(): PlacesCache {
  let last: { graph: Graph; services: Iterable<Service>; places: ServicePlaces } | undefined
  return (graph, services) => {
    // What can be gone through only once is another one each time.
    if (last?.graph !== graph || last.services !== services || !Array.isArray(services))
      last = { graph, services, places: placeServices(graph, services) }
    return last.places
  }
}
