import { customersIn } from '../model/impact.ts'
import { rootText } from '../model/incident.ts'
import { type Sample, sampleOf } from '../model/sample.ts'
import type { Outcome } from '../pipeline.ts'

/**
 * A store keeps one row a series and time, and two incidents with one root are one series: each further row of a series
 * is put a millisecond later.
 */
function apart(samples: readonly Sample[]): readonly Sample[] {
  const before = new Map<string, number>()
  return samples.map((sample) => {
    const series = JSON.stringify([sample.measurement, sample.tags])
    const count = before.get(series) ?? 0
    before.set(series, count + 1)
    return count === 0 ? sample : { ...sample, at: sample.at + count }
  })
}

/** A row for each change of an alarm or an incident, so that Grafana can list and annotate them. No personal data. */
export function outcomeSamples({ alarms, incidents, at }: Outcome): readonly Sample[] {
  const alarmRows = alarms.map(({ alarm }) => {
    const { resource, type, severity } = alarm
    const about =
      resource.kind === 'system'
        ? { element: 'system', interface: resource.part }
        : {
            element: resource.element,
            interface:
              resource.kind === 'interface'
                ? resource.interface
                : resource.kind === 'sensor'
                  ? resource.sensor
                  : '-',
          }
    return sampleOf(
      'alarm',
      { ...about, type, severity },
      { id: alarm.id, text: alarm.text, active: alarm.state === 'active' ? 1 : 0 },
      at,
    )
  })
  const incidentRows = incidents.map(({ incident }) => {
    const hit = incident.impact.filter(({ state }) => state !== 'atRisk')
    const root = incident.roots.map(rootText).join(', ') || incident.kind
    return sampleOf(
      'incident',
      { root, state: incident.state, severity: incident.severity },
      {
        id: incident.id,
        text: incident.explanation[0] ?? root,
        customers: customersIn(incident.impact, 'down', 'degraded').size,
        services: hit.length,
      },
      at,
    )
  })
  return apart([...alarmRows, ...incidentRows])
}
