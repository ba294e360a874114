import type { Evidence } from '../model/fault-report.ts'
import type { ImpactState } from '../model/impact.ts'
import type { Incident } from '../model/incident.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Notification } from '../model/notification.ts'
import type { Service } from '../model/service.ts'
import { maybeTime, rfc3339 } from './parameters.ts'
import { evidenceView } from './report-view.ts'
import { incidentTitle } from './root-cause-view.ts'
import type { ServiceStatusView } from './views/status-schemas.ts'

export interface StatusInput {
  readonly service: Service
  readonly inventory: Pick<Inventory, 'elements'>
  /** Incidents that are not over. */
  readonly open: readonly Incident[]
  readonly evidence: Evidence
  /** Messages to the customer, newest first. */
  readonly messages: readonly Notification[]
  readonly timeZone: string
  /** When the maintenance windows end that are under way, as far as they are known. */
  readonly workUntil?: ReadonlyMap<string, number>
}

type State = ServiceStatusView['state']

const worstFirst: readonly ImpactState[] = ['down', 'degraded', 'atRisk']

/** Less of the path measured, and nobody may say that all is well. */
const coverageNeeded = 0.8

/** How a service is, from incidents first and else from what was measured, with words to read to the customer. */
export function serviceStatus(input: StatusInput): ServiceStatusView {
  const { service, inventory, open, evidence } = input
  const hit = open.flatMap((incident) => {
    const entry = incident.impact.find((impact) => impact.service === service.id)
    return entry ? [{ incident, impact: entry.state, planned: entry.planned }] : []
  })
  hit.sort(
    (a, b) =>
      worstFirst.indexOf(a.impact) - worstFirst.indexOf(b.impact) ||
      Number(a.planned !== undefined) - Number(b.planned !== undefined),
  )
  const allGood = evidence.good && evidence.coverage >= coverageNeeded
  const state: State = hit[0]?.impact ?? (allGood ? 'ok' : 'unknown')
  return {
    service: service.id,
    customer: service.customer,
    class: service.class,
    area: service.area,
    element: service.element,
    elementName: inventory.elements.get(service.element)?.name ?? service.element,
    state,
    incidents: hit.map(({ incident, impact, planned }) => ({
      id: incident.id,
      kind: incident.kind,
      state: incident.state,
      impact,
      planned,
      title: incidentTitle(incident, inventory),
      onsetAt: rfc3339(incident.onsetAt),
      restoredAt: maybeTime(incident.restoredAt),
      etaAt: maybeTime(incident.etaAt),
    })),
    evidence: evidenceView(evidence),
    told: input.messages
      .filter((message) => message.services.includes(service.id))
      .map(({ kind, state: sent, sentAt, queuedAt, incident }) => ({
        kind,
        state: sent,
        at: rfc3339(sentAt ?? queuedAt),
        incident,
      })),
    say:
      hit[0]?.planned === undefined || state === 'atRisk'
        ? sentences(state, hit[0]?.incident, input.timeZone)
        : plannedSentences(input.workUntil?.get(hit[0].planned), input.timeZone),
  }
}

const timeIn = (timeZone: string) => (time: number, language: string) =>
  new Intl.DateTimeFormat(language, {
    timeZone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(time)

/** Planned work explains it: that is no outage. */
function plannedSentences(until: number | undefined, timeZone: string) {
  const at = timeIn(timeZone)
  return {
    en: `Planned work is being done on the network that serves you${until === undefined ? '' : `, until ${at(until, 'en-GB')}`}. Your service is affected meanwhile.`,
    zh: `为您服务的网络正在进行计划维护${until === undefined ? '' : `，预计${at(until, 'zh-CN')}结束`}，期间您的业务会受到影响。`,
  }
}

function sentences(state: State, incident: Incident | undefined, timeZone: string) {
  const at = timeIn(timeZone)
  switch (state) {
    case 'ok':
      return {
        en: 'We see no fault in the network on your line; it was measured within the last minutes.',
        zh: '您的线路刚刚检测正常，网络侧未发现故障。',
      }
    case 'atRisk':
      return {
        en: 'Your service works. A spare path of the network is being repaired; you need not do anything.',
        zh: '您的业务正常。网络有一条备用线路正在修复，您无需任何操作。',
      }
    case 'unknown':
      return {
        en: 'We cannot see your line well enough at the moment to tell. We are looking into it.',
        zh: '目前暂时无法准确检测您的线路，我们正在核查。',
      }
    case 'down':
    case 'degraded': {
      const since = incident?.onsetAt
      const eta = incident?.etaAt
      const down = state === 'down'
      return {
        en: `${down ? 'There is an outage that affects your service' : 'There is a fault that slows your service'}${since === undefined ? '' : ` since ${at(since, 'en-GB')}`}. ${eta === undefined ? 'We are working on it; we cannot name a time yet.' : `We expect it to be repaired by ${at(eta, 'en-GB')}.`}`,
        zh: `${since === undefined ? '' : `自${at(since, 'zh-CN')}起，`}${down ? '网络故障导致您的业务中断' : '网络故障影响您的业务质量'}。${eta === undefined ? '我们正在抢修，暂时无法给出恢复时间。' : `预计${at(eta, 'zh-CN')}前恢复。`}`,
      }
    }
  }
}
