import type { LiveEvent } from '../model/live-event.ts'
import type { Outcome } from '../pipeline.ts'

/** What listeners are told of a step: what changed, and not the things themselves. */
export function outcomeEvents({ alarms, incidents, reports, reach, at }: Outcome): readonly LiveEvent[] {
  return [
    ...reach.map((id) => ({ topic: 'network' as const, id, change: 'reach', at })),
    ...alarms.map((one) => {
      const change = one.kind === 'changed' ? one.what : one.kind
      return { topic: 'alarm' as const, id: one.alarm.id, change, at }
    }),
    ...incidents.map(({ incident, events }) => ({
      topic: 'incident' as const,
      id: incident.id,
      change: events.at(-1)?.type ?? 'changed',
      at,
    })),
    ...reports.map(({ report, change }) => ({ topic: 'report' as const, id: report, change, at })),
  ]
}
