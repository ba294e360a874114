import type { CustomerId } from '../model/customer.ts'
import type { ImpactState } from '../model/impact.ts'
import { type Incident, type IncidentId, isOpen } from '../model/incident.ts'
import type { NotificationId, NotificationKind } from '../model/notification.ts'
import type { ServiceId } from '../model/service.ts'
import { isOnItsWay, type LedgerChange, type LedgerRow, type NotificationFacts } from './ledger-row.ts'
import { createPlanBook, type PlanBook } from './plan-book.ts'
import { type ToldImpact, toldImpact } from './told-impact.ts'

export interface NotifySettings {
  /** An outage that is over within this time of its detection is not told, ms. */
  readonly holdMs: number
  /** A service must be good for this long before its customer is told so while the incident goes on, ms. */
  readonly verifyMs: number
  /** Which states of a service are told. */
  readonly tell: readonly ImpactState[]
}

export interface PlanInput {
  /** Incidents that changed in this step, with what they were before. */
  readonly changes: readonly { readonly incident: Incident; readonly before?: Incident }[]
  /** All other incidents that are not over. */
  readonly open: readonly Incident[]
  /**
   * The rows of the changed incidents; those of the same customers in the other open incidents; and those of customers
   * who suffer more than before, as far as they wait to hear of an end.
   */
  readonly rows: readonly LedgerRow[]
  readonly settings: NotifySettings
  readonly now: number
  readonly newNotificationId: () => NotificationId
}

interface Subject {
  readonly incident: Incident
  readonly before: Incident | undefined
  /** All who suffer: a promise to them goes on. */
  readonly told: ToldImpact
  /** Those who suffer by more than planned work: they are told. */
  readonly unplanned: ToldImpact
  readonly unplannedBefore: ToldImpact
}

const byAge = (one: Incident, other: Incident) =>
  one.detectedAt - other.detectedAt || (one.id < other.id ? -1 : 1)

const sameStates = (one: NotificationFacts['states'], other: NotificationFacts['states']): boolean => {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}

/**
 * Who must be told what after a step, as changes of the ledger. Pure, and told twice of the same step it plans nothing
 * new.
 *
 * The promise belongs to (incident, customer): one outage message, however many services, and one restored message to
 * exactly those who were or may have been told. When a customer leaves an incident because another one has the same
 * service now (merged, split, or a second fault behind the first), the promise moves: the outage row is given the other
 * incident's id. Where that incident has told the same customer too, one message keeps the promise and the other is
 * marked `coveredBy` it, so that one restored message follows and not two.
 *
 * What a maintenance window explains begins no outage message, and calls off one that was not sent yet. Who was told of an
 * outage before is told of its end, and not of the work meanwhile. A fault that outlasts its window is told from then on.
 */
export function planNotifications(input: PlanInput): readonly LedgerChange[] {
  const { settings, now } = input
  const book = createPlanBook(input.rows)
  const subjects = new Map<IncidentId, Subject>()
  const subject = (incident: Incident, before: Incident | undefined): Subject => ({
    incident,
    before,
    told: toldImpact(incident, settings.tell),
    unplanned: toldImpact(incident, settings.tell, 'unplanned'),
    unplannedBefore: toldImpact(before, settings.tell, 'unplanned'),
  })
  for (const { incident, before } of input.changes) subjects.set(incident.id, subject(incident, before))
  for (const incident of input.open)
    if (!subjects.has(incident.id)) subjects.set(incident.id, subject(incident, incident))

  const ordered = [...subjects.values()].sort((one, other) => byAge(one.incident, other.incident))
  const moved = new Map<IncidentId, Set<CustomerId>>()
  for (const { incident } of input.changes)
    for (const customer of book.customers(incident.id)) {
      const promise = book.promise(incident.id, customer)
      if (!promise || subjects.get(incident.id)?.told.has(customer)) continue
      const heir = heirOf(incident, customer, promise.services, ordered)
      if (!heir) continue
      movePromise(book, promise, heir.incident.id, now)
      moved.set(heir.incident.id, (moved.get(heir.incident.id) ?? new Set()).add(customer))
    }

  const changed = new Set<IncidentId>(input.changes.map(({ incident }) => incident.id))
  for (const one of ordered) {
    const customers = changed.has(one.incident.id)
      ? new Set([...one.told.keys(), ...book.customers(one.incident.id)])
      : moved.get(one.incident.id)
    for (const customer of customers ?? []) planCustomer(book, one, customer, ordered, input)
  }
  return book.changes()
}

/** Where the promise to a customer goes who is not in the incident any more. */
function heirOf(
  from: Incident,
  customer: CustomerId,
  services: readonly ServiceId[],
  ordered: readonly Subject[],
): Subject | undefined {
  if (from.mergedInto !== undefined) return ordered.find(({ incident }) => incident.id === from.mergedInto)
  return ordered.find(({ incident, told }) => {
    const states = incident.id === from.id ? undefined : told.get(customer)
    return states !== undefined && services.some((service) => Object.hasOwn(states, service))
  })
}

const withdraw = (book: PlanBook, row: LedgerRow, reason: string, now: number) =>
  book.put({ ...row, state: 'withdrawn', reason, updatedAt: now })

