import type { Interval, MaintenanceWindow, MaintenanceWindowId } from '../../model/maintenance-window.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { Topology } from '../../model/topology.ts'
import { type Coverage, coverageOf, underwayOf } from './coverage.ts'
import { occurrencesOf } from './occurrences.ts'

/** What occurrences that have begun covered, by window and by their start (`coveredIn`). */
export type Remembered = ReadonlyMap<MaintenanceWindowId, ReadonlyMap<number, ReadonlySet<ElementId>>>

/** When one of these elements was, or will be, covered: in order, joined. */
export type CoveredTime = (elements: readonly ElementId[]) => readonly Interval[]

/**
 * What maintenance windows cover between `from` and `to`: the time that service-level clocks and availability leave out.
 * For a service ask for its element and its endpoint. What has begun covers what is remembered of it, and the rest what it
 * would cover in the topology that is given. The topology is looked through once, however often is asked.
 */
export function createCoveredTime(
  windows: readonly MaintenanceWindow[],
  topology: Topology,
  from: number,
  to: number,
  remembered: Remembered = new Map(),
): CoveredTime {
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
  const known = new Map<string, Coverage>()
  const coverageAt = (at: number): Coverage => {
    const underway = all.filter(({ cover }) => cover.start <= at && at < cover.end)
    const key = JSON.stringify(underway.map(({ cover }) => [cover.window, cover.start]).sort())
    const coverage = known.get(key) ?? coverageOf(underway, topology)
    known.set(key, coverage)
    return coverage
  }
  const parts = edges
    .slice(0, -1)
    .map((start, index) => ({ start, end: edges[index + 1] ?? start, coverage: coverageAt(start) }))
    .filter(({ coverage }) => coverage.size > 0)
  return (elements) =>
    joined(
      parts.flatMap(({ start, end, coverage }) =>
        elements.some((element) => coverage.has(element)) ? [{ start, end }] : [],
      ),
    )
}

/** The same for one question. */
export const coveredIntervals = (
  windows: readonly MaintenanceWindow[],
  topology: Topology,
  elements: readonly ElementId[],
  from: number,
  to: number,
  remembered: Remembered = new Map(),
): readonly Interval[] => createCoveredTime(windows, topology, from, to, remembered)(elements)

function joined(intervals: readonly Interval[]): readonly Interval[] {
  const done: Interval[] = []
  for (const { start, end } of intervals) {
    const last = done.at(-1)
    if (last?.end === start) done.splice(-1, 1, { start: last.start, end })
    else done.push({ start, end })
  }
  return done
}
