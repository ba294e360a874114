import { createDetector, type Detector } from '../detect/detector.ts'
import { restlessSince } from '../detect/flapping.ts'
import type { RuleSurroundings } from '../detect/rulebook.ts'
import { createSystemWatch, type SystemWatch } from '../detect/system-watch.ts'
import type { AlarmId, NetworkAlarm } from '../model/alarm.ts'
import type { NetworkState } from '../model/network-state.ts'
import { newId } from '../platform/id.ts'
import type { Foundation } from './foundation.ts'
import type { State } from './open-state.ts'
import { ruleSurroundings } from './rule-surroundings.ts'
import { lookEveryMs } from './system-alarms.ts'

/** What judges: the network by its rules, and Faultline itself. */
export interface Detection {
  readonly detector: Detector
  readonly surroundings: RuleSurroundings
  readonly systemWatch: SystemWatch
  /** What the last polls said, now. */
  networkState(): NetworkState
  activeAlarms(): readonly NetworkAlarm[]
}

/**
 * Takes over the alarms that stood when the process stopped, so that none is raised or cleared twice.
 * @throws FaultlineError STATE_UNAVAILABLE
 */
export async function openDetection(
  { config, clock, inventory, live, startedAt }: Foundation,
  { db, alarms }: Pick<State, 'db' | 'alarms'>,
  newAlarmId: (now: number) => AlarmId = (now) => newId('alm', now),
): Promise<Detection> {
  const { poll, detection } = config
  const { rules, flapping } = detection
  const surroundings = ruleSurroundings(config, inventory, () => live.topology())
  const detector = createDetector({
    rules,
    surroundings,
    elements: inventory.elements,
    active: await alarms.active(db),
    restless: await alarms.restless(db, restlessSince(startedAt, flapping)),
    flapping,
    newAlarmId,
    pollIntervalMs: { icmp: poll.icmp.interval, stamp: poll.stamp.interval, snmp: poll.snmp.interval },
  })
  const systemWatch = createSystemWatch({
    active: await alarms.activeSystem(db),
    flapping,
    newAlarmId,
    everyMs: lookEveryMs,
  })
  return {
    detector,
    surroundings,
    systemWatch,
    networkState: () => detector.state(clock.now()),
    activeAlarms: () => detector.active(),
  }
}
