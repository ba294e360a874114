import { readJson } from '../platform/db/json-column.ts'
import type { StateDb } from '../platform/db/state-db.ts'

/** Incidents whose logs are read at once. */
const atOnce = 20
/** An incident may say that it began a little after an alarm that it names was cleared: clocks are set back, ms. */
const marginMs = 86_400_000

interface Naming {
  readonly finding?: { readonly alarms?: readonly string[] }
}

/** Alarms that the logs of incidents name which began before that time: those that are younger name none that is older. */
export async function alarmsNamed(
  db: StateDb,
  before: number,
  pause: () => Promise<void>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>()
  for (let after = ''; ; ) {
    const incidents = await db
      .selectFrom('incident')
      .select('id')
      .where('onset_at', '<', before + marginMs)
      .where('id', '>', after)
      .orderBy('id')
      .limit(atOnce)
      .execute()
    const last = incidents.at(-1)
    if (!last || signal.aborted) return named
    after = last.id
    for (const { id } of incidents) {
      const events = await db
        .selectFrom('incident_event')
        .select(['sequence', 'event_json'])
        .where('incident', '=', id)
        .where('type', 'in', ['opened', 'changed', 'relapsed'])
        .execute()
      for (const { sequence, event_json } of events) {
        const { finding } = readJson<Naming>(event_json, `incident event ${id} ${sequence}`)
        for (const alarm of finding?.alarms ?? []) named.add(alarm)
      }
    }
    await pause()
  }
}

/**
 * Removes up to `limit` alarms that were cleared before that time, after the one given, with their transitions. Those that
 * are named, and those on which a shelf was made that stands, stay. Undefined when there are no more.
 */
export const removeAlarms = (
  db: StateDb,
  before: number,
  after: { readonly at: number; readonly id: string },
  named: ReadonlySet<string>,
  limit: number,
): Promise<
  { readonly rows: number; readonly last: { readonly at: number; readonly id: string } } | undefined
> =>
  db.transaction().execute(async (tx) => {
    const found = await tx
      .selectFrom('alarm')
      .leftJoin('alarm_shelf', 'alarm_shelf.alarm', 'alarm.id')
      .select(['alarm.id', 'alarm.cleared_at', 'alarm_shelf.key as shelf'])
      .where('alarm.state', '=', 'cleared')
      .where('alarm.cleared_at', '<', before)
      .where((where) =>
        where.or([
          where('alarm.cleared_at', '>', after.at),
          where.and([where('alarm.cleared_at', '=', after.at), where('alarm.id', '>', after.id)]),
        ]),
      )
      .orderBy('alarm.cleared_at')
      .orderBy('alarm.id')
      .limit(limit)
      .execute()
    const last = found.at(-1)
    if (!last) return undefined
    const ids = found.flatMap(({ id, shelf }) => (shelf === null && !named.has(id) ? [id] : []))
    let rows = 0
    if (ids.length > 0) {
      const steps = tx.deleteFrom('alarm_transition').where('alarm', 'in', ids)
      rows += Number((await steps.executeTakeFirstOrThrow()).numDeletedRows)
      rows += Number(
        (await tx.deleteFrom('alarm').where('id', 'in', ids).executeTakeFirstOrThrow()).numDeletedRows,
      )
    }
    return { rows, last: { at: last.cleared_at ?? 0, id: last.id } }
  })
