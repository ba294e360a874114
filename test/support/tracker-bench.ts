import { afterEvent } from '../../src/incident/fold-incident.ts'
import { incidentAction } from '../../src/incident/incident-action.ts'
import { happen, type IncidentChange } from '../../src/incident/incident-change.ts'
import type { PlannedWork } from '../../src/incident/maintenance/planned-work.ts'
import { trackIncidents } from '../../src/incident/track-incidents.ts'
import type { Alarm } from '../../src/model/alarm.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { IncidentAction } from '../../src/model/incident-action.ts'
import type { Finding, IncidentEvent, IncidentEventBody } from '../../src/model/incident-event.ts'
import { FaultlineError } from '../../src/platform/errors.ts'

export const trackSettings = {
  verifyMs: 60_000,
  mendMs: 20_000,
  darkMendMs: 10_000,
  measuringSince: -20_000,
  reopenMs: 600_000,
  closeAfterMs: 3_600_000,
}

export const alarmOf = (id: string, over: Partial<Alarm> = {}): Alarm => ({
  id,
  resource: { kind: 'element', element: id.replace('al-', '') },
  type: 'unreachable',
  severity: 'critical',
  eventType: 'communicationsAlarm',
  probableCause: 'unavailable',
  state: 'active',
  onsetAt: 1_000,
  raisedAt: 2_000,
  indeterminate: false,
  rule: 'unreachable',
  text: '',
  ...over,
})
export const clearedAlarm = (id: string, restoredAt: number) =>
  alarmOf(id, { state: 'cleared', restoredAt, clearedAt: restoredAt + 1_000 })

/** The tracker with its memory: what a pipeline and a desk do with it. */
export function trackerBench(measuringSince = trackSettings.measuringSince) {
  const incidents = new Map<string, Incident>()
  const logs = new Map<string, IncidentEvent[]>()
  let made = 0
  const keep = ({ incident, events }: Pick<IncidentChange, 'incident' | 'events'>) => {
    incidents.set(incident.id, incident)
    logs.set(incident.id, [...(logs.get(incident.id) ?? []), ...events])
    return events.map(({ type }) => `${incident.id} ${type}`)
  }
  const get = (id: string): Incident => {
    const found = incidents.get(id)
    if (!found) throw new Error(`no incident ${id}`)
    return found
  }
  return {
    incidents,
    logs,
    get,
    /** One step of the pipeline; `incident event` of all that happened. */
    step(
      now: number,
      findings: readonly Finding[],
      alarms: readonly Alarm[] = [],
      undecided: readonly string[] = [],
      plannedWork?: PlannedWork,
    ): readonly string[] {
      const changes = trackIncidents({
        incidents: [...incidents.values()],
        findings,
        undecided,
        alarms: new Map(alarms.map((alarm) => [alarm.id, alarm])),
        ...(plannedWork ? { plannedWork } : {}),
        now,
        settings: { ...trackSettings, measuringSince },
        newIncidentId: () => `i-${++made}`,
      })
      return changes.flatMap(keep)
    },
    /** What a person does; the code of the error when it is refused. */
    act(id: string, action: IncidentAction, actor: string, now: number, version?: number): string {
      const event = incidentAction(get(id), action, actor, now, version)
      if (event instanceof FaultlineError) return event.code
      keep({ incident: afterEvent(get(id), event), events: [event] })
      return event.type
    },
    /** What another stage writes into the log. */
    record(id: string, body: IncidentEventBody, now: number): void {
      const change = happen(get(id), [body], 'system', now)
      if (change) keep(change)
    },
  }
}
