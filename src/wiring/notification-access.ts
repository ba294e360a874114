import type { NotificationAccess } from '../api/ports/notification-access.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Ledger } from '../notify/ledger.ts'
import type { LedgerRow } from '../notify/ledger-row.ts'
import { type NotifySettings, planNotifications } from '../notify/plan-notifications.ts'
import type { Render } from '../notify/templates.ts'
import type { Clock } from '../platform/clock.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import { newId } from '../platform/id.ts'

export interface NotificationAccessDeps {
  readonly db: StateDb
  readonly ledger: Ledger
  readonly inventory: Inventory
  readonly render: Render
  readonly clock: Clock
  readonly settings: NotifySettings
}

const pageSize = 500

/** What the API reads of the ledger, and the dry run of a plan. */
export function createNotificationAccess(deps: NotificationAccessDeps): NotificationAccess {
  const { db, ledger, inventory, clock } = deps

  async function rowsOf(incident: string): Promise<readonly LedgerRow[]> {
    const rows: LedgerRow[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await ledger.list(db, {
        incident,
        limit: pageSize,
        ...(cursor === undefined ? {} : { cursor }),
      })
      rows.push(...page.items)
      if (page.nextCursor === undefined) return rows
      cursor = page.nextCursor
    }
  }

  return {
    list: ({ state, ...filter }) =>
      ledger.list(db, { ...filter, ...(state === undefined ? {} : { states: [state] }) }),

    countsOf: (incident) => ledger.counts(db, incident),

    async preview(incident, limit) {
      const now = clock.now()
      const plan = planNotifications({
        changes: [{ incident }],
        open: [incident],
        rows: await rowsOf(incident.id),
        settings: deps.settings,
        now,
        newNotificationId: () => newId('msg', now),
      })
      const rows = plan.flatMap(({ row }) => (row.state === 'queued' ? [row] : []))
      const messages = rows.slice(0, limit).flatMap((row) => {
        const customer = inventory.customers.get(row.customer)
        const contact = customer?.contacts[0]
        if (!customer || !contact) return []
        const { subject, text } = deps.render(row, customer)
        const { kind, services, dueAt } = row
        const { id, language } = customer
        return [{ customer: id, kind, language, channel: contact.channel, services, dueAt, subject, text }]
      })
      return { customers: new Set(rows.map((row) => row.customer)).size, messages }
    },
  }
}
