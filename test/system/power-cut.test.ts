import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { AlarmPage } from '../../src/api/views/alarm-schemas.ts'
import type { FaultReportDetail, FaultReportView } from '../../src/api/views/fault-report-schemas.ts'
import type { IncidentDetail, IncidentPage } from '../../src/api/views/incident-schemas.ts'
import type { NotificationPage, NotificationView } from '../../src/api/views/notification-schemas.ts'
import type { ReadinessView } from '../../src/api/views/readiness-schemas.ts'
import { demoSettings } from '../../src/demo/demo-config.ts'
import { customerId, demoCustomers, serviceOf } from '../../src/demo/demo-customers.ts'
import { type DemoNetwork, startDemoNetwork } from '../../src/demo/start-demo.ts'
import { foldIncident } from '../../src/incident/fold-incident.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.ts'
import { eventually } from '../support/eventually.ts'
import { type SlowReceiver, startSlowReceiver } from '../support/slow-receiver.ts'

const main = resolve(import.meta.dirname, '../../src/main.ts')
const subtree = ['acc2', 'acc3', 'bld1', 'cpe-clinic', 'cpe-hotel']
const affected = demoCustomers.flatMap(({ lines }, index) =>
  lines.some(({ element, target }) => subtree.includes(target ?? element)) ? [customerId(index)] : [],
)

let folder: string
let demo: DemoNetwork
let receiver: SlowReceiver
let daemon: DaemonProcess
/** Of CPU: how long that takes by the clock is a matter of what else this machine does. */
const readyAfter: { readonly cpuSeconds: number; readonly ms: number }[] = []

/** CPU time of a process with its threads, s (proc_pid_stat(5), 100 ticks a second). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** The demo network's configuration with short times, and messages that take a while to be taken. */
const settings = () => ({
  ...demoSettings({ places: demo.places, listen: '127.0.0.1:0' }),
  poll: {
    stamp: { interval: '500ms', count: 4, timeout: '400ms' },
    snmp: { interval: '2s', timeout: '500ms', retries: 1 },
  },
  detection: { decisionWait: '1s' },
  incident: { verify: '2s', reopen: '20s', closeAfter: '10m' },
  notify: {
    channels: { mailbox: { kind: 'webhook', url: receiver.url, secret: 'not-so-secret-here' } },
    hold: '3s',
  },
})

async function start(): Promise<void> {
  const from = performance.now()
  const args = ['--disable-warning=ExperimentalWarning', main, 'run', '--config', join(folder, 'cut.yaml')]
  daemon = await startDaemonProcess(process.execPath, args)
  await eventually('ready', async () => (await daemon.get<ReadinessView>('/readyz')).state === 'ready')
  readyAfter.push({ cpuSeconds: cpuOf(daemon.pid), ms: performance.now() - from })
}

/** The power goes, and comes back. */
async function powerCut(): Promise<void> {
  await daemon.end('SIGKILL')
  await start()
}

/** A moment that no one chose; it is in the output for whoever has to look for a failure. */
async function someTime(upToMs: number): Promise<void> {
  const ms = Math.round(Math.random() * upToMs)
  console.log(`the power goes after ${ms} ms`)
  await setTimeout(ms)
}

const incidents = async () => (await daemon.get<IncidentPage>('/api/v1/incidents?limit=100')).items
/** Loss and delay may be real on a machine that is busy; they are no part of this. */
const outages = async () => (await incidents()).filter(({ kind }) => kind !== 'degradation')
const messages = async (kind: NotificationView['kind']) =>
  (await daemon.get<NotificationPage>('/api/v1/notifications?limit=200')).items.filter(
    (row) => row.kind === kind && row.state !== 'withdrawn',
  )
const isUnderWay = ({ state }: NotificationView) => state === 'queued' || state === 'sending'
const arrived = (kind: 'outage' | 'restored') =>
  receiver.received.filter(({ subject }) => /working again|恢复通知/.test(subject) === (kind === 'restored'))

/** Each customer has one row; what the ledger calls sent has arrived once, and nothing has arrived twice. */
function expectOneEach(rows: readonly NotificationView[], kind: 'outage' | 'restored') {
  expect(rows.map(({ customer }) => customer).sort()).toEqual(affected.toSorted())
  const count = (id: string) => receiver.received.filter((one) => one.id === id).length
  for (const { id, state } of rows) {
    expect(['sent', 'uncertain']).toContain(state)
    expect(count(id)).toBeLessThanOrEqual(1)
    if (state === 'sent') expect(count(id)).toBe(1)
  }
  const customers = arrived(kind).map(({ to }) => to)
  expect(new Set(customers).size).toBe(customers.length)
}

