import type { NetworkAlarm } from '../model/alarm.ts'
import type { InterfaceName } from '../model/interface.ts'
import type { ElementId } from '../model/network-element.ts'
import type { NetworkState } from '../model/network-state.ts'
import type { Seen, Sight } from './sight.ts'
import { patienceMs } from './situation.ts'

/** What was seen in a step, kept to be compared with the next. */
export interface Snapshot {
  /** Later polls that say the same, and more time, change nothing that is found. */
  readonly isSettled: boolean
  readonly views: readonly SeenBefore[]
}

interface SeenBefore {
  readonly vantage: ElementId
  readonly sight: Sight
  readonly alarms: readonly NetworkAlarm[]
  readonly portsDown: ReadonlyMap<ElementId, readonly InterfaceName[]>
}

/**
 * Keeps what a step saw. It is settled when its last event is older than all that is waited for, and everything that
 * answers has answered since: what is found depends on the order of answers and events, and that is then decided.
 */
export function snapshotOf(views: readonly Seen[], now: number, waitMs: number): Snapshot {
  let last = -Infinity
  for (const { sight, alarms } of views) {
    for (const [vertex, reach] of sight.reach.entries())
      if (reach !== 'answering' && reach !== 'unpolled') last = Math.max(last, sight.since[vertex] ?? now)
    for (const { since } of sight.unsent.values()) last = Math.max(last, since)
    for (const { onsetAt, raisedAt } of alarms) last = Math.max(last, onsetAt, raisedAt)
  }
  const isHeard = ({ reach, lastAnswerAt }: Sight) =>
    reach.every((one, vertex) => one !== 'answering' || (lastAnswerAt[vertex] ?? -Infinity) >= last)
  return {
    isSettled: now - last >= patienceMs({ waitMs }) && views.every(({ sight }) => isHeard(sight)),
    views: views.map(({ vantage, sight, alarms, state }) => ({
      vantage,
      sight,
      alarms,
      portsDown: new Map([...state.portsDown].map(([element, ports]) => [element, [...ports]])),
    })),
  }
}

/** The same is seen as then: only answers are newer. */
export const showsTheSame = (before: Snapshot, views: readonly Seen[]): boolean =>
  before.views.length === views.length &&
  views.every((view, index) => {
    const was = before.views[index]
    return (
      was?.vantage === view.vantage &&
      sameReach(was.sight, view.sight) &&
      sameAlarms(was.alarms, view.alarms) &&
      samePorts(was.portsDown, view.state.portsDown)
    )
  })

function sameReach(one: Sight, other: Sight): boolean {
  if (one.reach.length !== other.reach.length) return false
  for (const [vertex, reach] of one.reach.entries()) {
    if (reach !== other.reach[vertex]) return false
    const counts = reach !== 'answering' && reach !== 'unpolled'
    if (counts && one.since[vertex] !== other.since[vertex]) return false
  }
  if (one.unsent.size !== other.unsent.size) return false
  for (const [vertex, unsent] of one.unsent) if (unsent !== other.unsent.get(vertex)) return false
  return true
}

const sameAlarms = (one: readonly NetworkAlarm[], other: readonly NetworkAlarm[]): boolean =>
  one.length === other.length &&
  one.every((alarm, index) => {
    const now = other[index]
    return alarm === now || (now !== undefined && sameAlarm(alarm, now))
  })

const sameAlarm = (one: NetworkAlarm, other: NetworkAlarm): boolean =>
  one.id === other.id &&
  one.severity === other.severity &&
  one.phase === other.phase &&
  one.onsetAt === other.onsetAt &&
  one.text === other.text &&
  (one.shelved === undefined) === (other.shelved === undefined)

function samePorts(
  one: ReadonlyMap<ElementId, readonly InterfaceName[]>,
  other: NetworkState['portsDown'],
): boolean {
  if (one.size !== other.size) return false
  for (const [element, ports] of other) {
    const was = one.get(element)
    if (was?.length !== ports.size || !was.every((port) => ports.has(port))) return false
  }
  return true
}
