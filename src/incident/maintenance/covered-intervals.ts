import type { Interval, MaintenanceWindow, MaintenanceWindowId } from '../../model/maintenance-window.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { Topology } from '../../model/topology.ts'
import { coverageOf, underwayOf } from './coverage.ts'
import { occurrencesOf } from './occurrences.ts'

/** What occurrences that have begun covered, by window and by their start (`coveredIn`). */
export type Remembered = ReadonlyMap<MaintenanceWindowId, ReadonlyMap<number, ReadonlySet<ElementId>>>

/**
 * When one of these elements was, or will be, covered, between `from` and `to`: the time that service-level clocks and
 * availability leave out. For a service give its element and its endpoint. In order, joined, and cut to the span. What has
 * begun covers what is remembered of it, and the rest what it would cover in the topology that is given.
 */
export function coveredIntervals(
  windows: readonly MaintenanceWindow[],
  topology: Topology,
  elements: readonly ElementId[],
  from: number,
  to: number,
  remembered: Remembered = new Map(),
): readonly Interval[] {
  const past = windows.flatMap((window) =>
    occurrencesOf(window)
      .overlapping(from, to)
      .map((interval) => ({ interval, window, known: remembered.get(window.id)?.get(interval.start) })),
  )
  const all = past.map(({ window, interval, known }) =>
    known
      ? underwayOf(
          { ...window, elements: [], covers: { start: interval.start, elements: [...known] } },
          interval,
        )
      : underwayOf(window, interval),
  )
  // Who covers what changes only where an occurrence begins or ends.
  const edges = [...new Set([from, to, ...all.flatMap(({ cover }) => [cover.start, cover.end])])]
    .filter((edge) => edge >= from && edge <= to)
    .sort((one, other) => one - other)
  const known = new Map<string, boolean>()
  const isCovered = (at: number) => {
    const underway = all.filter(({ cover }) => cover.start <= at && at < cover.end)
    const key = JSON.stringify(underway.map(({ cover }) => [cover.window, cover.start]).sort())
    const answer = known.get(key) ?? elements.some((element) => coverageOf(underway, topology).has(element))
    known.set(key, answer)
    return answer
  }
  return joined(
    edges.slice(0, -1).flatMap((start, index) => {
      const end = edges[index + 1] ?? start
      return isCovered(start) ? [{ start, end }] : []
    }),
  )
}

function joined(intervals: readonly Interval[]): readonly Interval[] {
  const done: Interval[] = []
  for (const { start, end } of intervals) {
    const last = done.at(-1)
    if (last?.end === start) done.splice(-1, 1, { start: last.start, end })
    else done.push({ start, end })
  }
  return done
}