describe('a daemon that loses its power', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-power-'))
    const log = pino({ enabled: false })
    demo = await startDemoNetwork({ clock: systemClock, log, directory: join(folder, 'network') })
    receiver = await startSlowReceiver(400)
    writeFileSync(join(folder, 'cut.yaml'), stringify(settings()))
    await start()
    await eventually('a first answer of every element', async () => {
      const { nodes } = await daemon.get<{ nodes: { id: string; reach: string }[] }>('/api/v1/topology')
      return nodes.every(({ reach }) => reach === 'answering')
    })
  })

  afterAll(async () => {
    const each = readyAfter.map(({ cpuSeconds, ms }) => `${Math.round(ms)} ms (${cpuSeconds} s of CPU)`)
    console.log(`ready after ${each.join(', ')}; ${receiver?.received.length} messages arrived`)
    await daemon?.[Symbol.asyncDispose]()
    await receiver?.[Symbol.asyncDispose]()
    await demo?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('sees a cut that happened before it could', async () => {
    demo.network.cut('agg1')
    await someTime(500)
    await powerCut()
    const [incident] = await eventually('an incident', async () => {
      const found = await outages()
      return found.length > 0 && found
    })
    expect(incident?.roots).toMatchObject([{ kind: 'element', element: 'agg1' }])
  })

  it('keeps the incident that it has just opened, and opens no second one', async () => {
    const [before] = await outages()
    await powerCut()
    await eventually('the whole subtree is shadowed', async () =>
      (await outages()).some(({ shadowed }) => shadowed.length === subtree.length),
    )
    expect((await outages()).map(({ id }) => id)).toEqual([before?.id])
  })

  it('keeps a report that it has acknowledged', async () => {
    const { status, body } = await daemon.post<FaultReportView>('/api/v1/fault-reports', {
      kind: 'fault',
      service: serviceOf('wang.xiaoming'),
      symptom: 'no-service',
      description: '家里的网络突然断了',
      channel: 'phone',
      externalId: 'T-1',
    })
    await powerCut()
    expect(status).toBe(201)
    const kept = await eventually('the report with its evidence', async () => {
      const report = await daemon.get<FaultReportDetail>(`/api/v1/fault-reports/${body.id}`)
      return report.evidence.state === 'measured' && report
    })
    const [incident] = await outages()
    expect(kept).toMatchObject({
      externalId: 'T-1',
      verdict: 'matched',
      matches: [{ incident: incident?.id }],
    })
  })

  it('tells each customer once, and knows of whom it cannot be sure', async () => {
    await eventually('messages on their way', () => arrived('outage').length >= 5)
    await powerCut()
    await someTime(700)
    await powerCut()
    const rows = await eventually('nothing is under way', async () => {
      const all = await messages('outage')
      return all.length > 0 && !all.some(isUnderWay) && all
    })
    const uncertain = rows.filter(({ state }) => state === 'uncertain')
    console.log(`outage messages: ${rows.length}, of which ${uncertain.length} uncertain`)
    await eventually('every alarm of the cut', async () => {
      const { items } = await daemon.get<AlarmPage>('/api/v1/alarms?state=active&limit=100')
      return ['agg1', ...subtree].every((id) =>
        items.some(({ element, type }) => element === id && type === 'unreachable'),
      )
    })
    // It was cut off while at least one of them was being sent.
    expect(uncertain.length).toBeGreaterThan(0)
    expectOneEach(rows, 'outage')
  })

  it('tells exactly those when it works again', async () => {
    demo.network.repair()
    await someTime(2_500)
    await powerCut()
    await eventually('restored messages on their way', () => arrived('restored').length >= 3)
    await powerCut()
    const rows = await eventually('nothing is under way', async () => {
      const all = await messages('restored')
      return all.length === affected.length && !all.some(isUnderWay) && all
    })
    expectOneEach(rows, 'restored')
    const told = await messages('outage')
    expectOneEach(told, 'outage')
    expect(rows.map(({ answers }) => answers).sort()).toEqual(told.map(({ id }) => id).sort())
  })

  it('has one incident of one cut, and every alarm once', async () => {
    const [incident, ...others] = await eventually('the incident is resolved', async () => {
      const found = await outages()
      return found.every(({ state }) => state === 'resolved') && found
    })
    expect(others).toEqual([])
    const detail = await daemon.get<IncidentDetail>(`/api/v1/incidents/${incident?.id}`)
    expect(detail.roots).toMatchObject([{ kind: 'element', element: 'agg1' }])
    expect(detail.reports).toHaveLength(1)
    expect((await daemon.end('SIGTERM')).code).toBe(0)

    const db = new DatabaseSync(join(folder, 'state.db'), { readOnly: true })
    try {
      expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
      const alarms = db
        .prepare("select key, state from alarm where type in ('unreachable', 'interface-down')")
        .all()
      const keys = alarms.map(({ key }) => String(key))
      expect(keys.toSorted()).toEqual([...new Set(keys)].sort())
      expect(keys).toEqual(expect.arrayContaining(['agg1', ...subtree].map((id) => `unreachable:${id}`)))
      expect(alarms.filter(({ state }) => state === 'active')).toEqual([])
      // The state of each incident is what its log tells.
      for (const { id, incident_json } of db.prepare('select id, incident_json from incident').all()) {
        const events = db
          .prepare('select event_json from incident_event where incident = ? order by sequence')
          .all(String(id))
        expect(foldIncident(events.map(({ event_json }) => JSON.parse(String(event_json))))).toEqual(
          JSON.parse(String(incident_json)),
        )
      }
    } finally {
      db.close()
    }
  })

  it('was ready again for less than five seconds of CPU each time', () => {
    expect(readyAfter.length).toBeGreaterThan(6)
    for (const { cpuSeconds } of readyAfter) expect(cpuSeconds).toBeLessThan(5)
  })
})
