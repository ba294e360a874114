import type { NetworkAlarm } from '../model/alarm.ts'
import { type Incident, rootElements } from '../model/incident.ts'
import type { ElementId } from '../model/network-element.ts'
import type { NetworkState } from '../model/network-state.ts'

/** What was known of the network at one moment. */
export interface Known {
  readonly state: NetworkState
  readonly active: readonly NetworkAlarm[]
}

export interface Measured {
  /** What the latest step judged by. */
  judged(known: Known): void
  /**
   * Anything that an incident rests on is measured, and was when it was last judged: what is told of it is true. False
   * before the first step: an earlier process has measured it.
   */
  isMeasured(incident: Pick<Incident, 'roots' | 'shadowed' | 'alarms'>): boolean
}

const noAlarms: ReadonlyMap<string, NetworkAlarm> = new Map()

/**
 * An alarm is measured while data arrives of it and of its element. An incident whose active alarms are all unmeasured is
 * too; one that has none is while nothing is known of any element of it.
 */
export function createMeasured(now: () => Known): Measured {
  let judged: Known | undefined
  let indexed: { readonly of: Known['active']; readonly byId: ReadonlyMap<string, NetworkAlarm> } = {
    of: [],
    byId: noAlarms,
  }
  const byId = (active: Known['active']) => {
    if (indexed.of !== active) indexed = { of: active, byId: new Map(active.map((one) => [one.id, one])) }
    return indexed.byId
  }
  const isTold = ({ roots, shadowed, alarms }: Parameters<Measured['isMeasured']>[0], known: Known) => {
    const isKnown = (element: ElementId) => known.state.elements.get(element)?.reach !== 'unknown'
    const all = byId(known.active)
    const own = alarms.flatMap((id) => all.get(id) ?? [])
    if (own.length > 0)
      return own.some(({ indeterminate, resource }) => !indeterminate && isKnown(resource.element))
    const elements = [...roots.flatMap(rootElements), ...shadowed].filter((id) =>
      known.state.elements.has(id),
    )
    return elements.length === 0 || elements.some(isKnown)
  }
  return {
    judged(known) {
      judged = known
    },
    isMeasured: (incident) => judged !== undefined && isTold(incident, judged) && isTold(incident, now()),
  }
}
