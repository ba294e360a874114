import { appendFileSync } from 'node:fs'
import { pino } from 'pino'
import { createIncidentStore } from '../../src/incident/incident-store.ts'
import { createLedger } from '../../src/notify/ledger.ts'
import { createSender } from '../../src/notify/sender.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openStateDb } from '../../src/platform/db/state-db.ts'
import { createMetrics } from '../../src/platform/metrics.ts'

/**
 * A sender in a process of its own, to be killed: `node ledger-child.ts STATE_DB SENT_FILE [hang]`. Each message that
 * leaves is a line in SENT_FILE; with `hang` the channel never says so. A line on stdout for each change.
 */
const [path = '', sent = '', mode] = process.argv.slice(2)
const db = await openStateDb(path)
const ledger = createLedger({ customersTold: createIncidentStore().customersTold })
const sender = createSender({
  db,
  ledger,
  channels: new Map([
    [
      'file',
      {
        name: 'file',
        deliver: ({ id }) => {
          appendFileSync(sent, `${id}\n`)
          return mode === 'hang' ? new Promise(() => {}) : Promise.resolve({ outcome: 'sent', reference: id })
        },
        close: () => Promise.resolve(),
      },
    ],
  ]),
  customer: (id) => ({
    id,
    name: id,
    language: 'en',
    tier: 'consumer',
    contacts: [{ channel: 'file', address: 'x' }],
    flags: [],
  }),
  render: () => ({ subject: '', text: '', html: '' }),
  clock: systemClock,
  log: pino({ enabled: false }),
  metrics: createMetrics(),
  afterChange: (row) => process.stdout.write(`${row.state} ${row.id}\n`),
})
await sender.start()
process.stdout.write('started\n')
