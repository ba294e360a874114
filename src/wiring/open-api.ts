import { type Api, createApi } from '../api/create-api.ts'
import type { TrapReceiver } from '../collect/traps/trap-receiver.ts'
import { createConsoleHandler } from '../console/console-handler.ts'
import type { Pipeline } from '../pipeline.ts'
import type { ReportDesk } from '../report/report-desk.ts'
import { createAlarmAccess } from './alarm-access.ts'
import { createBusyHourReader } from './busy-hour-reader.ts'
import { collectionStatus } from './collection-status.ts'
import type { Foundation } from './foundation.ts'
import { createIncidentAccess } from './incident-access.ts'
import { latestSamples } from './latest-samples.ts'
import type { Maintenance } from './maintenance.ts'
import { createNotificationAccess } from './notification-access.ts'
import type { Collection } from './open-collection.ts'
import type { Desks } from './open-desks.ts'
import type { Detection } from './open-detection.ts'
import type { Notices } from './open-notify.ts'
import type { Samples } from './open-samples.ts'
import type { State } from './open-state.ts'
import { createPeakExperienceReader } from './peak-experience-reader.ts'
import { slowestRoundOf } from './pipeline-settings.ts'
import { createReadiness } from './readiness.ts'

/** Whom the API asks. */
export interface ApiParts {
  readonly state: State
  readonly samples: Samples
  readonly detection: Detection
  readonly maintenance: Pick<Maintenance, 'access'>
  readonly reports: ReportDesk
  readonly notices: Notices
  readonly pipeline: Pick<Pipeline, 'lastStepAt'>
  readonly collection: Collection
  readonly traps: () => TrapReceiver | undefined
  readonly desks: Desks
}

/** The API and the console over all parts. It does not listen yet. */
export function openApi(
  base: Foundation,
  parts: ApiParts,
  about: { readonly version: string; readonly demo: boolean },
): Api {
  const { config, clock, part, metrics, events, inventory, live, startedAt } = base
  const { state, samples, detection, notices, desks } = parts
  const { db, alarms, incidents } = state
  const { store, preparation, queue, latest, trailingDays, zoneOf } = samples
  const { detector, systemWatch, networkState, activeAlarms } = detection
  const { poller, failing, lastPollAt } = parts.collection
  return createApi({
    ...about,
    timeZone: config.notify.timeZone,
    tokens: config.auth.tokens,
    ...(config.server.publicUrl === undefined ? {} : { publicUrl: config.server.publicUrl }),
    clock,
    log: part('api'),
    metrics,
    db,
    events,
    console: createConsoleHandler(),
    ready: createReadiness({
      db,
      store,
      preparation,
      queue,
      clock,
      lastPollAt,
      lastStepAt: parts.pipeline.lastStepAt,
      pollsExpectedWithinMs: 3 * slowestRoundOf(config, inventory) + 5_000,
      startedAt,
    }),
    inventory: () => inventory,
    topology: () => live.topology(),
    networkState,
    interfaces: (element) => live.interfaces(element),
    system: (element) => live.system(element),
    linkDifferences: () => live.differences(),
    collection: () => collectionStatus({ poller, failing, metrics, traps: parts.traps }),
    pollNow: (element, signal) => {
      poller.renew([element])
      return poller.pollNow([element], undefined, signal)
    },
    querySamples: (query, signal) => store.query(query, signal),
    latestSamples: (query) => latestSamples(latest, query),
    busyHour: createBusyHourReader(store, zoneOf, trailingDays.read),
    peakExperience: createPeakExperienceReader(store, (service) =>
      zoneOf(inventory.services.get(service)?.element ?? ''),
    ),
    activeAlarms,
    alarms: createAlarmAccess({
      db,
      alarms,
      desk: desks.alarmDesk,
      live: () => [...detector.live(), ...systemWatch.active()],
    }),
    incidents: createIncidentAccess(db, incidents, desks.incidentDesk),
    maintenance: parts.maintenance.access,
    reports: parts.reports,
    notifications: createNotificationAccess({
      db,
      ledger: notices.ledger,
      inventory,
      render: notices.render,
      clock,
      settings: notices.settings,
    }),
  })
}