const elsewhere = 'told with another incident'

function movePromise(book: PlanBook, promise: LedgerRow, to: IncidentId, now: number): void {
  const move = () => {
    for (const row of [promise, book.answer(promise.id)])
      if (row) book.put({ ...row, incident: to, updatedAt: now })
  }
  const cover = (covered: LedgerRow, by: LedgerRow) => {
    const answer = book.answer(covered.id)
    if (answer) withdraw(book, answer, elsewhere, now)
    book.put({ ...covered, coveredBy: by.id, updatedAt: now })
  }
  const theirs = book.promise(to, promise.customer)
  if (!theirs) move()
  else if (promise.state === 'queued') withdraw(book, promise, elsewhere, now)
  else if (theirs.state === 'queued') {
    withdraw(book, theirs, elsewhere, now)
    move()
  } else if (theirs.state === 'sending' && promise.state !== 'sending') {
    // Both went out: what was told for certain keeps the promise.
    cover(theirs, promise)
    move()
  } else cover(promise, theirs)
}

/** What one customer must be told of one incident, given what was told and what is on its way. */
function planCustomer(
  book: PlanBook,
  { incident, before, told, unplanned, unplannedBefore }: Subject,
  customer: CustomerId,
  all: readonly Subject[],
  input: PlanInput,
): void {
  const { settings, now } = input
  const suffering = told.get(customer)
  // What was about to be called good elsewhere is bad here: that promise goes on, as this incident's.
  for (const { outage, answer } of suffering === undefined ? [] : book.ending(customer))
    if (
      outage.incident !== incident.id &&
      answer.services.some((service) => Object.hasOwn(suffering ?? {}, service))
    )
      movePromise(book, outage, incident.id, now)

  const rows = book.rows(incident.id, customer)
  const promise = book.promise(incident.id, customer)
  const answer = promise && book.answer(promise.id)
  const progress = rows.find((row) => row.kind === 'progress' && row.state === 'queued')
  const eta = incident.etaAt === undefined ? {} : { etaAt: incident.etaAt }

  const queue = (kind: NotificationKind, facts: NotificationFacts, dueAt: number, answers?: NotificationId) =>
    book.put({
      id: input.newNotificationId(),
      incident: incident.id,
      customer,
      kind,
      services: Object.keys(facts.states),
      facts,
      state: 'queued',
      dueAt,
      ...(answers === undefined ? {} : { answers }),
      attempts: 0,
      queuedAt: now,
      updatedAt: now,
    })
  const withFacts = (row: LedgerRow, facts: NotificationFacts): LedgerRow => ({
    ...row,
    services: Object.keys(facts.states),
    facts,
    updatedAt: now,
  })

  if (suffering === undefined) {
    if (progress) withdraw(book, progress, 'over before it was sent', now)
    if (!promise) return
    if (!isOnItsWay(promise)) {
      withdraw(book, promise, 'over before it was told', now)
      return
    }
    const dueAt = isOpen(incident) ? now + settings.verifyMs : now
    if (answer) {
      if (dueAt < answer.dueAt) book.put({ ...answer, dueAt, updatedAt: now })
      return
    }
    // Services that fell after the message was sent are in the history, and are good again unless they suffer elsewhere.
    const good = { ...promise.facts.states }
    const badElsewhere = (service: ServiceId) =>
      all.some((other) => Object.hasOwn(other.told.get(customer) ?? {}, service))
    for (const { service, customer: owner, state, planned } of incident.impactHistory)
      if (owner === customer && settings.tell.includes(state) && !planned && !badElsewhere(service))
        good[service] = state
    const restoredAt = incident.restoredAt ?? now
    queue('restored', { states: good, onsetAt: promise.facts.onsetAt, restoredAt }, dueAt, promise.id)
    return
  }

  const states = unplanned.get(customer)
  if (states === undefined && !(promise && isOnItsWay(promise))) {
    if (promise) withdraw(book, promise, 'planned work', now)
    if (progress) withdraw(book, progress, 'planned work', now)
    return
  }
  if (!promise) {
    if (states === undefined) return
    // It could not be told, or was called off: that is tried again when the customer falls again, and not before.
    const triedInVain = unplannedBefore.has(customer) && rows.some((row) => row.kind === 'outage')
    const onsetAt = before === undefined ? incident.onsetAt : now
    if (!triedInVain) queue('outage', { states, onsetAt, ...eta }, now + settings.holdMs)
    return
  }
  if (answer) withdraw(book, answer, 'bad again before it was sent', now)
  if (progress && incident.etaAt === undefined)
    withdraw(book, progress, 'the promised time was taken back', now)
  const facts = { states: states ?? suffering, onsetAt: promise.facts.onsetAt, ...eta }
  if (promise.state === 'queued') {
    if (!sameStates(promise.facts.states, facts.states) || promise.facts.etaAt !== incident.etaAt)
      book.put(withFacts(promise, facts))
  } else if (before !== undefined && incident.etaAt !== undefined && incident.etaAt !== before.etaAt) {
    if (progress) book.put(withFacts(progress, facts))
    else queue('progress', facts, now)
  }
}
