import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAlarmStore } from '../../src/incident/alarm-store.ts'
import { happen } from '../../src/incident/incident-change.ts'
import { createIncidentStore } from '../../src/incident/incident-store.ts'
import type { NetworkAlarm } from '../../src/model/alarm.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { IncidentEventBody } from '../../src/model/incident-event.ts'
import type { NetworkState } from '../../src/model/network-state.ts'
import { openStateDb, type StateDb } from '../../src/platform/db/state-db.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createReportDesk, type ReportDesk } from '../../src/report/report-desk.ts'
import { createReportStore } from '../../src/report/report-store.ts'
import { findingOf, impactOf, incidentOf } from '../support/finding-of.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { smallInventory, smallPath, smallState, smallTopology } from '../support/small-network.ts'

const incidents = createIncidentStore()
const store = createReportStore()

let db: StateDb
let clock: ManualClock
let desk: ReportDesk
let state: NetworkState
let alarms: NetworkAlarm[]
let told: string[]
let probes: { readonly elements: readonly string[]; readonly done: () => void }[]

beforeEach(async () => {
  db = await openStateDb(':memory:')
  clock = new ManualClock()
  state = smallState(clock.now())
  alarms = []
  told = []
  probes = []
  desk = createReportDesk({
    db,
    store,
    clock,
    log: pino({ enabled: false }),
    metrics: createMetrics(),
    transaction: (work) => db.transaction().execute(work),
    inventory: () => smallInventory,
    topology: () => smallTopology,
    networkState: () => state,
    activeAlarms: () => alarms,
    pathOf: smallPath,
    openIncidents: incidents.open,
    recentIncidents: incidents.recent,
    incident: incidents.get,
    alarms: createAlarmStore().getMany,
    recordOnIncident: async (tx, ids, report, now) => {
      for (const id of ids) {
        const body = { type: 'reported', report: report.id, reportedAt: report.reportedAt } as const
        await incidents.record(tx, id, body, 'system', now)
      }
    },
    probePath: (elements) => new Promise((resolve) => probes.push({ elements, done: resolve })),
    afterCommit: (changes, linked) => {
      told.push(...changes.map(({ change }) => change), ...linked.map((id) => `linked ${id}`))
    },
  })
})

afterEach(async () => {
  await desk.close()
  await db.destroy()
})

/** An outage of acc1 that took s-1 down, ten minutes ago where nothing else is said. */
async function outage(id = 'inc-1', onsetAt = clock.now() - 600_000): Promise<Incident> {
  const finding = findingOf('acc1', { impact: impactOf('down', 's-1'), onsetAt })
  const incident = incidentOf(id, finding)
  const opened = {
    type: 'opened' as const,
    finding,
    incident: id,
    sequence: 1,
    at: incident.updatedAt,
    actor: 'system',
  }
  await db.transaction().execute((tx) => incidents.append(tx, [{ incident, events: [opened] }]))
  return incident
}

/** Lets things happen to the incident, and matches again in the same transaction, as the pipeline does. */
async function step(id: string, ...bodies: IncidentEventBody[]) {
  return db.transaction().execute(async (tx) => {
    const before = await incidents.get(tx, id)
    const change = before && happen(before, bodies, 'system', clock.now())
    if (!change) throw new Error('nothing happened')
    await incidents.append(tx, [change])
    return desk.rematch(tx, [change.incident], clock.now())
  })
}

const fault = { kind: 'fault', symptom: 'no-service', description: '<b>down</b>', channel: 'phone' } as const

/** Waits until the evidence of a report is in. */
async function measured(id: string): Promise<void> {
  while ((await store.get(db, id))?.evidence.state !== 'measured') await new Promise(setImmediate)
}

/** As a wall display reads it. */
const plainLog = async (id: string) => (await desk.log(id, false)).map((row) => row.text).join(' ')
const logOf = async (id: string) => (await desk.log(id, true)).map((row) => row.type)

