import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The first shape of the state store; `schema.ts` says what each column means. */
const first: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('alarm')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('element', 'text', (c) => c.notNull())
      .addColumn('interface', 'text')
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('severity', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('onset_at', 'bigint', (c) => c.notNull())
      .addColumn('raised_at', 'bigint', (c) => c.notNull())
      .addColumn('restored_at', 'bigint')
      .addColumn('cleared_at', 'bigint')
      .addColumn('alarm_json', 'text', (c) => c.notNull())
      .execute()
    // The store itself, and not a read before a write, keeps a second active alarm for the same thing out.
    await db.schema
      .createIndex('alarm_active_key')
      .unique()
      .on('alarm')
      .column('key')
      .where(sql.ref('state'), '=', sql.lit('active'))
      .execute()
    await db.schema.createIndex('alarm_raised').on('alarm').columns(['raised_at']).execute()

    await db.schema
      .createTable('incident')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('severity', 'text', (c) => c.notNull())
      .addColumn('onset_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('incident_json', 'text', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('incident_state').on('incident').columns(['state', 'onset_at']).execute()

    await db.schema
      .createTable('incident_event')
      .addColumn('incident', 'text', (c) => c.notNull().references('incident.id'))
      .addColumn('sequence', 'integer', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('event_json', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('incident_event_key', ['incident', 'sequence'])
      .execute()

    await db.schema
      .createTable('fault_report')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('external_id', 'text', (c) => c.unique())
      .addColumn('customer', 'text', (c) => c.notNull())
      .addColumn('service', 'text')
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('verdict', 'text', (c) => c.notNull())
      .addColumn('reported_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('report_json', 'text', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('fault_report_time').on('fault_report').columns(['reported_at']).execute()
    await db.schema.createIndex('fault_report_updated').on('fault_report').columns(['updated_at']).execute()

    await db.schema
      .createTable('fault_report_event')
      .addColumn('report', 'text', (c) => c.notNull().references('fault_report.id'))
      .addColumn('sequence', 'integer', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('event_json', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('fault_report_event_key', ['report', 'sequence'])
      .execute()

    await db.schema
      .createTable('report_match')
      .addColumn('report', 'text', (c) => c.notNull().references('fault_report.id'))
      .addColumn('incident', 'text', (c) => c.notNull().references('incident.id'))
      .addColumn('score', 'real', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('decided_by', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('reasons_json', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('report_match_key', ['report', 'incident'])
      .execute()
    await db.schema.createIndex('report_match_incident').on('report_match').columns(['incident']).execute()

    await db.schema
      .createTable('notification')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('incident', 'text', (c) => c.notNull().references('incident.id'))
      .addColumn('customer', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('answers', 'text', (c) => c.references('notification.id'))
      .addColumn('covered_by', 'text', (c) => c.references('notification.id'))
      .addColumn('channel', 'text')
      .addColumn('reference', 'text')
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('queued_at', 'bigint', (c) => c.notNull())
      .addColumn('sent_at', 'bigint')
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('services_json', 'text', (c) => c.notNull())
      .addColumn('facts_json', 'text', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('notification_due').on('notification').columns(['state', 'due_at']).execute()
    await db.schema
      .createIndex('notification_incident')
      .on('notification')
      .columns(['incident', 'customer'])
      .execute()
    // One restored message at most for an outage message; one that was withdrawn in time does not count.
    await db.schema
      .createIndex('notification_answer')
      .unique()
      .on('notification')
      .columns(['answers'])
      .where(sql.ref('state'), '<>', sql.lit('withdrawn'))
      .execute()
    await db.schema.createIndex('notification_time').on('notification').columns(['queued_at', 'id']).execute()

    await db.schema
      .createTable('notification_attempt')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('notification', 'text', (c) => c.notNull().references('notification.id'))
      .addColumn('channel', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('outcome', 'text', (c) => c.notNull())
      .addColumn('reference', 'text')
      .addColumn('reason', 'text')
      .execute()
    await db.schema
      .createIndex('notification_attempt_of')
      .on('notification_attempt')
      .columns(['notification'])
      .execute()

    await db.schema
      .createTable('api_token')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('hash', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('last_used_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .execute()

    await db.schema
      .createTable('audit')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('details_json', 'text', (c) => c.notNull())
      .execute()
  },
}

/** What polling learned of agents. */
const second: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('agent_memory')
      .addColumn('element', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value_json', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('agent_memory_key', ['element', 'key'])
      .execute()
  },
}

/** What happens to alarms, step by step, and what people do with them. */
const third: Migration = {
  async up(db: Kysely<unknown>) {
    const columns = [
      ['phase', 'text'],
      ['acknowledged_by', 'text'],
      ['acknowledged_at', 'bigint'],
      ['maintenance', 'text'],
    ] as const
    await db.schema
      .alterTable('alarm')
      .addColumn('version', 'integer', (c) => c.notNull().defaultTo(0))
      .execute()
    for (const [name, type] of columns) await db.schema.alterTable('alarm').addColumn(name, type).execute()
    await sql`update alarm set phase = 'raised' where state = 'active'`.execute(db)
    await db.schema.createIndex('alarm_cleared').on('alarm').columns(['cleared_at']).execute()

    await db.schema
      .createTable('alarm_transition')
      .addColumn('alarm', 'text', (c) => c.notNull().references('alarm.id'))
      .addColumn('sequence', 'integer', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('severity', 'text', (c) => c.notNull())
      .addColumn('value', 'real')
      .addColumn('until_at', 'bigint')
      .addColumn('reason', 'text')
      .addPrimaryKeyConstraint('alarm_transition_key', ['alarm', 'sequence'])
      .execute()

    await db.schema
      .createTable('alarm_shelf')
      .addColumn('key', 'text', (c) => c.primaryKey())
      .addColumn('alarm', 'text', (c) => c.notNull().references('alarm.id'))
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('until_at', 'bigint', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .execute()
  },
}

/** Maintenance windows and their log. */
const fourth: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('maintenance_window')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('over_at', 'bigint')
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('window_json', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createIndex('maintenance_window_time')
      .on('maintenance_window')
      .columns(['created_at', 'id'])
      .execute()
    await db.schema
      .createIndex('maintenance_window_over')
      .on('maintenance_window')
      .columns(['over_at'])
      .execute()

    await db.schema
      .createTable('maintenance_window_event')
      .addColumn('maintenance_window', 'text', (c) => c.notNull().references('maintenance_window.id'))
      .addColumn('sequence', 'integer', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('event_json', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('maintenance_window_event_key', ['maintenance_window', 'sequence'])
      .execute()
  },
}

/** Windows that a caller can name; and what is asked for when old rows go. */
const fifth: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('maintenance_window').addColumn('external_id', 'text').execute()
    await db.schema
      .createIndex('maintenance_window_external')
      .unique()
      .on('maintenance_window')
      .column('external_id')
      .execute()
    // Each row that goes is looked for in what may refer to it; without an index that is the whole table each time.
    await db.schema.createIndex('notification_answers').on('notification').column('answers').execute()
    await db.schema.createIndex('notification_covered').on('notification').column('covered_by').execute()
    await db.schema.createIndex('alarm_shelf_alarm').on('alarm_shelf').column('alarm').execute()
    await db.schema.createIndex('incident_updated').on('incident').columns(['updated_at', 'id']).execute()
  },
}

/** In the order of their names; one that was released is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-agent-memory': second,
  '0003-alarm-transitions': third,
  '0004-maintenance-windows': fourth,
  '0005-retention': fifth,
}
