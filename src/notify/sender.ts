import type { Customer, CustomerId } from '../model/customer.ts'
import type { NotificationId } from '../model/notification.ts'
import type { Clock } from '../platform/clock.ts'
import type { StateDb } from '../platform/db/state-db.ts'
import { messageOf } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Channel, Delivery, Message } from './channel.ts'
import type { Claim } from './claim-due.ts'
import type { Ledger } from './ledger.ts'
import type { LedgerRow } from './ledger-row.ts'
import { defaultRetry, nextTry, type RetrySettings } from './next-try.ts'
import { plainLine } from './plain-line.ts'
import type { Render } from './templates.ts'
import { createUnmeasuredIncidents, type IsMeasured } from './unmeasured-incidents.ts'

export interface SenderDeps {
  readonly db: StateDb
  readonly ledger: Ledger
  readonly channels: ReadonlyMap<string, Channel>
  readonly customer: (id: CustomerId) => Customer | undefined
  readonly render: Render
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'notifications'>
  /** Told of each row once its new state is on disk. */
  readonly afterChange: (row: LedgerRow) => void
  /** Nothing is told of an incident of which nothing is measured. Absent: all always is. */
  readonly isMeasured?: IsMeasured
  /** Messages that are sent at the same time. */
  readonly concurrency?: number
  /** A delivery is given up after this, ms. */
  readonly timeoutMs?: number
  readonly retry?: RetrySettings
}

export interface Sender {
  /** Settles what an earlier process left behind, then begins to send. */
  start(): Promise<void>
  /** Something new may be due. */
  wake(): void
  /** Takes nothing new and waits a moment for what is being sent; what is not done by then is `uncertain` next time. */
  stop(): Promise<void>
}

/** Writes down how sending ended. */
type Recording = () => Promise<LedgerRow | undefined>

/** Looks again after this time at the latest, ms: a row can become free without a time of its own. */
const idleMs = 30_000
const afterTroubleMs = 1_000
/** A channel that does not heed the abort is left alone after this, ms. */
const abortGraceMs = 2_000
/** `Lifecycle` allows 2 s. */
const stopMs = 1_500

/**
 * Sends what the ledger holds: claims, sends, records. Claim and record are transactions of their own and nothing is
 * sent within one; a death in between leaves `sending`, which counts as told and is not sent again.
 */
