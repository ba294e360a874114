import type { Config } from '../config/schema.ts'
import type { ElementId } from '../model/network-element.ts'
import { createZone, type Zone } from '../model/zone.ts'

/** In which zone an element has its days and busy hours: its own, else that of `peak`, else that of messages. */
export function zonesOf({
  elements,
  peak,
  notify,
}: Pick<Config, 'elements' | 'peak' | 'notify'>): (element: ElementId) => Zone {
  const named = new Map(
    elements.flatMap(({ id, timeZone }) => (timeZone === undefined ? [] : [[id, timeZone] as const])),
  )
  const made = new Map<string, Zone>()
  return (element) => {
    const name = named.get(element) ?? peak.timeZone ?? notify.timeZone
    const zone = made.get(name) ?? createZone(name)
    made.set(name, zone)
    return zone
  }
}
