import type { AlarmPage, AlarmView } from '../../api/views/alarm-schemas.ts'
import type { FaultReportPage, FaultReportView } from '../../api/views/fault-report-schemas.ts'
import type { IncidentDetail, IncidentPage, IncidentView } from '../../api/views/incident-schemas.ts'
import type {
  MaintenancePreview,
  MaintenanceWindowPage,
  MaintenanceWindowView,
} from '../../api/views/maintenance-schemas.ts'
import type { InterfaceList, TopologyView } from '../../api/views/network-schemas.ts'
import type { NotificationPage } from '../../api/views/notification-schemas.ts'
import type { KpiView } from '../../api/views/peak-experience-schemas.ts'
import type { Problem } from '../../api/views/problem-schemas.ts'
import type { ReadinessView } from '../../api/views/readiness-schemas.ts'
import type { SamplesView } from '../../api/views/samples-schemas.ts'
import type { SessionView } from '../../api/views/session-schemas.ts'

/** What the API said no with. */
export class ApiProblem extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super([problem.detail, ...(problem.errors ?? []).map((e) => `${e.path}: ${e.message}`)].join(' — '))
    this.problem = problem
  }
}

async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  })
  if (response.status === 204) return undefined as T
  const answer: unknown = await response.json()
  // /readyz answers 503 with a body that is its answer and not a problem.
  if (!response.ok && !(answer !== null && typeof answer === 'object' && 'checks' in answer)) {
    throw new ApiProblem(answer as Problem)
  }
  return answer as T
}

const api = '/api/v1'
const query = (values: Record<string, string | number | undefined>) =>
  new URLSearchParams(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  ).toString()

export const session = () => call<SessionView>('GET', `${api}/session`)
export const signIn = (token: string) => call<SessionView>('POST', `${api}/session`, { token })
export const readiness = () => call<ReadinessView>('GET', '/readyz')
/** Of the last 7 days. */
export const kpi = () => call<KpiView>('GET', `${api}/reports/kpi?services=5`)
export const topology = () => call<TopologyView>('GET', `${api}/topology`)
export const interfaces = (element: string) =>
  call<InterfaceList>('GET', `${api}/elements/${encodeURIComponent(element)}/interfaces`)
export const activeAlarms = () => call<AlarmPage>('GET', `${api}/alarms?state=active&limit=200`)
export const actOnAlarm = (view: Pick<AlarmView, 'id' | 'version'>, action: string, body: object = {}) =>
  call<AlarmView>('POST', `${api}/alarms/${encodeURIComponent(view.id)}/${action}`, body, {
    'if-match': `"${view.version}"`,
  })
/** The open ones that weigh most, and then what else was latest. */
export async function incidents(): Promise<readonly IncidentView[]> {
  const [heaviest, latest] = await Promise.all([
    call<IncidentPage>('GET', `${api}/incidents?sort=weight&limit=30`),
    call<IncidentPage>('GET', `${api}/incidents?limit=30`),
  ])
  const shown = new Set(heaviest.items.map(({ id }) => id))
  return [...heaviest.items, ...latest.items.filter(({ id }) => !shown.has(id))]
}
export const incident = (id: string) =>
  call<IncidentDetail>('GET', `${api}/incidents/${encodeURIComponent(id)}`)

/** What people decide about an incident. The rest changes by itself, often more than once a minute. */
const decided = ({ state, assignee, etaAt, hold, acknowledged }: IncidentView): string =>
  JSON.stringify([state, assignee, etaAt, hold, acknowledged])

/**
 * Acts on what was seen. When only the system has written to the log since, that is what the person meant; when another
 * person has, it is refused.
 */
export async function actOnIncident(
  seen: IncidentView,
  action: string,
  body: object = {},
): Promise<IncidentView> {
  const path = `${api}/incidents/${encodeURIComponent(seen.id)}`
  for (let version = seen.version, tries = 1; ; tries++) {
    try {
      return await call<IncidentView>('POST', `${path}/${action}`, body, { 'if-match': `"${version}"` })
    } catch (error) {
      if (tries >= 5 || !(error instanceof ApiProblem) || error.problem.status !== 412) throw error
      const now = await incident(seen.id)
      if (decided(now) !== decided(seen)) throw error
      version = now.version
    }
  }
}
export const reports = () => call<FaultReportPage>('GET', `${api}/fault-reports?limit=30`)
export const sendReport = (body: object) =>
  call<FaultReportView>('POST', `${api}/fault-reports?wait=3s`, body)
export const notifications = () => call<NotificationPage>('GET', `${api}/notifications?limit=40`)
export const samples = (values: Record<string, string | number | undefined>) =>
  call<SamplesView>('GET', `${api}/samples?${query(values)}`)

const windows = `${api}/maintenance-windows`
export const maintenanceWindows = () =>
  call<MaintenanceWindowPage>('GET', `${windows}?state=current&limit=50`)
export const planWindow = (body: object) => call<MaintenanceWindowView>('POST', windows, body)
export const previewWindow = (body: object) => call<MaintenancePreview>('POST', `${windows}/preview`, body)
type SeenWindow = Pick<MaintenanceWindowView, 'id' | 'version'>
const onWindow = (method: string, { id, version }: SeenWindow, body?: object) =>
  call<MaintenanceWindowView>(method, `${windows}/${encodeURIComponent(id)}`, body, {
    'if-match': `"${version}"`,
  })
export const changeWindow = (seen: SeenWindow, change: object) => onWindow('PATCH', seen, change)
export const cancelWindow = (seen: SeenWindow) => onWindow('DELETE', seen)