describe('the report desk', () => {
  it('answers at once with the verdict, and with what was measured after the probe', async () => {
    const submitting = desk.submit({ ...fault, service: 's-1' }, 'desk', { waitMs: 3_000 })
    while (probes.length === 0) await new Promise(setImmediate)
    const [pending] = (await desk.list({ limit: 10 })).items
    expect(pending).toMatchObject({ verdict: 'no-fault-seen', evidence: { state: 'pending', coverage: 1 } })
    expect(probes[0]?.elements).toEqual(['core1', 'agg1', 'acc1', 'cpe1'])

    state = smallState(clock.now(), { cpe1: { reach: 'missing', since: clock.now() } })
    probes[0]?.done()
    const { report, created } = await submitting
    expect(created).toBe(true)
    expect(report).toMatchObject({
      verdict: 'unknown',
      evidence: { state: 'measured', good: false },
      version: 3,
    })
    expect(await logOf(report.id)).toEqual(['submitted', 'evidence', 'verdict'])
    expect(told).toEqual(['submitted', 'changed'])
  })

  it('gives up a probe that never ends', async () => {
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    await clock.advance(2_500)
    await measured(report.id)
    expect((await desk.get(report.id))?.report.verdict).toBe('no-fault-seen')
  })

  it('probes again after a restart what was being probed', async () => {
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    probes.length = 0
    await desk.resume()
    expect(probes).toHaveLength(1)
    probes[0]?.done()
    await measured(report.id)
  })

  it('links a report to the incident that explains it, and tells the incident', async () => {
    await outage()
    const { report, matches } = await desk.submit({ ...fault, customer: 'c-1' }, 'desk')
    expect(report).toMatchObject({ verdict: 'matched', customer: 'c-1' })
    expect(matches).toMatchObject([{ incident: 'inc-1', state: 'linked', score: 0.95, decidedBy: 'system' }])
    expect(await logOf(report.id)).toEqual(['submitted', 'matched'])
    expect((await incidents.get(db, 'inc-1'))?.firstReportAt).toBe(clock.now())
    expect(told).toEqual(['submitted', 'linked inc-1'])
  })

  it('keeps nothing of a report when the incident cannot be told', async () => {
    await outage()
    await db.schema.dropTable('incident_event').execute()
    await expect(desk.submit({ ...fault, service: 's-1' }, 'desk')).rejects.toThrow()
    expect((await desk.list({ limit: 10 })).items).toEqual([])
    expect(told).toEqual([])
  })

  it('takes the same external id as the same report, and refuses it for another customer', async () => {
    const first = await desk.submit({ ...fault, service: 's-1', externalId: 'T-7' }, 'desk')
    const again = await desk.submit({ ...fault, customer: 'c-1', externalId: 'T-7' }, 'desk')
    expect(again).toMatchObject({ created: false, report: { id: first.report.id } })
    await expect(desk.submit({ ...fault, service: 's-2', externalId: 'T-7' }, 'desk')).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  it.for([
    ['service', { service: 's-404' }],
    ['customer', { customer: 'c-404' }],
    ['service', { service: 's-1', customer: 'c-2' }],
    ['service', {}],
    ['reportedOnset', { service: 's-1', reportedOnsetAt: Date.parse('2026-03-01T08:06:00Z') }],
  ] as const)('names the field %s of %o', async ([field, input]) => {
    await expect(desk.submit({ ...fault, ...input }, 'desk')).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      details: { field },
    })
  })

  it('matches a report that came first when the incident opens', async () => {
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    expect(report.verdict).toBe('no-fault-seen')
    const incident = await outage()
    const changes = await db.transaction().execute((tx) => desk.rematch(tx, [incident], clock.now()))
    expect(changes).toEqual([{ report: report.id, change: 'matched' }])
    expect((await desk.get(report.id))?.report.verdict).toBe('matched')
    expect((await incidents.get(db, 'inc-1'))?.firstReportAt).toBe(report.reportedAt)
    expect(await db.transaction().execute((tx) => desk.rematch(tx, [incident], clock.now()))).toEqual([])
  })

  it('leaves a report alone whose path was measured as good when a fault begins after it', async () => {
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    probes[0]?.done()
    await measured(report.id)
    await clock.advance(90_000)
    const incident = await outage('inc-1', clock.now() - 3_000)
    expect(await db.transaction().execute((tx) => desk.rematch(tx, [incident], clock.now()))).toEqual([])
    expect(await desk.get(report.id)).toMatchObject({ report: { verdict: 'no-fault-seen' }, matches: [] })
    expect((await incidents.get(db, 'inc-1'))?.firstReportAt).toBeUndefined()
  })

  it('takes a report back from an outage that was over when another is found to explain it', async () => {
    await outage('inc-1')
    await step('inc-1', { type: 'restored', restoredAt: clock.now() })
    await clock.advance(60_000)
    const { report, matches } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    expect(matches).toMatchObject([{ incident: 'inc-1', state: 'linked' }])
    const stateOf = async () => (await desk.get(report.id))?.matches.map((one) => [one.incident, one.state])
    const both = [
      ['inc-2', 'linked'],
      ['inc-1', 'suggested'],
    ]
    const next = await outage('inc-2', clock.now() - 5_000)
    await db.transaction().execute((tx) => desk.rematch(tx, [next], clock.now()))
    expect(await stateOf()).toEqual(both)
    await step('inc-1', { type: 'resolved' })
    expect(await stateOf()).toEqual(both)
    expect((await desk.get(report.id))?.report.status).toBe('acknowledged')
  })

  it('resolves no report with an incident that ended because its alarm was shelved', async () => {
    await outage()
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    await clock.advance(60_000)
    expect(await step('inc-1', { type: 'resolved', because: 'shelved' })).toEqual([])
    expect((await desk.get(report.id))?.report.status).toBe('acknowledged')
  })

  it('resolves reports with their incident, and reopens them when it relapses', async () => {
    const finding = (await outage()).impact
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    await clock.advance(60_000)
    const restored = { type: 'restored', restoredAt: clock.now() } as const
    expect(await step('inc-1', restored, { type: 'resolved' })).toEqual([
      { report: report.id, change: 'resolved' },
    ])
    expect((await desk.get(report.id))?.report.status).toBe('resolved')

    const again = findingOf('acc1', { impact: finding, onsetAt: clock.now() })
    expect(await step('inc-1', { type: 'relapsed', finding: again })).toEqual([
      { report: report.id, change: 'reopened' },
    ])
    expect((await desk.get(report.id))?.report.status).toBe('inProgress')
  })

  it('leaves a report open that came after the repair, and one that a person set again', async () => {
    await outage()
    const early = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    await clock.advance(60_000)
    await step('inc-1', { type: 'restored', restoredAt: clock.now() })
    await clock.advance(60_000)
    const late = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    expect(late.matches[0]?.state).toBe('linked')
    await step('inc-1', { type: 'resolved' })
    expect((await desk.get(late.report.id))?.report.status).toBe('acknowledged')
    await desk.patch(early.report.id, { status: 'inProgress' }, 'ann')
    await step('inc-1', { type: 'closed' })
    expect((await desk.get(early.report.id))?.report.status).toBe('inProgress')
  })

  it('keeps a report open while another incident that explains it lasts', async () => {
    await outage('inc-1')
    await outage('inc-2')
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    await clock.advance(60_000)
    await step('inc-1', { type: 'restored', restoredAt: clock.now() }, { type: 'resolved' })
    expect((await desk.get(report.id))?.report.status).toBe('acknowledged')
    await step('inc-2', { type: 'restored', restoredAt: clock.now() }, { type: 'resolved' })
    expect((await desk.get(report.id))?.report.status).toBe('resolved')
  })

  it('keeps what a person unlinked, whatever happens to the incident', async () => {
    const incident = await outage()
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    const { report: unlinked } = await desk.unlink(report.id, 'inc-1', 'ann', report.version)
    expect(unlinked.verdict).toBe('no-fault-seen')
    await db.transaction().execute((tx) => desk.rematch(tx, [incident], clock.now()))
    const found = await desk.get(report.id)
    expect(found?.matches).toMatchObject([{ state: 'unlinked', decidedBy: 'person' }])
    expect(await logOf(report.id)).toEqual(['submitted', 'matched', 'unlinked', 'verdict'])

    const { report: linked } = await desk.link(report.id, 'inc-1', 'ann')
    expect(linked.verdict).toBe('matched')
    await expect(desk.link(report.id, 'inc-404', 'ann')).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })

  it('keeps the reason that a person gave from those who may not read what people wrote', async () => {
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    await desk.patch(report.id, { status: 'held', statusReason: 'Mrs Byrne is away' }, 'ann')
    expect((await desk.log(report.id, true)).at(-1)?.text).toContain('to held: Mrs Byrne is away.')
    expect(await plainLog(report.id)).toContain('to held.')
    expect(await plainLog(report.id)).not.toContain('Byrne')
  })

  it('changes a report for who saw its newest version only, along the life cycle', async () => {
    const { report } = await desk.submit({ ...fault, service: 's-1' }, 'desk')
    const { report: held } = await desk.patch(report.id, { status: 'held' }, 'ann', report.version)
    expect(held.version).toBe(report.version + 1)
    await expect(desk.patch(report.id, { status: 'resolved' }, 'bob', report.version)).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    })
    await expect(desk.patch(report.id, { status: 'closed' }, 'bob')).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await expect(desk.patch('rep-404', { status: 'held' }, 'bob')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    const audit = await db.selectFrom('audit').select(['actor', 'action', 'subject']).execute()
    expect(audit).toEqual([
      { actor: 'desk', action: 'fault-report.submit', subject: report.id },
      { actor: 'ann', action: 'fault-report.patch', subject: report.id },
    ])
  })

  it('matches anew when the symptom changes', async () => {
    await outage()
    const { report } = await desk.submit({ ...fault, symptom: 'other', service: 's-1' }, 'desk')
    const { matches } = await desk.patch(report.id, { symptom: 'no-service', description: 'dead' }, 'ann')
    expect(matches[0]?.score).toBe(0.95)
    expect((await desk.get(report.id))?.report.description).toBe('dead')
  })

  it('pages through reports, newest first or in order of change', async () => {
    const ids: string[] = []
    for (let i = 0; i < 5; i++) {
      const { report } = await desk.submit({ ...fault, service: i === 2 ? 's-2' : 's-1' }, 'desk')
      probes.at(-1)?.done()
      await measured(report.id)
      ids.push(report.id)
      await clock.advance(1_000)
    }
    const walk = async (filter: { updatedSince?: number }) => {
      const seen: string[] = []
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await desk.list({ ...filter, limit: 2, ...(cursor === undefined ? {} : { cursor }) })
        seen.push(...page.items.map((report) => report.id))
        cursor = page.nextCursor
      }
      return seen
    }
    expect(await walk({})).toEqual(ids.toReversed())
    await desk.patch(ids[0] ?? '', { status: 'held' }, 'ann')
    expect(await walk({ updatedSince: clock.now() - 3_000 })).toEqual([ids[2], ids[3], ids[4], ids[0]])
    expect((await desk.list({ limit: 9, service: 's-2' })).items.map((report) => report.id)).toEqual([ids[2]])
    expect((await desk.list({ limit: 9, status: 'held', customer: 'c-1' })).items).toHaveLength(1)
    await expect(desk.list({ limit: 2, cursor: 'AAAA' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })
})