export function createSender(deps: SenderDeps): Sender {
  const { db, ledger, clock, log } = deps
  const { concurrency = 4, timeoutMs = 30_000, retry = defaultRetry } = deps
  const inFlight = new Set<Promise<void>>()
  const unrecorded = new Map<NotificationId, Recording>()
  let bell = new AbortController()
  const unmeasured = deps.isMeasured && createUnmeasuredIncidents(deps.isMeasured)
  let stopping = false
  let running: Promise<void> = Promise.resolve()

  const wake = () => bell.abort()
  const tell = (row: LedgerRow) => {
    deps.metrics.notifications.inc({ kind: row.kind, outcome: row.state })
    deps.afterChange(row)
  }

  async function send(channel: Channel, message: Message): Promise<Delivery> {
    const giveUp = new AbortController()
    const done = new AbortController()
    const overdue = async (): Promise<Delivery> => {
      await clock.sleep(timeoutMs, done.signal)
      giveUp.abort()
      await clock.sleep(abortGraceMs, done.signal)
      return { outcome: 'uncertain', explanation: 'the channel gave no result in time' }
    }
    try {
      return await Promise.race([channel.deliver(message, giveUp.signal), overdue()])
    } catch (error) {
      log.error({ err: error, channel: channel.name, notification: message.id }, 'channel failed')
      return { outcome: 'uncertain', explanation: messageOf(error) }
    } finally {
      done.abort()
    }
  }

  function attempt(
    row: LedgerRow,
    customer: Customer,
    contact: Customer['contacts'][number],
  ): Promise<Delivery> {
    const refused = (explanation: string): Delivery => ({
      outcome: 'failed',
      retry: false,
      reason: 'misconfigured',
      explanation,
    })
    const channel = deps.channels.get(contact.channel)
    if (!channel) return Promise.resolve(refused(`there is no channel ${contact.channel}`))
    let message: Message
    try {
      message = {
        id: row.id,
        to: contact.address,
        recipientName: plainLine(customer.name),
        language: customer.language,
        ...deps.render(row, customer),
      }
    } catch (error) {
      log.error({ err: error, notification: row.id }, 'message not rendered')
      return Promise.resolve(refused('the message could not be written'))
    }
    return send(channel, message)
  }

  /** Sends it, and returns how to write down how that ended. */
  async function handle({ row, attempts }: Claim): Promise<Recording> {
    const customer = deps.customer(row.customer)
    const turn = customer && nextTry(attempts, customer.contacts, retry)
    if (!turn) {
      const reason = customer
        ? 'the customer has no contact left to try'
        : 'the customer is not known any more'
      const failedAt = clock.now()
      return () => ledger.recordFailed(db, row.id, 'refused', { at: failedAt, reason })
    }
    const delivery = await attempt(row, customer, turn.contact)
    const at = clock.now()
    const channel = turn.contact.channel
    if (delivery.outcome === 'sent') {
      const reference = delivery.reference === undefined ? {} : { reference: delivery.reference }
      return () => ledger.recordSent(db, row.id, { at, channel, ...reference })
    }
    // A provider likes to repeat the address; reasons are shown where addresses are not.
    const reason = plainLine(delivery.explanation.replaceAll(turn.contact.address, 'the recipient'))
    if (delivery.outcome === 'uncertain')
      return () => ledger.recordUncertain(db, row.id, { at, channel, reason })
    const outcome = delivery.retry ? 'retry' : 'refused'
    const again = nextTry([...attempts, outcome], customer.contacts, retry)
    log.warn(
      {
        notification: row.id,
        incident: row.incident,
        channel,
        reason: delivery.reason,
        again: again !== undefined,
      },
      'message not delivered',
    )
    return () => ledger.recordFailed(db, row.id, outcome, { at, channel, reason }, again && at + again.waitMs)
  }

  /** What cannot be written down stays `sending`, and holds up all that follows it, until it can. */
  async function write(id: NotificationId, record: Recording): Promise<void> {
    try {
      const row = await record()
      unrecorded.delete(id)
      if (row) tell(row)
    } catch (error) {
      if (!unrecorded.has(id))
        log.error({ err: error, notification: id }, 'message not recorded, which is tried again')
      unrecorded.set(id, record)
    }
  }

  function launch(claim: Claim): void {
    const { id } = claim.row
    const sending = handle(claim)
      .then((record) => write(id, record))
      .catch((error: unknown) => log.error({ err: error, notification: id }, 'message not handled'))
      .finally(() => {
        inFlight.delete(sending)
        wake()
      })
    inFlight.add(sending)
    deps.afterChange(claim.row)
  }

  async function run(): Promise<void> {
    while (!stopping) {
      bell = new AbortController()
      for (const [id, record] of unrecorded) await write(id, record)
      let waitMs = unrecorded.size > 0 ? afterTroubleMs : idleMs
      // One time for both questions: what falls due between two would be in neither answer.
      const now = clock.now()
      try {
        const free = concurrency - inFlight.size
        const claims = free > 0 ? await ledger.claimDue(db, now, free, unmeasured) : []
        for (const claim of claims) launch(claim)
        if (claims.length > 0) continue
        const dueAt = await ledger.nextDueAt(db, now)
        if (dueAt !== undefined) waitMs = Math.min(waitMs, Math.max(1, dueAt - clock.now()))
      } catch (error) {
        log.error({ err: error }, 'ledger not reachable')
        waitMs = afterTroubleMs
      }
      await clock.sleep(waitMs, bell.signal)
    }
  }

  return {
    async start() {
      for (const row of await ledger.atStart(db, clock.now())) {
        log.warn({ notification: row.id, incident: row.incident }, 'message of unknown fate')
        tell(row)
      }
      running = run()
    },
    wake,
    async stop() {
      stopping = true
      wake()
      const done = new AbortController()
      await Promise.race([running.then(() => Promise.allSettled(inFlight)), clock.sleep(stopMs, done.signal)])
      done.abort()
    },
  }
}
