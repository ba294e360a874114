import { afterEvent } from '../../src/incident/fold-incident.ts'
import { happen, type IncidentChange } from '../../src/incident/incident-change.ts'
import { createIncidentStore } from '../../src/incident/incident-store.ts'
import type { Impact } from '../../src/model/impact.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { Finding, IncidentEventBody } from '../../src/model/incident-event.ts'
import { createLedger } from '../../src/notify/ledger.ts'
import { toRow } from '../../src/notify/ledger-columns.ts'
import type { LedgerRow } from '../../src/notify/ledger-row.ts'
import type { NotifySettings } from '../../src/notify/plan-notifications.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { findingOf } from './finding-of.ts'

export const benchSettings: NotifySettings = {
  holdMs: 60_000,
  verifyMs: 120_000,
  tell: ['down', 'degraded'],
}

/**
 * Incidents and their messages on a real store, driven by hand: what the pipeline does in a step, without a network.
 * An incident is opened by its first step; `impact` lays a new impact over the finding.
 */
export async function openLedgerBench(path = ':memory:') {
  const db = await openStateDb(path)
  const incidents = createIncidentStore()
  const ledger = createLedger({ customersTold: incidents.customersTold })
  // A store that was used before has rows already.
  let made = (await db.selectFrom('notification').select('id').execute()).length
  let now = 1_000_000

  const opened = (id: string, finding: Finding): IncidentChange => {
    const event = { type: 'opened', finding, incident: id, sequence: 1, at: now, actor: 'system' } as const
    return { incident: afterEvent(undefined, event), events: [event] }
  }
  const all = () => db.selectFrom('notification').selectAll().orderBy('queued_at').orderBy('id').execute()

  /** Lets things happen to incidents, all in one step; a list of impact stands for "the finding now says this". */
  const step = (
    what: Readonly<Record<string, Impact | readonly IncidentEventBody[]>>,
    over: Partial<Finding> = {},
  ) =>
    db.transaction().execute(async (tx) => {
      const changes: IncidentChange[] = []
      for (const [id, entry] of Object.entries(what)) {
        const before: Incident | undefined = await incidents.get(tx, id)
        const isEvents = (list: typeof entry): list is readonly IncidentEventBody[] =>
          list.some((one) => 'type' in one)
        if (isEvents(entry)) {
          const change = before && happen(before, entry, 'system', now)
          if (change) changes.push(change)
          continue
        }
        const finding = findingOf(id, { impact: entry, onsetAt: now - 20_000, ...over })
        const relapsed = before?.restoredAt !== undefined || before?.state === 'resolved'
        const change = before
          ? happen(before, [{ type: relapsed ? 'relapsed' : 'changed', finding }], 'system', now)
          : opened(id, finding)
        if (change) changes.push(change)
      }
      await incidents.append(tx, changes)
      return ledger.plan(tx, {
        changes,
        open: await incidents.open(tx),
        settings: benchSettings,
        now,
        newNotificationId: () => `n-${String(++made).padStart(5, '0')}`,
      })
    })

  return {
    db,
    incidents,
    ledger,
    step,
    now: () => now,
    pass(ms: number) {
      now += ms
    },
    claim: (limit = 100) => ledger.claimDue(db, now, limit),
    /** Claims what is due and records it as sent; returns `kind customer` of each. */
    async send(): Promise<readonly string[]> {
      const claims = await ledger.claimDue(db, now, 100)
      for (const { row } of claims) await ledger.recordSent(db, row.id, { at: now, channel: 'email' })
      return claims.map(({ row }) => `${row.kind} ${row.customer}`)
    },
    rows: async (): Promise<readonly LedgerRow[]> => (await all()).map(toRow),
    /** `incident kind state customer` of every row, in order of planning. */
    lines: async () => (await all()).map((row) => `${row.incident} ${row.kind} ${row.state} ${row.customer}`),
    async [Symbol.asyncDispose]() {
      await db.destroy()
    },
  }
}

export type LedgerBench = Awaited<ReturnType<typeof openLedgerBench>>
