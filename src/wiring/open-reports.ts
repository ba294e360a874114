import { pathTo } from '../correlate/path.ts'
import { systemActor } from '../model/incident-event.ts'
import { createReportDesk, type ReportDesk, type ReportDeskDeps } from '../report/report-desk.ts'
import type { Foundation } from './foundation.ts'
import type { Detection } from './open-detection.ts'
import type { State } from './open-state.ts'

/** Takes fault reports and matches them to incidents. Not resumed. */
export function openReports(
  { clock, part, metrics, publish, life, inventory, live }: Foundation,
  { db, alarms, incidents, reports }: State,
  { networkState, activeAlarms }: Pick<Detection, 'networkState' | 'activeAlarms'>,
  probePath: ReportDeskDeps['probePath'],
): ReportDesk {
  const desk = createReportDesk({
    db,
    store: reports,
    clock,
    log: part('report'),
    metrics,
    inventory: () => inventory,
    topology: () => live.topology(),
    networkState,
    activeAlarms,
    pathOf: (service) => pathTo(live.topology(), service.endpoint),
    transaction: (work) => db.transaction().execute(work),
    openIncidents: (at) => incidents.open(at),
    recentIncidents: (at, since) => incidents.recent(at, since),
    incident: (at, id) => incidents.get(at, id),
    alarms: (at, ids) => alarms.getMany(at, ids),
    recordOnIncident: async (tx, ids, report, now) => {
      const body = { type: 'reported' as const, report: report.id, reportedAt: report.reportedAt }
      for (const id of ids) await incidents.record(tx, id, body, systemActor, now)
    },
    probePath,
    afterCommit: (changes, touched) => {
      for (const { report, change } of changes) publish('report', report, change)
      for (const incident of touched) publish('incident', incident, 'reported')
    },
  })
  life.onClose('fault reports', () => desk.close())
  return desk
}
