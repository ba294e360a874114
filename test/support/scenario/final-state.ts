import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createAlarmStore } from '../../../src/incident/alarm-store.ts'
import { foldIncident } from '../../../src/incident/fold-incident.ts'
import { createIncidentStore } from '../../../src/incident/incident-store.ts'
import { rootText } from '../../../src/model/incident.ts'
import { systemActor } from '../../../src/model/incident-event.ts'
import { createLedger } from '../../../src/notify/ledger.ts'
import { openStateDb } from '../../../src/platform/db/state-db.ts'
import { createReportStore } from '../../../src/report/report-store.ts'
import { alarmName } from './incident-words.ts'

/** What a daemon left behind, without times and ids, in an order of its own. */
export interface FinalState {
  readonly alarms: readonly string[]
  readonly incidents: readonly string[]
  /** Messages that were, or may have been, told. */
  readonly told: readonly string[]
  readonly reports: readonly string[]
  /** What may never be, whatever happened. */
  readonly problems: readonly string[]
  /** Messages of which nobody knows whether they left. */
  readonly uncertain: number
}

const page = { limit: 1_000 }

export async function finalState(folder: string): Promise<FinalState> {
  const db = await openStateDb(join(folder, 'state.db'))
  try {
    const incidentStore = createIncidentStore()
    const ledger = createLedger({ customersTold: incidentStore.customersTold })
    const alarms = (await createAlarmStore().list(db, page)).items
    const incidents = (await incidentStore.list(db, page)).items
    const rows = (await ledger.list(db, page)).items
    const reports = createReportStore()
    const problems: string[] = []

    const byPeople = new Map<string, string>()
    for (const incident of incidents) {
      const events = await incidentStore.events(db, incident.id)
      if (!isDeepStrictEqual(foldIncident(events), incident))
        problems.push(`${incident.id} is not what its log says`)
      const said = events.flatMap(({ type, actor }) => (actor === systemActor ? [] : [type]))
      byPeople.set(incident.id, said.join(' '))
    }

    const sent = existsSync(join(folder, 'sent.log')) ? readFileSync(join(folder, 'sent.log'), 'utf8') : ''
    const times = new Map<string, number>()
    for (const file of sent.split('\n').filter(Boolean)) times.set(file, (times.get(file) ?? 0) + 1)
    const known = new Set(rows.map(({ id }) => `${id}.eml`))
    for (const file of times.keys()) if (!known.has(file)) problems.push(`nobody knows of message ${file}`)
    for (const { id, state } of rows) {
      const count = times.get(`${id}.eml`) ?? 0
      if (count > 1) problems.push(`message ${id} left ${count} times`)
      if (state === 'sent' && count === 0) problems.push(`message ${id} is said to have left and did not`)
      if (!['sent', 'uncertain', 'withdrawn'].includes(state)) problems.push(`message ${id} is ${state}`)
    }

    const submitted = await reports.list(db, { limit: 100 })
    const matches = await reports.matches(
      db,
      submitted.items.map(({ id }) => id),
    )
    return {
      alarms: alarms.map((alarm) => `${alarmName(alarm)} ${alarm.state}`).toSorted(),
      incidents: incidents
        .map((incident) =>
          [
            incident.kind,
            incident.roots.map(rootText).toSorted().join(', '),
            incident.state,
            incident.impactHistory
              .map(({ service, state }) => `${service} ${state}`)
              .toSorted()
              .join(', '),
            byPeople.get(incident.id),
          ].join('; '),
        )
        .toSorted(),
      told: rows
        .filter(({ state }) => state !== 'withdrawn')
        .map(({ customer, kind, services }) => `${customer} ${kind} ${services.toSorted().join(' ')}`)
        .toSorted(),
      reports: submitted.items
        .map(({ id, service, verdict }) => {
          const linked = (matches.get(id) ?? []).filter(({ state }) => state === 'linked').length
          return `${service} ${verdict}, linked ${linked}`
        })
        .toSorted(),
      problems,
      uncertain: rows.filter(({ state }) => state === 'uncertain').length,
    }
  } finally {
    await db.destroy()
  }
}
