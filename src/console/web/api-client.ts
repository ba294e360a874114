import type {
  AlarmPage,
  FaultReportPage,
  FaultReportView,
  IncidentDetail,
  IncidentPage,
  IncidentView,
  InterfaceList,
  NotificationPage,
  Problem,
  ReadinessView,
  SamplesView,
  SessionView,
  TopologyView,
} from '../../api/views.ts'

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
export const topology = () => call<TopologyView>('GET', `${api}/topology`)
export const interfaces = (element: string) =>
  call<InterfaceList>('GET', `${api}/elements/${encodeURIComponent(element)}/interfaces`)
export const activeAlarms = () => call<AlarmPage>('GET', `${api}/alarms?state=active&limit=200`)
export const incidents = () => call<IncidentPage>('GET', `${api}/incidents?limit=30`)
export const incident = (id: string) =>
  call<IncidentDetail>('GET', `${api}/incidents/${encodeURIComponent(id)}`)
export const actOnIncident = (
  view: Pick<IncidentView, 'id' | 'version'>,
  action: string,
  body: object = {},
) =>
  call<IncidentView>('POST', `${api}/incidents/${encodeURIComponent(view.id)}/${action}`, body, {
    'if-match': `"${view.version}"`,
  })
export const reports = () => call<FaultReportPage>('GET', `${api}/fault-reports?limit=30`)
export const sendReport = (body: object) =>
  call<FaultReportView>('POST', `${api}/fault-reports?wait=3s`, body)
export const notifications = () => call<NotificationPage>('GET', `${api}/notifications?limit=40`)
export const samples = (values: Record<string, string | number | undefined>) =>
  call<SamplesView>('GET', `${api}/samples?${query(values)}`)
