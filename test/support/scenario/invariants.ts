import { isDeepStrictEqual } from 'node:util'
import { foldIncident } from '../../../src/incident/fold-incident.ts'
import { alarmKey } from '../../../src/model/alarm.ts'
import { type Incident, suspects } from '../../../src/model/incident.ts'
import type { StateDb } from '../../../src/platform/db/state-db.ts'
import { alarmName } from './incident-words.ts'
import type { Recorder } from './recorder.ts'
import type { ScenarioDaemon } from './scenario-daemon.ts'

const twice = (names: readonly string[]): readonly string[] => [
  ...new Set(names.filter((name, at) => names.indexOf(name) < at)),
]

/** What must be so in every scenario at every time that it is looked at; one line for each thing that is not. */
export async function brokenInvariants(
  { alarms, incidents, detector }: ScenarioDaemon,
  db: StateDb,
  recorder: Recorder,
): Promise<readonly string[]> {
  const problems: string[] = []
  const active = await alarms.active(db)
  const inMemory = new Set(detector.active().map(({ id }) => id))
  for (const alarm of active)
    if (!inMemory.delete(alarm.id)) problems.push(`${alarmName(alarm)} is stored as active and not in memory`)
  for (const id of inMemory) problems.push(`${id} is active in memory and not stored`)
  for (const key of twice(active.map(alarmKey))) problems.push(`two active alarms ${key}`)

  const open = await incidents.open(db)
  const nameOf = new Map(active.map((alarm) => [alarm.id, alarmName(alarm)]))
  const explained = open.flatMap((incident) => incident.alarms).filter((id) => nameOf.has(id))
  for (const id of twice(explained)) problems.push(`${nameOf.get(id)} is in two open incidents`)
  const suffering = new Set(open.flatMap(deadIn))
  for (const element of twice(open.flatMap(deadIn)))
    if (suffering.has(element)) problems.push(`${element} is in two open outages`)

  for (const incident of [...open, ...(await incidents.recent(db, 0))]) {
    const folded = foldIncident(await incidents.events(db, incident.id))
    if (!isDeepStrictEqual(folded, incident))
      problems.push(`${recorder.name(incident.id)} is not what its log says`)
  }
  return problems
}

/** Elements that an outage speaks of; while it is being verified it speaks of the past. */
const deadIn = ({ kind, roots, shadowed, restoredAt }: Incident): readonly string[] =>
  kind !== 'outage' || restoredAt !== undefined ? [] : [...roots.flatMap(suspects), ...shadowed]
