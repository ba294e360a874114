import type { z } from 'zod'
import { alarm, alarmDetail, alarmPage } from './views/alarm-schemas.ts'
import { busyHour } from './views/busy-hour-schemas.ts'
import { collection, polled } from './views/collection-schemas.ts'
import { pageOf } from './views/common-schemas.ts'
import { faultReport, faultReportDetail, faultReportPage } from './views/fault-report-schemas.ts'
import { impactHistory, incident, incidentDetail, incidentPage } from './views/incident-schemas.ts'
import { liveEvent } from './views/live-event-schemas.ts'
import {
  maintenancePreview,
  maintenanceWindow,
  maintenanceWindowDetail,
  maintenanceWindowPage,
} from './views/maintenance-schemas.ts'
import { element, interfaceList, linkList, topology } from './views/network-schemas.ts'
import { notificationPage, notificationPreview } from './views/notification-schemas.ts'
import { kpi } from './views/peak-experience-schemas.ts'
import { problem } from './views/problem-schemas.ts'
import { health, readiness } from './views/readiness-schemas.ts'
import { latestSamples, samples } from './views/samples-schemas.ts'
import { service } from './views/service-schemas.ts'
import { session } from './views/session-schemas.ts'
import { customerStatus, serviceStatus } from './views/status-schemas.ts'

/**
 * What each address answers, as schemas: the OpenAPI document, the types that the console imports, and the tests that
 * hold real answers against them are made from these. Times are RFC 3339 in UTC. A key without a value is absent.
 * `customerName` and the customer's own words are only there for the roles desk, noc and admin.
 * The names are those of the OpenAPI document.
 */
export const views = {
  Problem: problem,
  Health: health,
  Readiness: readiness,
  Session: session,
  Element: element,
  ElementPage: pageOf(element),
  InterfaceList: interfaceList,
  LinkList: linkList,
  Topology: topology,
  Collection: collection,
  Polled: polled,
  Samples: samples,
  LatestSamples: latestSamples,
  BusyHour: busyHour,
  Kpi: kpi,
  Alarm: alarm,
  AlarmPage: alarmPage,
  AlarmDetail: alarmDetail,
  IncidentPage: incidentPage,
  Incident: incident,
  IncidentDetail: incidentDetail,
  ImpactHistory: impactHistory,
  MaintenanceWindow: maintenanceWindow,
  MaintenanceWindowPage: maintenanceWindowPage,
  MaintenanceWindowDetail: maintenanceWindowDetail,
  MaintenancePreview: maintenancePreview,
  FaultReport: faultReport,
  FaultReportPage: faultReportPage,
  FaultReportDetail: faultReportDetail,
  Service: service,
  ServicePage: pageOf(service),
  ServiceStatus: serviceStatus,
  CustomerStatus: customerStatus,
  NotificationPage: notificationPage,
  NotificationPreview: notificationPreview,
  LiveEvent: liveEvent,
} as const

export type ViewName = keyof typeof views

export type ElementPage = z.infer<(typeof views)['ElementPage']>
