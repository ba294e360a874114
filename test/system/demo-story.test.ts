import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FaultReportPage } from '../../src/api/views/fault-report-schemas.ts'
import type { IncidentDetail, IncidentPage } from '../../src/api/views/incident-schemas.ts'
import type { TopologyView } from '../../src/api/views/network-schemas.ts'
import type { NotificationPage } from '../../src/api/views/notification-schemas.ts'
import type { SessionView } from '../../src/api/views/session-schemas.ts'
import { demoCustomers, serviceId, serviceOf } from '../../src/demo/demo-customers.ts'
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.ts'
import { eventually } from '../support/eventually.ts'
import { asNobody } from '../support/nobody.ts'
import { type Mail, readMail } from '../support/read-mail.ts'
import { makeStartFolder } from '../support/start-folder.ts'

const repository = resolve(import.meta.dirname, '../..')
/** What the story cuts first, and what hangs on it alone. */
const root = 'agg1'
const subtree = ['acc2', 'acc3', 'bld1', 'cpe-clinic', 'cpe-hotel']

/** Services that end in the dark part, and their customers, from the plan of the demo and not from the daemon. */
const dark = demoCustomers
  .map((customer, index) => ({
    ...customer,
    services: customer.lines.flatMap(({ element, target }, line) =>
      subtree.includes(target ?? element) ? [serviceId(index, line)] : [],
    ),
  }))
  .filter(({ services }) => services.length > 0)
const darkMailboxes = dark.map(({ mailbox }) => `${mailbox}@example.net`).sort()

let folder: string
let demo: DaemonProcess
let startedAt: number

const incidents = async () => (await demo.get<IncidentPage>('/api/v1/incidents?limit=50')).items
const incidentOfTheCut = async () => {
  const [first] = (await incidents()).toReversed()
  return first && demo.get<IncidentDetail>(`/api/v1/incidents/${first.id}`)
}
const reports = async () =>
  (await demo.get<FaultReportPage>('/api/v1/fault-reports?limit=50')).items.toReversed()
const mailbox = (): readonly Mail[] => {
  const messages = join(folder, 'data/demo/mailbox')
  return readdirSync(messages)
    .filter((file) => file.endsWith('.eml'))
    .map((file) => readMail(readFileSync(join(messages, file), 'utf8')))
}
const isRestored = ({ subject }: Mail) => /working again|业务恢复通知/.test(subject)
const isOutage = ({ subject }: Mail) => /not working|业务中断通知/.test(subject)
const to = (mails: readonly Mail[]) => mails.map((mail) => mail.to).sort()
const left = () => 120_000 - (performance.now() - startedAt)

