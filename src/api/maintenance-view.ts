import type {
  Interval,
  MaintenanceWindow,
  WindowEvent,
  WindowPlanChange,
} from '../model/maintenance-window.ts'
import { maybeTime, rfc3339 } from './parameters.ts'
import type { MaintenanceAccess } from './ports/maintenance-access.ts'
import type { LogRow } from './views/log-schemas.ts'
import type { MaintenancePreview, MaintenanceWindowView } from './views/maintenance-schemas.ts'

export const intervalView = ({ start, end }: Interval) => ({ startsAt: rfc3339(start), endsAt: rfc3339(end) })

/** `withWords`: the caller may read what people wrote. */
export function windowView(
  window: MaintenanceWindow,
  { current, next, over }: ReturnType<MaintenanceAccess['times']>,
  withWords: boolean,
): MaintenanceWindowView {
  return {
    id: window.id,
    ...(withWords
      ? { externalId: window.externalId, title: window.title, description: window.description }
      : {}),
    elements: [...window.elements],
    includeDownstream: window.includeDownstream,
    start: rfc3339(window.start),
    durationMs: window.durationMs,
    timeZone: window.timeZone,
    recurrence: window.recurrence && {
      rule: window.recurrence.rule,
      exclude: window.recurrence.exclude.map(rfc3339),
    },
    state:
      window.cancelledAt !== undefined ? 'cancelled' : over ? 'over' : current ? 'underway' : 'scheduled',
    current: current && intervalView(current),
    next: next.map(intervalView),
    createdBy: window.createdBy,
    createdAt: rfc3339(window.createdAt),
    cancelledAt: maybeTime(window.cancelledAt),
    version: window.version,
    updatedAt: rfc3339(window.updatedAt),
  }
}

/** Lists of a large plan are cut; the counts say how many there are. */
const most = 1_000

export function coveredView({
  elements,
  services,
  customers,
}: ReturnType<MaintenanceAccess['covered']>): MaintenancePreview['covered'] {
  return {
    elements: elements.slice(0, most),
    elementCount: elements.length,
    services: services.slice(0, most),
    serviceCount: services.length,
    customerCount: customers,
  }
}

export const windowLogRow = (event: WindowEvent): LogRow => ({
  sequence: event.sequence,
  at: rfc3339(event.at),
  actor: event.actor,
  type: event.type,
  text: logText(event),
})

const words: Readonly<Record<keyof WindowPlanChange, string>> = {
  title: 'title',
  description: 'description',
  elements: 'elements',
  includeDownstream: 'what hangs on them',
  start: 'start',
  durationMs: 'duration',
  recurrence: 'recurrence',
  timeZone: 'time zone',
}

const changedWords = (plan: WindowPlanChange): readonly string[] =>
  Object.entries(words).flatMap(([key, word]) => (Object.hasOwn(plan, key) ? [word] : []))

function logText(event: WindowEvent): string {
  switch (event.type) {
    case 'planned':
      return `Planned: ${event.plan.elements.length} elements, first at ${rfc3339(event.plan.start)}.`
    case 'replanned':
      return `Changed: ${changedWords(event.plan).join(', ')}.`
    case 'endMoved':
      return `The occurrence of ${rfc3339(event.start)} ends at ${rfc3339(event.end)}.`
    case 'cancelled':
      return 'Cancelled.'
    case 'covers':
      return `Under way; covers ${event.elements.length} elements.`
  }
}
