import { arcsOf, at, byNumber, type Graph } from './graph.ts'
import type { Sight } from './sight.ts'

/** The elements whose polls tell of an element: itself, or the nearest polled ones around it where it is not polled. */
export type Voices = (vertex: number) => readonly number[]

export function createVoices(graph: Graph, { reach }: Pick<Sight, 'reach'>): Voices {
  const isPolled = (vertex: number) => reach[vertex] !== 'unpolled'
  const around = new Map<number, readonly number[]>()
  return (vertex) => {
    if (isPolled(vertex)) return [vertex]
    const known = around.get(vertex)
    if (known) return known
    const seen = new Set([vertex])
    const open = [vertex]
    const found: number[] = []
    for (let next = 0; next < open.length; next++)
      for (const { to } of arcsOf(graph, at(open, next))) {
        if (seen.has(to)) continue
        seen.add(to)
        if (isPolled(to)) found.push(to)
        else open.push(to)
      }
    const voices = found.sort(byNumber)
    // All elements of such a part that nobody polls have the same ones around them.
    for (const one of open) around.set(one, voices)
    return voices
  }
}