describe('the demo that npm start runs', () => {
  beforeAll(async () => {
    const unprivileged = asNobody(join(repository, 'src/main.ts'), process.execPath)
    folder = makeStartFolder(unprivileged.uid)
    startedAt = performance.now()
    demo = await startDaemonProcess(process.execPath, [join(folder, 'scripts/start.mjs')], {
      ...unprivileged,
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
      group: true,
    })
  })

  afterAll(async () => {
    await demo?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  it('prints the address of its console, and says that it is the demo', async () => {
    console.log(`the demo's address was there after ${Math.round(demo.startedInMs)} ms`)
    expect(demo.output()).toMatch(/^Faultline demo: http:\/\/127\.0\.0\.1:\d+$/m)
    expect(demo.output()).toContain(join(folder, 'data/demo/mailbox'))
    expect((await demo.get<SessionView>('/api/v1/session')).demo).toBe(true)
  })

  it('finds the element that is cut, and shadows what lies behind it', async () => {
    const incident = await eventually(
      'an incident that hides the whole subtree',
      async () => {
        const one = await incidentOfTheCut()
        return one && one.shadowed.length >= subtree.length && one
      },
      left(),
    )
    expect(incident.roots).toMatchObject([{ kind: 'element', element: root }])
    expect(incident.shadowed.toSorted()).toEqual(subtree)
    expect(incident.kind).toBe('outage')
    expect(incident.explanation.length).toBeGreaterThan(0)
    const { nodes } = await demo.get<TopologyView>('/api/v1/topology')
    const tied = nodes.flatMap(({ id, incidents }) => incidents.map(({ as }) => `${id} ${as}`)).sort()
    expect(tied).toEqual([...subtree.map((id) => `${id} shadowed`), `${root} root`].sort())
  })

  it('lists the services that are down and their customers, and those that lost a spare path', async () => {
    const incident = await incidentOfTheCut()
    const rows = incident?.impact ?? []
    const down = rows.filter(({ now }) => now === 'down')
    expect(down.map(({ service }) => service).sort()).toEqual(dark.flatMap(({ services }) => services).sort())
    expect(new Set(down.map(({ customerName }) => customerName))).toEqual(
      new Set(dark.map(({ name }) => name)),
    )
    expect(rows.find(({ service }) => service === serviceOf('wu.gang'))?.now).toBe('atRisk')
  })

  it('tells exactly the customers whose services are down, each in their language', async () => {
    await eventually('an outage message for each', () => mailbox().length >= dark.length, left())
    const mails = mailbox()
    expect(to(mails)).toEqual(darkMailboxes)
    expect(mails.filter((mail) => !isOutage(mail))).toEqual([])
    for (const { mailbox: name, language, services } of dark) {
      const mail = mails.find((one) => one.to === `${name}@example.net`)
      expect(mail?.language).toMatch(language)
      expect(mail?.text).toMatch(
        language === 'zh' ? /^尊敬的.+：.+目前无法使用。/s : /^Dear .+,.+not working\./s,
      )
      for (const service of services) expect(mail?.text).toContain(service)
      // Plain words: neither object identifiers nor the names of our boxes.
      expect(`${mail?.subject} ${mail?.text}`).not.toMatch(
        /\d+\.\d+\.\d+\.\d+|\b(agg|acc|core|bld)\d|SNMP|ICMP/i,
      )
    }
  })

  it('matches the one report with its reasons, and sees no fault behind the other', async () => {
    const [matched, other] = await eventually(
      'two reports with a measured verdict',
      async () => {
        const all = await reports()
        return all.length >= 2 && all.every(({ evidence }) => evidence.state === 'measured') && all
      },
      left(),
    )
    const incident = await incidentOfTheCut()
    expect(matched).toMatchObject({ service: serviceOf('wang.xiaoming'), verdict: 'matched' })
    expect(matched?.matches[0]).toMatchObject({ incident: incident?.id, state: 'linked' })
    expect(matched?.matches[0]?.reasons.length).toBeGreaterThanOrEqual(3)
    expect(other).toMatchObject({ service: serviceOf('peter.quill'), verdict: 'no-fault-seen' })
    expect(other?.evidence).toMatchObject({ state: 'measured', good: true })
    expect(other?.evidence.coverage).toBeGreaterThanOrEqual(0.8)
    expect(other?.evidence.findings.length).toBeGreaterThan(0)
    expect(other?.matches.filter(({ state }) => state === 'linked')).toEqual([])
  })

  it('tells those and nobody else when it works again, all within two minutes', async () => {
    await eventually('a restored message for each', () => mailbox().length >= 2 * dark.length, left())
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    console.log(`the first outage was told from beginning to end ${seconds} s after the start`)
    const mails = mailbox()
    expect(to(mails.filter(isOutage))).toEqual(darkMailboxes)
    expect(to(mails.filter(isRestored))).toEqual(darkMailboxes)
    const { items } = await demo.get<NotificationPage>('/api/v1/notifications?limit=200')
    expect(new Set(items.map(({ state }) => state))).toEqual(new Set(['sent']))
    const outages = items.filter(({ kind }) => kind === 'outage')
    const answered = items.flatMap(({ answers }) => answers ?? [])
    expect(answered.sort()).toEqual(outages.map(({ id }) => id).sort())
  })

  it('has made one incident of it all, with its root cause and its times in order', async () => {
    const one = await eventually(
      'the incident to be resolved',
      async () => {
        const incident = await incidentOfTheCut()
        return incident?.state === 'resolved' && incident
      },
      left(),
    )
    expect((await incidents()).map(({ roots }) => roots.map(({ text }) => text))).toHaveLength(1)
    expect(one.roots).toMatchObject([{ kind: 'element', element: root }])
    const { onsetAt, detectedAt, firstMessageAt, firstReportAt, restoredAt, resolvedAt } = one
    const times = [onsetAt, detectedAt, firstMessageAt, firstReportAt, restoredAt, resolvedAt]
    expect(times).not.toContain(undefined)
    expect(times).toEqual(times.toSorted())
    expect(one.impact.filter(({ now }) => now !== undefined)).toEqual([])
  })

  it('stops on Ctrl-C, cleanly and in under three seconds', async () => {
    const { code, ms } = await demo.end('SIGINT')
    console.log(`the demo stopped ${Math.round(ms)} ms after Ctrl-C`)
    expect(demo.output()).not.toMatch(/error|closing /i)
    expect(code).toBe(0)
    expect(ms).toBeLessThan(3_000)
  })
})
