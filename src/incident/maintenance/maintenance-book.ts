import type { Interval, MaintenanceWindow, MaintenanceWindowId } from '../../model/maintenance-window.ts'
import type { ElementId } from '../../model/network-element.ts'
import type { Topology } from '../../model/topology.ts'
import { type Coverage, coverageOf, type Underway, underwayOf } from './coverage.ts'
import { type Occurrences, occurrencesOf } from './occurrences.ts'

/** What turned since the book was asked last. */
export interface WindowTurn {
  readonly window: MaintenanceWindowId
  readonly change: 'began' | 'ended'
}

/** The windows that are not over, in memory, so that each step knows what is covered without reading or counting days. */
export interface MaintenanceBook {
  /** A window is new, or was changed. */
  put(window: MaintenanceWindow): void
  /** Every window that was not over when it was last looked at. */
  windows(): readonly MaintenanceWindow[]
  coverage(topology: Topology, now: number): Coverage
  /** What occurrences under way cover, and is not on disk yet. */
  news(topology: Topology, now: number): readonly CoverageNews[]
  /** The occurrences that have begun or ended since the last call. The first call tells nothing. */
  turns(now: number): readonly WindowTurn[]
}

export interface CoverageNews {
  readonly window: MaintenanceWindowId
  /** Start of the occurrence. */
  readonly start: number
  readonly elements: readonly ElementId[]
}

interface Entry {
  readonly window: MaintenanceWindow
  readonly occurrences: Occurrences
  /** What was found at `lookedAt` holds until `until`: when the occurrence ends, or the next one begins. */
  current?: Interval | undefined
  lookedAt: number
  until: number
}

/** What is far off is looked at again after this time: a day ahead is cheap to look through. */
const aheadMs = 86_400_000

export function createMaintenanceBook(stored: readonly MaintenanceWindow[]): MaintenanceBook {
  const entries = new Map<MaintenanceWindowId, Entry>()
  let edition = 0
  let known:
    | {
        readonly topology: Topology
        readonly edition: number
        readonly key: string
        readonly coverage: Coverage
        readonly news: readonly CoverageNews[]
      }
    | undefined
  let underwayBefore: ReadonlySet<MaintenanceWindowId> | undefined

  const put = (window: MaintenanceWindow) => {
    edition++
    const occurrences = occurrencesOf(window)
    entries.set(window.id, { window, occurrences, lookedAt: Infinity, until: -Infinity })
  }
  for (const window of stored) put(window)

  const look = (entry: Entry, now: number): Interval | undefined => {
    if (now >= entry.lookedAt && now < entry.until) return entry.current
    const { occurrences } = entry
    entry.current = occurrences.at(now)
    entry.lookedAt = now
    const next = occurrences.overlapping(now + 1, now + aheadMs).find(({ start }) => start > now)
    entry.until = Math.min(entry.current?.end ?? Infinity, next?.start ?? now + aheadMs)
    // Not at once: a clock that was ahead may be set back.
    if ((occurrences.over ?? Infinity) + aheadMs <= now) entries.delete(entry.window.id)
    return entry.current
  }
  const underway = (now: number) =>
    [...entries.values()].flatMap((entry) => {
      const interval = look(entry, now)
      return interval ? [underwayOf(entry.window, interval)] : []
    })

  const coverage = (topology: Topology, now: number) => {
    const all = underway(now)
    const key = JSON.stringify(all.map(({ cover }) => [cover.window, cover.start, cover.end]))
    if (known?.topology !== topology || known.edition !== edition || known.key !== key) {
      const covers = coverageOf(all, topology)
      known = { topology, edition, key, coverage: covers, news: newsIn(covers, all) }
    }
    return known
  }

  return {
    put,
    windows: () => [...entries.values()].map(({ window }) => window),
    coverage: (topology, now) => coverage(topology, now).coverage,
    news: (topology, now) => coverage(topology, now).news,
    turns(now) {
      const ids = new Set(underway(now).map(({ cover }) => cover.window))
      const before = underwayBefore ?? ids
      underwayBefore = ids
      return [
        ...[...ids.difference(before)].map((window) => ({ window, change: 'began' as const })),
        ...[...before.difference(ids)].map((window) => ({ window, change: 'ended' as const })),
      ]
    },
  }
}

function newsIn(covers: Coverage, all: readonly Underway[]): readonly CoverageNews[] {
  const found = Map.groupBy(covers, ([, { window }]) => window)
  return all.flatMap(({ cover: { window, start }, before }) => {
    const known = new Set(before)
    const elements = (found.get(window) ?? []).flatMap(([element]) => (known.has(element) ? [] : [element]))
    return elements.length > 0 ? [{ window, start, elements }] : []
  })
}
