import type { InterfaceName } from '../model/interface.ts'
import { arcsOf, type Graph } from './graph.ts'

const isPartOfName = (char: string | undefined): boolean =>
  char !== undefined && /[\p{L}\p{N}/:._-]/u.test(char)

/** Whether a name stands in a text as a word: `ge-0/0/1` not in `ge-0/0/10 rx power`. */
function names(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (!isPartOfName(text[at - 1]) && !isPartOfName(text[at + name.length])) return true
  return false
}

/** The port with a link that a sensor is called after, as those of transceivers are; of several, the longest name. */
export function sensorPort(graph: Graph, element: string, sensor: string): InterfaceName | undefined {
  const ports = arcsOf(graph, graph.indexOf.get(element) ?? -1).flatMap(({ link: index }) => {
    const link = graph.links[index]
    if (!link) return []
    return [link.a, link.b].flatMap((end) =>
      end.element === element && end.interface !== undefined ? [end.interface] : [],
    )
  })
  return ports
    .filter((port) => port !== '' && names(sensor, port))
    .toSorted((one, other) => other.length - one.length)[0]
}
