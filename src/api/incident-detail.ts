import type { StoredAlarm } from '../model/alarm.ts'
import type { Incident } from '../model/incident.ts'
import { FaultlineError } from '../platform/errors.ts'
import { alarmView } from './alarm-view.ts'
import type { ApiDeps } from './api-deps.ts'
import { impactRows } from './impact-view.ts'
import { incidentLogRow } from './incident-log-view.ts'
import { incidentView } from './incident-view.ts'
import { rfc3339 } from './parameters.ts'
import { matchView } from './report-view.ts'
import type { IncidentDetail } from './views/incident-schemas.ts'

/** An incident may be very large; the counts say how many there are in all. */
const most = { alarms: 500, impact: 1_000, reports: 200, log: 500 }

/**
 * Puts together all that is shown of one incident, as it is or as it was at a time. `withNames`: the caller may read the
 * names of customers and what people wrote.
 * @throws FaultlineError NOT_FOUND for a time before it was opened.
 */
export type DescribeIncident = (now: Incident, withNames: boolean, at?: number) => Promise<IncidentDetail>

export function describeIncidents(
  deps: Pick<ApiDeps, 'inventory' | 'incidents' | 'alarms' | 'reports' | 'notifications'>,
): DescribeIncident {
  async function notificationsOf(incident: Incident) {
    const { customersTold, byKind } = await deps.notifications.countsOf(incident.id)
    return { customersTold, byKind: byKind.map((row) => ({ ...row })) }
  }

  async function reportsOf(
    incident: Incident,
    withNames: boolean,
    at = Infinity,
  ): Promise<IncidentDetail['reports']> {
    const inventory = deps.inventory()
    const rows: IncidentDetail['reports'] = []
    for (const match of await deps.reports.matchesOf(incident.id, most.reports)) {
      if (match.at > at) continue
      const found = await deps.reports.get(match.report)
      if (!found) continue
      const { id, customer, symptom, reportedAt } = found.report
      const customerName = withNames ? inventory.customers.get(customer)?.name : undefined
      const view = matchView(match, incident, inventory)
      rows.push({ id, customer, customerName, symptom, reportedAt: rfc3339(reportedAt), match: view })
    }
    return rows
  }

  return async function detail(now, withNames, at) {
    const inventory = deps.inventory()
    const wholeLog = await deps.incidents.events(now.id)
    const log = wholeLog.filter((event) => event.at <= (at ?? Infinity))
    const incident = at === undefined ? now : deps.incidents.stateIn(log, at)
    if (!incident)
      throw new FaultlineError(
        'NOT_FOUND',
        `Incident ${now.id} was opened at ${rfc3339(now.detectedAt)}: it was not there before.`,
      )
    const alarms = await deps.alarms.getMany(incident.alarms.slice(-most.alarms))
    return {
      ...incidentView(incident, inventory, withNames),
      alarms: [...alarms.values()].map((alarm) =>
        alarmView(at === undefined ? alarm : asItStood(alarm, at), inventory, withNames),
      ),
      impact: impactRows(incident, inventory, withNames, most.impact),
      reports: await reportsOf(incident, withNames, at),
      ...(at === undefined ? { notifications: await notificationsOf(incident) } : {}),
      log: log.slice(-most.log).map((event) => incidentLogRow(event, inventory, withNames)),
    }
  }
}

/** Whether it was raised or cleared by then; how severe it was is not kept with it. */
function asItStood(alarm: StoredAlarm, at: number): StoredAlarm {
  if (alarm.clearedAt === undefined || alarm.clearedAt <= at) return alarm
  const { clearedAt: _cleared, restoredAt: _restored, ...rest } = alarm
  return { ...rest, state: 'active' }
}
