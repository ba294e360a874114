import type { Channel } from '../notify/channel.ts'
import { createLedger, type Ledger } from '../notify/ledger.ts'
import type { NotifySettings } from '../notify/plan-notifications.ts'
import { createSender, type Sender } from '../notify/sender.ts'
import { createRenderer, type Render } from '../notify/templates.ts'
import type { Foundation } from './foundation.ts'
import { createMeasured, type Measured } from './measured.ts'
import type { Detection } from './open-detection.ts'
import type { State } from './open-state.ts'
import { type WatchedChannels, watchChannels } from './watched-channels.ts'

/** What tells customers: which messages there are, how they read, and by which way they go. */
export interface Notices {
  readonly settings: NotifySettings
  readonly ledger: Ledger
  readonly render: Render
  readonly watched: WatchedChannels
  readonly measured: Measured
  /** Not started. */
  readonly sender: Sender
}

/** Opens the ledger and the sender over these channels. A mail server that is away holds nothing up. */
export function openNotify(
  { config, clock, part, metrics, publish, life, inventory }: Foundation,
  { db, incidents }: Pick<State, 'db' | 'incidents'>,
  { networkState, activeAlarms }: Pick<Detection, 'networkState' | 'activeAlarms'>,
  opened: ReadonlyMap<string, Channel>,
): Notices {
  const ledger = createLedger({
    customersTold: (tx, incident, at) => incidents.customersTold(tx, incident, at),
  })
  const render = createRenderer({
    timeZone: config.notify.timeZone,
    service: (id) => inventory.services.get(id),
  })
  const watched = watchChannels(opened, clock)
  const { channels } = watched
  for (const channel of channels.values()) life.onClose(`channel ${channel.name}`, () => channel.close())
  const measured = createMeasured(() => ({ state: networkState(), active: activeAlarms() }))
  const sender = createSender({
    db,
    ledger,
    channels,
    customer: (id) => inventory.customers.get(id),
    render,
    clock,
    log: part('notify'),
    metrics,
    concurrency: config.notify.concurrency,
    isMeasured: measured.isMeasured,
    afterChange: (row) => {
      publish('notification', row.id, row.state)
      publish('incident', row.incident, 'told')
    },
  })
  life.onClose('sender', () => sender.stop())
  const settings = {
    holdMs: config.notify.hold,
    verifyMs: config.incident.verify,
    tell: config.notify.tell,
  }
  return { settings, ledger, render, watched, measured, sender }
}
