import { arcsOf } from './graph.ts'
import { answeredAt, apartMs, patienceMs, type Situation, sinceOf } from './situation.ts'

/**
 * Elements that a port may lead to of which that is not known: those joined by links that name no port on this side, as
 * plain uplinks do.
 */
function candidates({ graph }: Situation, vertex: number): readonly number[] {
  return arcsOf(graph, vertex).flatMap(({ to, link }) => {
    const ends = graph.links[link]
    const own = ends?.a.element === graph.ids[vertex] ? ends?.a : ends?.b
    return own?.interface === undefined ? [to] : []
  })
}

/** The port may be the one towards this dark element: it went down at about the time when that fell. */
export const mayLeadTo = (situation: Situation, vertex: number, downAt: number, dark: number): boolean =>
  Math.abs(sinceOf(situation, dark) - downAt) <= apartMs(situation) &&
  candidates(situation, vertex).includes(dark)

/** One of those that it may lead to has said nothing since it went down, and may yet turn out to be dark. */
export const mayTurnDark = (
  situation: Situation,
  vertex: number,
  downAt: number,
  isUndecided: (vertex: number) => boolean,
): boolean =>
  candidates(situation, vertex).some(
    (to) =>
      isUndecided(to) ||
      (situation.reach[to] === 'answering' &&
        answeredAt(situation, to) < downAt &&
        situation.now - downAt < patienceMs(situation)),
  )
