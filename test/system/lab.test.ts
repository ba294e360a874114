import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { AlarmPage } from '../../src/api/views/alarm-schemas.ts'
import type { FaultReportView } from '../../src/api/views/fault-report-schemas.ts'
import type { IncidentDetail, IncidentPage } from '../../src/api/views/incident-schemas.ts'
import type { LinkList } from '../../src/api/views/network-schemas.ts'
import type { NotificationPage } from '../../src/api/views/notification-schemas.ts'
import type { ElementPage } from '../../src/api/views.ts'
import { eventually } from '../support/eventually.ts'
import { addressOf, type Lab, type LabNode, labSecrets, startLab } from '../support/lab.ts'
import { labConfig } from '../support/lab-config.ts'
import { type LabDaemon, startLabDaemon } from '../support/lab-daemon.ts'
import { has, isLinuxRoot } from '../support/requires.ts'

const possible = isLinuxRoot && has('influxd', 'snmpd', 'lldpd', 'fping', 'ip', 'tc', 'nft')
if (!possible)
  console.warn(
    '*** The laboratory of network namespaces is LEFT OUT: it needs root on Linux and its programs.',
  )

let lab: Lab
let daemon: LabDaemon

const openIncidents = async () =>
  (await daemon.get<IncidentPage>('/api/v1/incidents?limit=50')).items.filter(isOpen)
const isOpen = (one: { state: string }) => one.state !== 'resolved' && one.state !== 'closed'
const alarms = async () => (await daemon.get<AlarmPage>('/api/v1/alarms?state=active&limit=100')).items
const messages = async () => (await daemon.get<NotificationPage>('/api/v1/notifications?limit=100')).items

/** The one open incident that fits, whole. */
const incident = (what: string, fits: (one: IncidentDetail) => boolean) =>
  eventually(
    `an incident: ${what}`,
    async () => {
      for (const { id } of await openIncidents()) {
        const one = await daemon.get<IncidentDetail>(`/api/v1/incidents/${id}`)
        if (fits(one)) return one
      }
      return undefined
    },
    40_000,
  )
const over = (id: string) =>
  eventually(
    `${id} is over`,
    async () => {
      const one = await daemon.get<IncidentDetail>(`/api/v1/incidents/${id}`)
      return isOpen(one) ? false : one
    },
    40_000,
  )
const allQuiet = () =>
  eventually(
    'no alarm and no open incident',
    async () => {
      const left = [...(await alarms()), ...(await openIncidents())]
      if (left.length > 0) throw new Error(JSON.stringify(left))
      return true
    },
    60_000,
  )
const report = (service: string, symptom: string) =>
  daemon.post<FaultReportView>('/api/v1/fault-reports?wait=3s', {
    kind: 'fault',
    service,
    symptom,
    description: 'it does not work',
    channel: 'phone',
  })

const hit = (one: IncidentDetail, state: string) =>
  one.impact
    .filter((row) => row.now === state)
    .map((row) => row.service)
    .sort()

/** Waits until exactly these services' customers have the message about this incident, and gives the .eml texts. */
const told = (id: string, kind: 'outage' | 'restored', services: readonly string[]) =>
  eventually(
    `${kind} messages about ${services.join(', ')}`,
    async () => {
      const rows = (await messages()).filter(
        (row) => row.incident === id && row.kind === kind && row.state === 'sent',
      )
      const reached = rows.flatMap((row) => row.services).sort()
      return reached.join() === [...services].sort().join() ? rows : undefined
    },
    40_000,
  )

