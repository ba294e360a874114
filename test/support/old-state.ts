import { sql } from 'kysely'
import type { StateDb } from '../../src/platform/db/state-db.ts'

/** What is over since before this time is old. */
export const oldBefore = 1_000_000_000
const old = 1_000
const young = oldBefore + 5_000

export interface StoredThings {
  /** `absorbed`: index of another that was merged into it. `alarms`: indexes, as its log names them. */
  readonly incidents: readonly {
    readonly isOld: boolean
    readonly isClosed: boolean
    readonly absorbed?: number
    readonly alarms: readonly number[]
    /** Customers who were told; every second one also of its end. */
    readonly messages: number
    /** Its first outage message is covered by the first one of that incident. */
    readonly coveredBy?: number
  }[]
  /** `matches`: indexes of incidents. */
  readonly reports: readonly {
    readonly isOld: boolean
    readonly status: string
    readonly matches: readonly number[]
  }[]
  readonly alarms: readonly {
    readonly isOld: boolean
    readonly isActive: boolean
    readonly isShelved: boolean
  }[]
}

const message = {
  ...{ due_at: 0, attempts: 1, queued_at: 0, updated_at: 0, services_json: '[]', facts_json: '{}' },
  ...{ state: 'sent', channel: 'email' },
}

/** Writes incidents i-0, i-1 …, reports r-0 …, alarms a-0 …, with all that hangs on them. */
export async function fillState(db: StateDb, things: StoredThings): Promise<void> {
  for (const [index, alarm] of things.alarms.entries()) {
    const at = alarm.isOld ? old : young
    const id = `a-${index}`
    const key = `unreachable:e${index}`
    const row = { id, key, element: `e${index}`, type: 'unreachable', severity: 'major', alarm_json: '{}' }
    const state = alarm.isActive ? 'active' : 'cleared'
    const cleared_at = alarm.isActive ? null : at
    await db
      .insertInto('alarm')
      .values({ ...row, state, onset_at: 0, raised_at: 0, cleared_at })
      .execute()
    for (const sequence of [1, 2]) {
      const step = { alarm: id, sequence, at, actor: 'system', kind: 'raised', severity: 'major' }
      await db.insertInto('alarm_transition').values(step).execute()
    }
    if (!alarm.isShelved) continue
    const shelf = { key, alarm: id, actor: 'li', at: 0, until_at: young, reason: 'x' }
    await db.insertInto('alarm_shelf').values(shelf).execute()
  }
  const logOf = (incident: StoredThings['incidents'][number], index: number) => [
    { type: 'opened', finding: { alarms: incident.alarms.slice(0, 1).map((one) => `a-${one}`) } },
    { type: 'changed', finding: { alarms: incident.alarms.map((one) => `a-${one}`) } },
    ...(incident.absorbed === undefined ? [] : [{ type: 'absorbed', from: `i-${incident.absorbed}` }]),
    ...things.incidents.flatMap(({ absorbed }, into) =>
      absorbed === index ? [{ type: 'merged', into: `i-${into}` }] : [],
    ),
  ]
  for (const [index, incident] of things.incidents.entries()) {
    const id = `i-${index}`
    const at = incident.isOld ? old : young
    const log = logOf(incident, index)
    await db
      .insertInto('incident')
      .values({
        ...{ id, kind: 'outage', severity: 'major', onset_at: 0, incident_json: '{}' },
        ...{ state: incident.isClosed ? 'closed' : 'open', updated_at: at, version: log.length },
      })
      .execute()
    for (const [position, event] of log.entries())
      await db
        .insertInto('incident_event')
        .values({
          ...{ incident: id, sequence: position + 1, at: 0, actor: 'system', type: event.type },
          event_json: JSON.stringify(event),
        })
        .execute()
    for (let one = 0; one < incident.messages; one++) {
      const outage = `n-${index}-${one}`
      await db
        .insertInto('notification')
        .values({ ...message, id: outage, incident: id, customer: `c-${one}`, kind: 'outage' })
        .execute()
      if (one % 2 === 1)
        await db
          .insertInto('notification')
          .values({
            ...{ ...message, id: `${outage}-end`, incident: id, customer: `c-${one}` },
            ...{ kind: 'restored', answers: outage },
          })
          .execute()
      const attempt = { notification: outage, channel: 'email', at: 0, outcome: 'sent' }
      await db.insertInto('notification_attempt').values(attempt).execute()
    }
  }
  for (const [index, { coveredBy, messages }] of things.incidents.entries())
    if (coveredBy !== undefined && coveredBy < index && messages > 0)
      if ((things.incidents[coveredBy]?.messages ?? 0) > 0)
        await db
          .updateTable('notification')
          .set({ covered_by: `n-${coveredBy}-0` })
          .where('id', '=', `n-${index}-0`)
          .execute()
  for (const [index, report] of things.reports.entries()) {
    const id = `r-${index}`
    const at = report.isOld ? old : young
    const log = [
      { type: 'submitted', verdict: 'unknown' },
      ...report.matches.map((one) => ({ type: 'matched', incident: `i-${one}`, score: 1, state: 'linked' })),
    ]
    await db
      .insertInto('fault_report')
      .values({
        ...{ id, customer: 'c-1', status: report.status, verdict: 'unknown', report_json: '{}' },
        ...{ reported_at: 0, updated_at: at, version: log.length },
      })
      .execute()
    for (const [position, event] of log.entries())
      await db
        .insertInto('fault_report_event')
        .values({
          ...{ report: id, sequence: position + 1, at: 0, actor: 'system', type: event.type },
          event_json: JSON.stringify(event),
        })
        .execute()
    for (const one of report.matches)
      await db
        .insertInto('report_match')
        .values({
          ...{ report: id, incident: `i-${one}`, score: 1, state: 'linked', decided_by: 'system', at: 0 },
          reasons_json: '[]',
        })
        .execute()
  }
}

