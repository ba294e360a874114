import type { AlarmId, NetworkAlarm, Shelf } from '../model/alarm.ts'

/** Marks alarms that lie on the shelf; the same object for the same alarm and shelf, so that who compares sees no change. */
export type MarkShelved = (
  alarms: readonly NetworkAlarm[],
  shelves: ReadonlyMap<AlarmId, Shelf>,
) => readonly NetworkAlarm[]

export function createShelfMarks(): MarkShelved {
  const marked = new WeakMap<NetworkAlarm, NetworkAlarm & { readonly shelved: Shelf }>()
  return (alarms, shelves) => {
    if (shelves.size === 0) return alarms
    return alarms.map((alarm) => {
      const shelf = shelves.get(alarm.id)
      if (!shelf) return alarm
      const known = marked.get(alarm)
      if (known?.shelved.until === shelf.until && known.shelved.at === shelf.at) return known
      const one = { ...alarm, shelved: shelf }
      marked.set(alarm, one)
      return one
    })
  }
}
