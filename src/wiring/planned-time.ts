import { type CoveredTime, createCoveredTime } from '../incident/maintenance/covered-intervals.ts'
import { coveredIn } from '../incident/maintenance/fold-window.ts'
import { occurrencesOf } from '../incident/maintenance/occurrences.ts'
import type { WindowStore } from '../incident/maintenance/window-store.ts'
import type { Span } from '../model/calendar.ts'
import type { Topology } from '../model/topology.ts'
import type { StateDb } from '../platform/db/state-db.ts'

export interface PlannedTimeDeps {
  readonly db: StateDb
  readonly windows: Pick<WindowStore, 'current' | 'events'>
  topology(): Topology
}

/**
 * Planned work of a span that lies in the past, from the log of maintenance windows: what was covered then stays covered,
 * whatever the topology says now.
 * @throws FaultlineError STATE_UNAVAILABLE as the state store does.
 */
export function createPlannedTime({ db, windows, topology }: PlannedTimeDeps) {
  return async ({ from, to }: Span): Promise<CoveredTime> => {
    // Those that were not over when the span began.
    const candidates = await windows.current(db, from)
    const found = candidates.filter((window) => occurrencesOf(window).overlapping(from, to).length > 0)
    const remembered = new Map<string, ReturnType<typeof coveredIn>>()
    for (const { id } of found) remembered.set(id, coveredIn(await windows.events(db, id)))
    return createCoveredTime(found, topology(), from, to, remembered)
  }
}