/** Ids of what is there, sorted; and how many rows there are of what hangs on it. */
export async function whatIsLeft(db: StateDb) {
  const ids = async (table: 'incident' | 'fault_report' | 'alarm' | 'notification') =>
    (await db.selectFrom(table).select('id').orderBy('id').execute()).map(({ id }) => id)
  return {
    incidents: await ids('incident'),
    reports: await ids('fault_report'),
    alarms: await ids('alarm'),
    messages: await ids('notification'),
  }
}

/** What refers to something that is not there, as the store and the logs have it; and logs that are not whole. */
export async function loose(db: StateDb): Promise<readonly string[]> {
  const broken = (await sql<{ table: string }>`PRAGMA foreign_key_check`.execute(db)).rows
  const { incidents, reports, alarms } = await whatIsLeft(db)
  const known = new Set([...incidents, ...reports, ...alarms])
  const named: string[] = broken.map(({ table }) => `a row of ${table}`)
  for (const { id, version } of await db.selectFrom('incident').select(['id', 'version']).execute()) {
    const log = await db.selectFrom('incident_event').selectAll().where('incident', '=', id).execute()
    if (log.length !== version) named.push(`${id} has ${log.length} of ${version} rows of its log`)
    for (const { event_json } of log)
      for (const [other] of event_json.matchAll(/(?<=")[air]-\d+(?=")/g))
        if (!known.has(other)) named.push(`${id} names ${other}`)
  }
  for (const { id, version } of await db.selectFrom('fault_report').select(['id', 'version']).execute()) {
    const log = await db.selectFrom('fault_report_event').selectAll().where('report', '=', id).execute()
    if (log.length !== version) named.push(`${id} has ${log.length} of ${version} rows of its log`)
    for (const { event_json } of log)
      for (const [other] of event_json.matchAll(/(?<=")i-\d+(?=")/g))
        if (!known.has(other)) named.push(`${id} names ${other}`)
  }
  return named
}
