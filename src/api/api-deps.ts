import type { RequestHandler } from 'express'
import type {
  Alarm,
  AlarmId,
  AlarmPhase,
  AlarmTransition,
  AlarmType,
  NetworkAlarm,
  StoredAlarm,
} from '../model/alarm.ts'
import type { AlarmAction } from '../model/alarm-action.ts'
import type { BusyHourReport } from '../model/busy-hour.ts'
import type { CustomerId, Language } from '../model/customer.ts'
import type { Evidence, FaultReport, FaultReportId, Match } from '../model/fault-report.ts'
import type { Incident, IncidentId, IncidentState } from '../model/incident.ts'
import type { IncidentAction } from '../model/incident-action.ts'
import type { Actor, ImpactStep, IncidentEvent } from '../model/incident-event.ts'
import type { Interface } from '../model/interface.ts'
import type { Inventory } from '../model/inventory.ts'
import type { LinkDifference } from '../model/link-difference.ts'
import type {
  Interval,
  MaintenanceWindow,
  MaintenanceWindowId,
  WindowChange,
  WindowEvent,
  WindowPlan,
} from '../model/maintenance-window.ts'
import type { FieldOf, Measurement } from '../model/measurements.ts'
import type { ElementId } from '../model/network-element.ts'
import type { NetworkState } from '../model/network-state.ts'
import type { Notification, NotificationKind, NotificationState } from '../model/notification.ts'
import type { PeakExperience } from '../model/peak-experience.ts'
import type { PollResult, ProbeName, SystemGroup } from '../model/reading.ts'
import type { Service, ServiceId } from '../model/service.ts'
import type { Severity } from '../model/severity.ts'
import type { Topology } from '../model/topology.ts'
import type { Trap } from '../model/trap.ts'
import type { Clock } from '../platform/clock.ts'
import type { Page } from '../platform/db/cursor.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import type { EventHub } from '../platform/event-hub.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'

/** What the API reads and whom it asks; it decides nothing about the network itself. */
export interface ApiDeps {
  readonly version: string
  /** The console says plainly that this is the demo network. */
  readonly demo: boolean
  /** IANA zone of the times in sentences for customers. */
  readonly timeZone: string
  /** Where people reach the API when it is not the address that it listens on. */
  readonly publicUrl?: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Whether callers are asked for a token once there is one; when not, the API listens on loopback only. */
  readonly tokens: boolean
  /** For tokens and the audit log. */
  readonly db: StateDb
  readonly events: EventHub
  /** Serves the console's files; called for every GET outside `/api`. */
  readonly console?: RequestHandler
  ready(): Promise<Readiness>

  inventory(): Inventory
  topology(): Topology
  networkState(): NetworkState
  interfaces(element: ElementId): readonly Interface[]
  system(element: ElementId): SystemGroup | undefined
  /** One poll now by every probe of the element, through the same path as the scheduled ones. */
  pollNow(element: ElementId, signal: AbortSignal): Promise<readonly PollResult[]>
  /** Where the LLDP tables of the elements and the declared links differ. */
  linkDifferences(): readonly LinkDifference[]
  collection(): Promise<CollectionStatus>
  querySamples(query: SamplesQuery, signal: AbortSignal): Promise<readonly SampleSeries[]>
  /** The newest sample of each series with these tags, from memory. More than `limit` series is REQUEST_INVALID. */
  latestSamples(query: LatestQuery): LatestRows
  /** More than one report may take is REQUEST_INVALID. */
  busyHour(query: BusyHourQuery, signal: AbortSignal): Promise<BusyHourReport>
  /** More than one report may take is REQUEST_INVALID. */
  peakExperience(query: PeakExperienceQuery, signal: AbortSignal): Promise<PeakExperience>

  /** Those about the network. */
  activeAlarms(): readonly NetworkAlarm[]
  readonly alarms: {
    list(filter: AlarmListFilter): Promise<Page<StoredAlarm>>
    get(id: AlarmId): Promise<StoredAlarm | undefined>
    getMany(ids: readonly AlarmId[]): Promise<ReadonlyMap<AlarmId, StoredAlarm>>
    transitions(id: AlarmId): Promise<readonly AlarmTransition[]>
    /** Writes its own audit row. @throws FaultlineError NOT_FOUND, CONFLICT, PRECONDITION_FAILED, REQUEST_INVALID. */
    act(id: AlarmId, action: AlarmAction, actor: Actor, expectedVersion?: number): Promise<StoredAlarm>
  }
  readonly incidents: IncidentAccess
  readonly maintenance: MaintenanceAccess
  readonly reports: ReportAccess
  readonly notifications: NotificationAccess
}