describe.skipIf(!possible)('in the laboratory', () => {
  beforeAll(async () => {
    lab = await startLab()
    const [ip, ...rest] = lab.in('nms')
    // The daemon reads neighbours at its start and then every five minutes.
    const seen = { acc3: ['cpe31', 'agg2'], agg1: ['agg2', 'core1'], agg2: ['agg1', 'core1'] } as const
    for (const [node, neighbours] of Object.entries(seen)) {
      const walk = [
        'snmpwalk',
        '-v2c',
        '-c',
        labSecrets.community,
        '-Onq',
        addressOf(node as keyof typeof seen),
        '1.0.8802.1.1.2.1.4.1.1.9',
      ]
      await eventually(
        `LLDP neighbours in the agent of ${node}`,
        () =>
          new Promise<boolean>((answer) => {
            let text = ''
            const child = spawn(ip ?? 'ip', [...rest, ...walk])
            child.stdout.on('data', (chunk) => {
              text += chunk
            })
            child.on('exit', () => answer(neighbours.every((neighbour) => text.includes(neighbour))))
          }),
        30_000,
      )
    }
    daemon = await startLabDaemon(lab, 'nms', labConfig)
  })

  afterAll(async () => {
    const exitCode = await daemon?.stop()
    await daemon?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
    expect(exitCode).toBe(0)
  })

  /** How to undo what a test did to the network: a test that fails must not fail the next one. */
  const repairs: (() => Promise<void> | void)[] = []
  const repair = async () => {
    for (const mend of repairs.splice(0)) await mend()
  }
  afterEach(async () => {
    await repair()
    await allQuiet()
  })

  it('polls every element by ICMP and SNMP, learns the links by LLDP, and stores in InfluxDB', async () => {
    await eventually('every element answers', async () => {
      const { items } = await daemon.get<ElementPage>('/api/v1/elements?limit=100')
      return items.filter((one) => one.reach === 'answering').length >= 10
    })
    await eventually('all links with their ports, by LLDP', async () => {
      const { items } = await daemon.get<LinkList>('/api/v1/links')
      const withoutVantage = items.filter((link) => link.a.element !== 'nms' && link.b.element !== 'nms')
      const known = withoutVantage.every((link) => link.a.interface && link.b.interface)
      return known && withoutVantage.length === 10
    })
    const differences = await eventually('what LLDP shows and nobody declared', async () => {
      const topology = await daemon.get<{ differences: readonly object[] }>('/api/v1/topology')
      return topology.differences.length > 0 && topology.differences
    })
    expect(differences).toMatchObject([
      {
        kind: 'undeclaredLink',
        a: { element: 'agg1', interface: 'to-agg2' },
        b: { element: 'agg2', interface: 'to-agg1' },
      },
    ])
    for (const query of [
      'SELECT rtt_avg_ms FROM icmp',
      'SELECT in_bps FROM "interface"',
      'SELECT uptime_s FROM element',
    ]) {
      await eventually(query, async () => (await daemon.influx(`${query} LIMIT 1`)).includes('"values"'))
    }
    expect(await openIncidents()).toEqual([])
  })

  it('puts loss on the uplink of the nearest element that suffers, and tells those behind it', async () => {
    repairs.push(() => lab.heal('acc1', 'agg1'))
    await lab.loss('acc1', 'agg1', 0.4)
    const one = await incident(
      'loss at acc1',
      (found) =>
        found.kind === 'degradation' &&
        found.roots.map(({ kind, element }) => `${kind} ${element}`).join() === 'elementOrUplink acc1' &&
        hit(found, 'degraded').join() === 's-11,s-12',
    )
    expect((await alarms()).map((alarm) => alarm.type)).toContain('packet-loss')

    const answer = await report('s-12', 'slow')
    expect(answer).toMatchObject({ verdict: 'matched', matches: [{ incident: one.id, state: 'linked' }] })
    expect(answer.matches[0]?.reasons.length).toBeGreaterThanOrEqual(3)

    const rows = await told(one.id, 'outage', ['s-11', 's-12'])
    expect(rows).toHaveLength(2)
    await repair()
    await over(one.id)
    await told(one.id, 'restored', ['s-11', 's-12'])
  })

  it('says of a cut access link what is known, shadows what lies behind it, and pairs outage with restored', async () => {
    repairs.push(() => lab.mendLink('agg1', 'acc2'))
    await lab.cutLink('agg1', 'acc2')
    const one = await incident(
      'acc2 is cut off',
      (found) => found.kind === 'outage' && hit(found, 'down').length > 0,
    )
    expect(one.roots).toHaveLength(1)
    expect(one.roots[0]).toMatchObject({ kind: 'elementOrUplink', element: 'acc2' })
    expect(one.shadowed).toEqual(['cpe21'])
    expect(hit(one, 'down')).toEqual(['s-21'])
    expect(one.explanation.length).toBeGreaterThan(0)
    expect(one.detectedAt >= one.onsetAt).toBe(true)
    await eventually('both alarms', async () => {
      const types = new Set((await alarms()).map((alarm) => `${alarm.type} ${alarm.element}`))
      return types.has('unreachable acc2') && types.has('unreachable cpe21')
    })

    expect(await report('s-21', 'no-service')).toMatchObject({
      verdict: 'matched',
      matches: [{ incident: one.id, state: 'linked' }],
    })
    // A neighbour on another branch is measured, and is well.
    expect(await report('s-31', 'slow')).toMatchObject({
      verdict: 'no-fault-seen',
      evidence: { state: 'measured' },
    })

    await told(one.id, 'outage', ['s-21'])
    await repair()
    const ended = await over(one.id)
    await told(one.id, 'restored', ['s-21'])
    expect(ended.restoredAt && ended.firstReportAt && ended.firstMessageAt).toBeTruthy()
    expect((await daemon.get<IncidentDetail>(`/api/v1/incidents/${one.id}`)).reports).toHaveLength(1)
  })

  it('calls a ring with one cut at risk, and tells nobody', async () => {
    const before = (await messages()).length
    repairs.push(() => lab.mendLink('core1', 'agg2'))
    await lab.cutLink('core1', 'agg2')
    const one = await incident('the ring is cut', (found) => found.kind === 'redundancy')
    expect(one.roots[0]).toMatchObject({ kind: 'link' })
    expect(one.roots[0]?.links).toEqual(['agg2[to-core1]--core1[to-agg2]'])
    expect(hit(one, 'atRisk')).toContain('s-31')
    expect(hit(one, 'down')).toEqual([])
    expect(await report('s-31', 'no-service')).not.toMatchObject({ verdict: 'matched' })
    await repair()
    await over(one.id)
    expect(await messages()).toHaveLength(before)
  })

  it('tells a dead agent from a dead element', async () => {
    const before = (await messages()).length
    repairs.push(() => lab.startAgent('acc3'))
    await lab.killAgent('acc3')
    const one = await incident('the agent of acc3', (found) => found.kind === 'agent')
    expect(one.roots).toMatchObject([{ kind: 'element', element: 'acc3' }])
    expect(one.impact).toEqual([])
    expect((await alarms()).map((alarm) => `${alarm.type} ${alarm.element}`)).toContain('agent-silent acc3')
    // Its path answers, and so does what lies behind it.
    expect((await report('s-31', 'slow')).verdict).toBe('no-fault-seen')
    await repair()
    await over(one.id)
    expect(await messages()).toHaveLength(before)
  })

  it('sees a customer line that is full, and the delay that it makes', async () => {
    // 2 Mbit/s of line and 2.6 Mbit/s of load: the queue of 30,000 bytes is full, 120 ms long, and overflows.
    repairs.push(() => lab.heal('acc1', 'cpe11'))
    await lab.rate('acc1', 'cpe11', 2_000)
    const blast = lab.spawn('core1', process.execPath, [
      join(import.meta.dirname, '../support/udp-load.mjs'),
      addressOf('cpe11'),
      '2600',
      '110',
    ])
    repairs.push(() => void blast.kill('SIGKILL'))
    const one = await incident(
      'congestion at cpe11',
      (found) => found.kind === 'degradation' && hit(found, 'degraded').join() === 's-11',
    )
    const types = await eventually(
      'utilisation and latency or loss',
      async () => {
        const found = new Set((await alarms()).map((alarm) => alarm.type))
        return (
          found.has('high-utilisation') && (found.has('high-latency') || found.has('packet-loss')) && found
        )
      },
      50_000,
    )
    expect(types.has('unreachable')).toBe(false)
    expect(await report('s-11', 'slow')).toMatchObject({ verdict: 'matched' })
    await told(one.id, 'outage', ['s-11'])
    await repair()
    await over(one.id)
    await told(one.id, 'restored', ['s-11'])
  })

  it('names the element that both its neighbours lost, and not one of its links', async () => {
    for (const neighbour of ['core1', 'agg1'] as const) {
      repairs.push(() => lab.mendLink(neighbour, 'agg2'))
      await lab.cutLink(neighbour, 'agg2')
    }
    const one = await incident(
      'agg2 is dead',
      (found) => found.kind === 'outage' && hit(found, 'down').length > 0,
    )
    expect(one.roots).toMatchObject([{ kind: 'element', element: 'agg2' }])
    expect(one.shadowed).toEqual(['acc3', 'cpe31'])
    expect(hit(one, 'down')).toEqual(['s-31'])
    await repair()
    await over(one.id)
  })

  it('has two incidents of two faults in different places, and one is over before the other', async () => {
    repairs.push(() => lab.mendLink('agg2', 'acc3'))
    await lab.cutLink('agg1', 'acc2')
    const mendFirst = () => lab.mendLink('agg1', 'acc2')
    repairs.push(mendFirst)
    await lab.cutLink('agg2', 'acc3')
    const rootedAt = (element: string) =>
      incident(
        `${element} is cut off`,
        ({ kind, roots }) => kind === 'outage' && roots.map((root) => root.element).join() === element,
      )
    const [first, second] = [await rootedAt('acc2'), await rootedAt('acc3')]
    expect(first.shadowed).toEqual(['cpe21'])
    expect(second.shadowed).toEqual(['cpe31'])
    await mendFirst()
    await over(first.id)
    expect((await openIncidents()).map(({ id }) => id)).toEqual([second.id])
    await repair()
    await over(second.id)
  })

  it('calls no outage what neither echo nor agent answers while those behind it do', async () => {
    const before = (await messages()).length
    const nft = async (...words: readonly string[]) => {
      const done = once(lab.spawn('acc1', 'nft', words), 'exit')
      expect(await done).toEqual([0, null])
    }
    repairs.push(
      () => nft('delete', 'table', 'inet', 'filter-echo'),
      () => lab.startAgent('acc1'),
    )
    await nft('add', 'table', 'inet', 'filter-echo')
    await nft('add chain inet filter-echo input { type filter hook input priority 0; }')
    await nft('add rule inet filter-echo input icmp type echo-request drop')
    await lab.killAgent('acc1')
    const one = await incident(
      'acc1 is silent and forwards',
      (found) => found.kind === 'agent' && found.explanation.some((line) => line.includes('it forwards')),
    )
    expect(one.roots).toMatchObject([{ kind: 'element', element: 'acc1' }])
    expect(one.impact).toEqual([])
    expect((await openIncidents()).map(({ id }) => id)).toEqual([one.id])
    await repair()
    await over(one.id)
    expect(await messages()).toHaveLength(before)
  })

  it('is blind when nothing comes through its own way out, and tells nobody', async () => {
    const before = (await messages()).length
    repairs.push(() => lab.heal('core1', 'nms'))
    await lab.loss('core1', 'nms', 1)
    const one = await incident('we are blind', (found) => found.kind === 'blind')
    expect(one.roots).toMatchObject([{ kind: 'elementOrUplink', element: 'nms' }])
    expect(one.impact).toEqual([])
    expect((await openIncidents()).map(({ id }) => id)).toEqual([one.id])
    await repair()
    await over(one.id)
    expect(await messages()).toHaveLength(before)
  })

  it('is blind when its own port is down and nothing can be sent, and sees again when it is up', async () => {
    const before = (await messages()).length
    repairs.push(() => lab.mendLink('nms', 'core1'))
    await lab.cutLink('nms', 'core1')
    const one = await incident('we cannot send', (found) => found.kind === 'blind')
    expect(one.roots).toMatchObject([{ kind: 'elementOrUplink', element: 'nms' }])
    expect(one.explanation.join(' ')).toMatch(/^nms cannot send a single packet .*unreachable/i)
    expect(one.impact).toEqual([])
    expect(one.shadowed).toHaveLength(10)
    await eventually('an alarm about ourselves', async () =>
      (await alarms()).some(({ type, text }) => type === 'cannot-send' && text.includes('10 of 10 elements')),
    )
    expect((await openIncidents()).map(({ id }) => id)).toEqual([one.id])
    expect((await alarms()).map(({ type }) => type)).not.toContain('unreachable')
    await repair()
    const ended = await over(one.id)
    expect(ended.restoredAt).toBeTruthy()
    const all = (await daemon.get<IncidentPage>('/api/v1/incidents?limit=100')).items
    // An agent may tell for a moment what it remembers of its port towards us; nothing was ever out of order behind it.
    const outages = all.filter(
      ({ detectedAt, kind }) => detectedAt > one.detectedAt && kind !== 'degradation',
    )
    expect(outages).toEqual([])
    expect(await messages()).toHaveLength(before)
  })

  it('brings a name with markup to the customer as text', () => {
    const mail = daemon.mailbox().find((text) => text.includes('c-markup@example.net')) ?? ''
    expect(mail).not.toBe('')
    // The quoted name in the To header and the plain text are text anyway; in HTML it must be escaped.
    const html = mail.slice(mail.indexOf('Content-Type: text/html'))
    expect(html).toContain('&lt;script&gt;')
    expect(html).not.toContain('<script')
  })

  it('wrote each change of an alarm and of an incident where Grafana can show it', async () => {
    expect(await daemon.influx('SELECT * FROM alarm')).toContain('packet-loss')
    expect(await daemon.influx('SELECT * FROM incident')).toContain('acc2')
  })

  it.for(['acc1', 'agg1'] as const satisfies readonly LabNode[])('never logged a secret of %s', () => {
    const log = daemon.log.join('')
    expect(log.length).toBeGreaterThan(0)
    for (const secret of Object.values(labSecrets)) expect(log).not.toContain(secret)
  })
})
