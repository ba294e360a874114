import type { Interface } from '../model/interface.ts'
import type { InterfaceList } from '../model/interface-list.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Link } from '../model/link.ts'
import type { LinkDifference } from '../model/link-difference.ts'
import type { ElementId } from '../model/network-element.ts'
import type { AgentSummary, Neighbour, PollResult, SystemGroup } from '../model/reading.ts'
import { systemNames } from '../model/system-names.ts'
import { buildTopology, type Topology } from '../model/topology.ts'
import { type LearnedLink, learnedLinks, type Sighting } from './learned-links.ts'
import { linkDifferences } from './link-differences.ts'
import { mergeLinks } from './merge-links.ts'

/** What is declared, and what the elements themselves last told about interfaces, system and neighbours. */
export interface LiveNetwork {
  readonly inventory: Inventory
  /** The same object until a link changes. */
  topology(): Topology
  links(): readonly Link[]
  /** Where LLDP and what is declared differ. The same list until a neighbour changes. */
  differences(): readonly LinkDifference[]
  accept(reading: PollResult): void
  /** As last read; none when its agent never answered. */
  interfaces(element: ElementId): readonly Interface[]
  system(element: ElementId): SystemGroup | undefined
}

// A cut ends LLDP on both sides within two minutes, and the link must stay in the graph for root cause to be found on
// it. A day is longer than almost every repair, and short enough for a port that was moved for good.
const forgetAfterMs = 24 * 3_600_000

// A chassis has some hundred ports; more neighbours than this are a broken or hostile agent's.
const mostNeighbours = 2_000

/** What an element told about one of its ports, and when. */
interface Heard extends Sighting {
  readonly at: number
}

/** What an agent told last, and when. */
interface Told extends Pick<AgentSummary, 'system' | 'neighbours'> {
  readonly at: number
}

/** Starts with the declared links; LLDP adds to them as SNMP readings come. */
export function createLiveNetwork(inventory: Inventory): LiveNetwork {
  const elementOf = systemNames(
    [...inventory.elements.values()].flatMap(({ id, name }) => [[id, id] as const, [name, id] as const]),
  )
  const told = new Map<ElementId, Told>()
  const interfaces = new Map<ElementId, InterfaceList>()
  const heard = new Map<ElementId, readonly Heard[]>()
  /** What neighbours told, by element: while it and the names of the interfaces are the same, so are the links. */
  const sightings = new Map<ElementId, string>()
  const joinedBy = (links: readonly Link[]): Topology =>
    buildTopology(inventory.vantage, inventory.gateways, inventory.elements.keys(), links)
  let topology = joinedBy(inventory.links)
  let learned: readonly LearnedLink[] = []
  let learnedKey = '[]'
  /** As each element told them last; also says which elements tell of neighbours at all. */
  const strangers = new Map<ElementId, readonly Neighbour[]>()
  let differences: readonly LinkDifference[] | undefined
  // Links are made anew when they are asked for: at start every element tells something new, and few ask.
  let stale = false

  function hear(element: ElementId, neighbours: readonly Neighbour[], at: number): void {
    const told = neighbours.slice(0, mostNeighbours)
    strangers.set(
      element,
      told.filter((neighbour) => elementOf(neighbour.remoteSystem) === undefined),
    )
    const now = told.flatMap((neighbour): Heard[] => {
      const remote = elementOf(neighbour.remoteSystem)
      if (remote === undefined || remote === element) return []
      return [{ element, port: neighbour.localPort, remote, remotePort: neighbour.remotePort, at }]
    })
    // A port that is told anew belongs to its new neighbour; one that fell silent keeps its last for a while.
    const retold = new Set(now.map((sighting) => sighting.port))
    const kept = (heard.get(element) ?? []).filter(
      (sighting) => !retold.has(sighting.port) && at - sighting.at < forgetAfterMs,
    )
    heard.set(element, [...now, ...kept])
  }

  function current(): Topology {
    if (!stale) return topology
    stale = false
    const now = learnedLinks([...heard.values()].flat(), interfaces)
    const key = JSON.stringify(now)
    if (key === learnedKey) return topology
    learned = now
    learnedKey = key
    topology = joinedBy(mergeLinks(inventory.links, learned))
    return topology
  }

  return {
    inventory,
    topology: current,
    links: () => current().links,
    differences() {
      current()
      differences ??= linkDifferences({
        declared: inventory.links,
        learned,
        telling: new Set(strangers.keys()),
        portsKnown: (element) => (interfaces.get(element)?.length ?? 0) > 0,
        strangers,
      })
      return differences
    },
    interfaces(element) {
      const seenAt = told.get(element)?.at ?? 0
      // The list says when a change of it was seen first.
      return interfaces.get(element)?.map((port) => ({ ...port, seenAt })) ?? []
    },
    system: (element) => told.get(element)?.system,
    accept(reading) {
      if (reading.probe !== 'snmp' || !reading.agent || !inventory.elements.has(reading.element)) return
      const { agent, element, at } = reading
      const { system, neighbours } = agent
      const { ports } = agent.interfaces
      const [toldBefore, portsBefore] = [told.get(element), interfaces.get(element)]
      told.set(element, { at, system, ...(neighbours === undefined ? {} : { neighbours }) })
      interfaces.set(element, ports)
      if (neighbours) hear(element, neighbours, at)
      if (portsBefore === ports && toldBefore?.neighbours === neighbours) return
      const seen = JSON.stringify([
        heard.get(element)?.map(({ port, remote, remotePort }) => [port, remote, remotePort]),
        strangers.get(element),
      ])
      const isSame = portsBefore?.isNamedAs(ports) === true && sightings.get(element) === seen
      sightings.set(element, seen)
      if (isSame) return
      stale = true
      differences = undefined
    },
  }
}