/** `degraded`: it works, and something beside it (the sample store) does not. */
export interface Readiness {
  readonly state: 'ready' | 'degraded' | 'notReady'
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly text: string }[]
}

/** Counts are since the start of the daemon, `refused` and `unknown` of traps those of the last day. */
export interface CollectionStatus {
  readonly probes: readonly {
    readonly name: ProbeName
    readonly engine: string
    readonly intervalMs: number
  }[]
  /** The worst first. */
  readonly overruns: readonly {
    readonly element: ElementId
    readonly probe: ProbeName
    readonly skipped: number
  }[]
  readonly refused: readonly { readonly protocol: string; readonly reason: string; readonly count: number }[]
  /** Absent when traps are not received. */
  readonly traps?: {
    readonly host: string
    readonly port: number
    readonly receiveBuffer: number
    readonly counts: readonly { readonly kind: string; readonly outcome: string; readonly count: number }[]
    readonly latest: readonly Trap[]
    readonly refused: readonly (SeenToday & { readonly address: string; readonly why: string })[]
    readonly unknown: readonly (SeenToday & { readonly element: ElementId; readonly oid: string })[]
  }
}

interface SeenToday {
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

/** Times are UTC epoch ms, `to` exclusive, `step` ms. More than `limit` points is REQUEST_INVALID. */
interface SamplesQuery {
  readonly measurement: Measurement
  readonly field: FieldOf<Measurement>
  readonly tags: Readonly<Record<string, string>>
  readonly from: number
  readonly to: number
  readonly step?: number
  readonly aggregate?: 'mean' | 'max' | 'p95'
  readonly limit: number
}

/** Times are UTC epoch ms, `to` exclusive. */
interface BusyHourQuery {
  readonly element?: ElementId
  readonly interface?: string
  readonly from: number
  readonly to: number
  readonly percentiles: boolean
}

/** Times are UTC epoch ms, `to` exclusive. */
interface PeakExperienceQuery {
  readonly from: number
  readonly to: number
  readonly service?: ServiceId
  readonly class?: string
  readonly area?: Service['area']
  readonly mostServices: number
}

type LatestMeasurement = 'icmp' | 'stamp' | 'interface' | 'element' | 'sensor'

interface LatestQuery {
  readonly measurement: LatestMeasurement
  readonly fields: readonly FieldOf<LatestMeasurement>[]
  readonly tags: Readonly<Record<string, string>>
  readonly limit: number
}

/** One series a row; NaN: the newest sample lacks that field. */
interface LatestRows {
  readonly tags: readonly Readonly<Record<string, string>>[]
  readonly at: Float64Array
  readonly values: Readonly<Record<string, Float64Array>>
}

interface SampleSeries {
  readonly tags: Readonly<Record<string, string>>
  readonly points: readonly (readonly [at: number, value: number])[]
}

interface PageFilter {
  readonly limit: number
  readonly cursor?: string
}

interface AlarmListFilter extends PageFilter {
  readonly state?: Alarm['state']
  readonly element?: ElementId
  readonly about?: 'network' | 'system'
  readonly type?: AlarmType
  readonly severity?: Severity
  readonly phase?: AlarmPhase
  readonly acknowledged?: boolean
  readonly shelved?: boolean
}

interface IncidentAccess {
  open(): Promise<readonly Incident[]>
  list(filter: PageFilter & { readonly states?: readonly IncidentState[] }): Promise<Page<Incident>>
  get(id: IncidentId): Promise<Incident | undefined>
  events(id: IncidentId): Promise<readonly IncidentEvent[]>
  /** What the log, which may be cut short, says that the incident was then; undefined when it began later. */
  stateIn(log: readonly IncidentEvent[], at: number): Incident | undefined
  impactSteps(log: readonly IncidentEvent[]): readonly ImpactStep[]
  /** Writes its own audit row. @throws FaultlineError NOT_FOUND, CONFLICT, PRECONDITION_FAILED, REQUEST_INVALID. */
  act(id: IncidentId, action: IncidentAction, actor: Actor, expectedVersion?: number): Promise<Incident>
}

/** Changes write their own audit rows, and throw NOT_FOUND, CONFLICT, PRECONDITION_FAILED or REQUEST_INVALID. */
interface MaintenanceAccess {
  list(
    filter: PageFilter & { readonly state?: 'current' | 'over'; readonly now: number },
  ): Promise<Page<MaintenanceWindow>>
  get(id: MaintenanceWindowId): Promise<MaintenanceWindow | undefined>
  events(id: MaintenanceWindowId): Promise<readonly WindowEvent[]>
  /** `created` is false when the same external id had the same plan before. */
  plan(plan: WindowPlan, actor: Actor): Promise<MaintenanceWindow & { readonly created: boolean }>
  change(
    id: MaintenanceWindowId,
    change: WindowChange,
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MaintenanceWindow>
  /** The occurrence under way and up to `count` that follow. */
  times(
    window: MaintenanceWindow,
    now: number,
    count: number,
  ): { readonly current?: Interval; readonly next: readonly Interval[]; readonly over: boolean }
  /** The first occurrences of a plan; throws REQUEST_INVALID for one that cannot be. */
  preview(plan: WindowPlan, now: number, count: number): readonly Interval[]
  /** What a plan covers in the network as it is now. */
  covered(plan: Pick<WindowPlan, 'elements' | 'includeDownstream'>): {
    readonly elements: readonly ElementId[]
    readonly services: readonly ServiceId[]
    readonly customers: number
  }
}

export interface MatchedReport {
  readonly report: FaultReport
  readonly matches: readonly Match[]
}

interface ReportListFilter extends PageFilter {
  readonly status?: FaultReport['status']
  readonly customer?: CustomerId
  readonly service?: ServiceId
  /** The list is then in order of change, oldest first. */
  readonly updatedSince?: number
}

type NewReport = Pick<FaultReport, 'kind' | 'symptom' | 'description' | 'channel'> &
  Partial<Pick<FaultReport, 'customer' | 'service' | 'reportedOnsetAt' | 'externalId'>>

/** Changes write their own audit rows, and throw NOT_FOUND, CONFLICT, PRECONDITION_FAILED or REQUEST_INVALID. */
interface ReportAccess {
  list(filter: ReportListFilter): Promise<Page<FaultReport>>
  get(id: FaultReportId): Promise<MatchedReport | undefined>
  matches(ids: readonly FaultReportId[]): Promise<ReadonlyMap<FaultReportId, readonly Match[]>>
  /** The matches of an incident that no person undid, best first. */
  matchesOf(incident: IncidentId, limit: number): Promise<readonly Match[]>
  /** `withWords`: with the reasons that people gave. */
  log(id: FaultReportId, withWords: boolean): Promise<readonly ReportLogRow[]>
  submit(
    input: NewReport,
    actor: Actor,
    options: { readonly waitMs?: number },
  ): Promise<MatchedReport & { readonly created: boolean }>
  patch(
    id: FaultReportId,
    change: {
      readonly status?: FaultReport['status'] | undefined
      readonly statusReason?: string | undefined
      readonly description?: string | undefined
      readonly symptom?: FaultReport['symptom'] | undefined
    },
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MatchedReport>
  link(
    id: FaultReportId,
    incident: IncidentId,
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MatchedReport>
  unlink(
    id: FaultReportId,
    incident: IncidentId,
    actor: Actor,
    expectedVersion?: number,
  ): Promise<MatchedReport>
  /** What the polls say now about the path of a service. */
  evidenceFor(service: Service): Promise<Evidence>
}

interface ReportLogRow {
  readonly sequence: number
  readonly at: number
  readonly actor: Actor
  readonly type: string
  readonly text: string
}

interface NotificationAccess {
  list(
    filter: PageFilter & {
      readonly incident?: IncidentId
      readonly customer?: CustomerId
      readonly state?: NotificationState
    },
  ): Promise<Page<Notification>>
  countsOf(incident: IncidentId): Promise<{
    readonly customersTold: number
    readonly byKind: readonly {
      readonly kind: NotificationKind
      readonly state: NotificationState
      readonly count: number
    }[]
  }>
  /** Whom the incident as it stands would make us tell what; nothing is queued. */
  preview(incident: Incident, limit: number): Promise<NotificationPlan>
}

interface NotificationPlan {
  readonly customers: number
  readonly messages: readonly {
    readonly customer: CustomerId
    readonly kind: NotificationKind
    readonly language: Language
    readonly channel: string
    readonly services: readonly ServiceId[]
    readonly dueAt: number
    readonly subject: string
    readonly text: string
  }[]
}
