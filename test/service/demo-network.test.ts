import { createSocket } from 'node:dgram'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  AuthProtocols,
  createSession,
  createV3Session,
  PrivProtocols,
  SecurityLevel,
  type Session,
  type Varbind,
  Version1,
  Version2c,
} from 'net-snmp'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Probe } from '../../src/collect/probe.ts'
import { createSnmpProbe } from '../../src/collect/snmp/snmp-probe.ts'
import { createStampProbe } from '../../src/collect/stamp/stamp-probe.ts'
import { demoAccess } from '../../src/demo/snmp-agent.ts'
import { type DemoNetwork, startDemoNetwork } from '../../src/demo/start-demo.ts'
import { rowsOf } from '../../src/model/interface-table.ts'
import type { Reading } from '../../src/model/reading.ts'
import type { Target } from '../../src/model/target.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'

const log = pino({ enabled: false })
const deps = { clock: systemClock, log, metrics: createMetrics() }
/** Tag of an OCTET STRING. */
const octetString = 4
const ifXEntry = '1.3.6.1.2.1.31.1.1.1'

let directory: string
let demo: DemoNetwork
let stamp: Probe
let snmpProbe: Probe

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'faultline-demo-'))
  demo = await startDemoNetwork({ clock: systemClock, log, directory })
  stamp = await createStampProbe({ count: 10, timeoutMs: 300, spacingMs: 2 }, deps)
  snmpProbe = await createSnmpProbe({ timeoutMs: 300, retries: 0 }, deps)
})
afterAll(async () => {
  await Promise.all([stamp?.close(), snmpProbe?.close(), demo?.close()])
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => demo.network.repair())

function placeOf(element: string) {
  const place = demo.places.get(element)
  if (place === undefined) throw new Error(`no place for ${element}`)
  return place
}

function target(element: string): Target {
  const { address, snmpPort, stampPort } = placeOf(element)
  return {
    element,
    address,
    icmp: false,
    stamp: { port: stampPort, stateful: true },
    snmp: { version: '2c', community: demoAccess.community, port: snmpPort, acceptFrom: [] },
    speedOverrides: {},
  }
}

async function measure(probe: Probe, ...elements: readonly string[]): Promise<Map<string, Reading>> {
  const readings = new Map<string, Reading>()
  const deliver = (reading: Reading) => readings.set(reading.element, reading)
  const signal = AbortSignal.timeout(10_000)
  if (probe.batched) await probe.measure(elements.map(target), deliver, signal)
  else await Promise.all(elements.map((element) => probe.measure([target(element)], deliver, signal)))
  return readings
}

async function burstOf(element: string) {
  const reading = (await measure(stamp, element)).get(element)
  if (reading?.probe !== 'stamp' || reading.burst === undefined) throw new Error('no burst')
  return reading.burst
}

async function agentOf(element: string) {
  const reading = (await measure(snmpProbe, element)).get(element)
  if (reading?.probe !== 'snmp' || reading.agent === undefined) throw new Error('no agent reading')
  return reading.agent
}

const portOf = async (element: string, name: string) =>
  rowsOf((await agentOf(element)).interfaces).find(({ port }) => port.name === name)

const mean = (values: readonly (number | null)[]) => {
  const known = values.filter((value) => value !== null)
  return known.reduce((sum, value) => sum + value, 0) / known.length
}

async function withSession<T>(session: Session, use: (session: Session) => Promise<T>): Promise<T> {
  session.on('error', () => {})
  try {
    return await use(session)
  } finally {
    session.close()
  }
}

const community = (element: string): Session => {
  const { address, snmpPort } = placeOf(element)
  return createSession(address, demoAccess.community, {
    port: snmpPort,
    version: Version2c,
    timeout: 1_000,
    retries: 0,
  })
}

const bulk = (session: Session, oids: string[], nonRepeaters: number, repetitions: number) =>
  new Promise<(Varbind | Varbind[])[]>((resolve, reject) =>
    session.getBulk(oids, nonRepeaters, repetitions, (error, columns) =>
      error ? reject(error) : resolve(columns ?? []),
    ),
  )

const get = (session: Session, ...oids: string[]) =>
  new Promise<Varbind[]>((resolve, reject) =>
    session.get(oids, (error, variables) => (error ? reject(error) : resolve(variables ?? []))),
  )

const set = (session: Session, variables: { oid: string; type: number; value: string }[]) =>
  new Promise((resolve, reject) =>
    Reflect.apply(Reflect.get(session, 'set'), session, [
      variables,
      (error: Error | null, answered: unknown) => (error ? reject(error) : resolve(answered)),
    ]),
  )

describe('an element of the demo network, asked by a net-snmp manager', () => {
  it('answers ten columns of five rows in one GETBULK, and the walk ends', async () => {
    const columns = [1, 6, 7, 10, 11, 15, 16, 17, 18, 19].map((column) => `${ifXEntry}.${column}`)
    const rows = await withSession(community('agg1'), (session) => bulk(session, columns, 0, 6))
    expect(rows).toHaveLength(10)
    const names = rows[0]
    expect(Array.isArray(names) && names.map(({ value }) => String(value))).toEqual([
      'to-core1',
      'to-agg2',
      'to-acc1',
      'to-acc2',
      'to-acc3',
      'spare',
    ])
    const end = await withSession(community('agg1'), (session) =>
      bulk(session, ['1.3.6.1.6.3.10.2.1.3.0'], 0, 3),
    )
    expect(end[0]).toEqual([expect.objectContaining({ type: 130 })])
  })

  it('has 64-bit counters past 32 bits that move', async () => {
    const before = (await portOf('agg1', 'to-acc3'))?.counters
    const after = (await portOf('agg1', 'to-acc3'))?.counters
    expect(before).toMatchObject({ width: 64 })
    expect(before?.outOctets).toBeGreaterThan(2n ** 40n)
    expect(after?.outOctets).toBeGreaterThan(before?.outOctets ?? 0n)
  })

  it('tells its name, its ports with their aliases, and a port that is switched off', async () => {
    const { system, interfaces } = await agentOf('acc2')
    expect(system.name).toBe('acc2')
    const alias = (name: string) => [...interfaces.ports].find((port) => port.name === name)
    expect(alias('pon1')).toMatchObject({ alias: 'PON 1: 钟楼街, 书院巷', operStatus: 'up' })
    expect(alias('pon2')).toMatchObject({ alias: 'PON 2: Market Square, "the arcade"' })
    expect(alias('to-agg1')).toMatchObject({ speedBps: 200_000_000 })
    expect(alias('spare')).toMatchObject({ adminStatus: 'down', operStatus: 'down' })
  })

  it('tells its neighbours by LLDP as the plan has them', async () => {
    expect((await agentOf('agg2')).neighbours).toEqual(
      ['core1', 'agg1', 'acc1', 'acc4'].map((remote) => ({
        localPort: `to-${remote}`,
        remoteSystem: remote,
        remotePort: 'to-agg2',
      })),
    )
  })

  it('answers SNMPv1 with its error status, and refuses to be written to', async () => {
    const { address, snmpPort } = placeOf('acc1')
    const first = createSession(address, demoAccess.community, {
      port: snmpPort,
      version: Version1,
      retries: 0,
    })
    await expect(withSession(first, (session) => get(session, '1.3.6.1.9.9.9.0'))).rejects.toThrow(
      'NoSuchName',
    )
    const descr = '1.3.6.1.2.1.1.1.0'
    const written = [{ oid: descr, type: octetString, value: 'mine' }]
    await expect(withSession(community('acc1'), (session) => set(session, written))).rejects.toThrow(
      'NotWritable',
    )
    const [kept] = await withSession(community('acc1'), (session) => get(session, descr))
    expect(String(kept?.value)).toContain('simulated access element')
  })

  it('goes on after packets that are no SNMP', async () => {
    const { address, snmpPort, stampPort } = placeOf('acc1')
    const socket = createSocket('udp4')
    const truncated = Buffer.from('3026020101040464656d6fa01b02010102010002010030103', 'hex')
    for (const packet of [
      Buffer.alloc(0),
      Buffer.alloc(1_400, 0xff),
      Buffer.from('30820000', 'hex'),
      truncated,
    ])
      for (const port of [snmpPort, stampPort])
        await new Promise((resolve) => socket.send(packet, port, address, resolve))
    socket.close()
    expect((await agentOf('acc1')).system.name).toBe('acc1')
    expect((await burstOf('acc1')).rttsMs).not.toContain(null)
  })

  it('answers SNMPv3 with authentication and privacy, and nobody else', async () => {
    const { address, snmpPort } = placeOf('core1')
    const user = (authKey: string) => ({
      name: demoAccess.user,
      level: SecurityLevel.authPriv,
      authProtocol: AuthProtocols.sha256,
      authKey,
      privProtocol: PrivProtocols.aes,
      privKey: demoAccess.privPassword,
    })
    const options = { port: snmpPort, timeout: 300, retries: 0 }
    const sysName = '1.3.6.1.2.1.1.5.0'
    const good = createV3Session(address, user(demoAccess.authPassword), options)
    expect(String((await withSession(good, (session) => get(session, sysName)))[0]?.value)).toBe('core1')
    const wrongUser = createV3Session(address, user('another-password'), options)
    await expect(withSession(wrongUser, (session) => get(session, sysName))).rejects.toThrow()
    const wrongCommunity = createSession(address, 'public', { ...options, version: Version2c })
    await expect(withSession(wrongCommunity, (session) => get(session, sysName))).rejects.toThrow()
  })
})

describe('the demo network', () => {
  it('silences exactly the subtree of an element that is cut, and brings it back as restarted', async () => {
    const all = [...demo.places.keys()]
    const behind = ['agg1', 'acc2', 'acc3', 'bld1', 'cpe-clinic', 'cpe-hotel']
    const upTimeBefore = (await agentOf('agg1')).system.upTimeTicks
    demo.network.cut('agg1')
    for (const probe of [stamp, snmpProbe]) {
      const readings = await measure(probe, ...all)
      expect(all.filter((element) => readings.get(element)?.outcome !== 'answered')).toEqual(behind)
    }
    expect((await portOf('core1', 'to-agg1'))?.port).toMatchObject({ adminStatus: 'up', operStatus: 'down' })
    expect((await portOf('core1', 'to-agg2'))?.port).toMatchObject({ operStatus: 'up' })

    demo.network.repair('agg1')
    for (const probe of [stamp, snmpProbe]) {
      const readings = await measure(probe, ...all)
      expect(all.filter((element) => readings.get(element)?.outcome !== 'answered')).toEqual([])
    }
    expect((await portOf('core1', 'to-agg1'))?.port).toMatchObject({ operStatus: 'up' })
    const restarted = await agentOf('agg1')
    expect(restarted.system.upTimeTicks).toBeLessThan(upTimeBefore)
    expect(restarted.system.engineBoots).toBe(2)
    expect((await agentOf('acc2')).system.upTimeTicks).toBeGreaterThan(upTimeBefore)
  })

  it('keeps everything answering when the ring is cut, and both ports of that link go down', async () => {
    demo.network.cutLink('core1', 'agg2')
    const readings = await measure(stamp, ...demo.places.keys())
    expect([...readings.values()].filter(({ outcome }) => outcome !== 'answered')).toEqual([])
    expect((await portOf('core1', 'to-agg2'))?.port).toMatchObject({ operStatus: 'down' })
    expect((await portOf('agg2', 'to-core1'))?.port).toMatchObject({ operStatus: 'down' })
  })

  it('shows a few milliseconds by hop, and congestion as delay beyond the full link only', async () => {
    const clean = mean((await burstOf('acc3')).rttsMs)
    expect(clean).toBeGreaterThan(2)
    expect(clean).toBeLessThan(40)
    demo.network.congestion('agg1', 'acc3')
    expect(mean((await burstOf('bld1')).rttsMs)).toBeGreaterThan(130)
    expect(mean((await burstOf('acc2')).rttsMs)).toBeLessThan(100)
  })

  it('loses packets beyond a lossy link, on the way there', async () => {
    demo.network.loss(['agg2', 'acc4'], 1)
    expect((await measure(stamp, 'cpe-mill')).get('cpe-mill')?.outcome).toBe('timeout')
    demo.network.loss(['agg2', 'acc4'], 0.5)
    const bursts = await Promise.all([1, 2, 3, 4].map(() => burstOf('acc4')))
    const sum = (of: (burst: (typeof bursts)[number]) => number) =>
      bursts.reduce((all, burst) => all + of(burst), 0)
    const lost = sum(({ rttsMs }) => rttsMs.filter((rtt) => rtt === null).length)
    // 40 packets at one in two: outside 6 to 34 once in a million runs.
    expect(lost).toBeGreaterThan(5)
    expect(lost).toBeLessThan(35)
    expect(sum(({ lostBackward }) => lostBackward ?? 0)).toBe(0)
    expect((await burstOf('acc1')).rttsMs).not.toContain(null)
  })

  it('gives a configuration with forty customers and no ICMP, and removes what an earlier demo left', async () => {
    expect(demo.config.customers).toHaveLength(40)
    expect(demo.config.services.length).toBeGreaterThan(40)
    expect(demo.config.elements.every(({ icmp }) => icmp === false)).toBe(true)
    expect(demo.config.auth.tokens).toBe(false)
    expect(demo.config.detection.rules.length).toBeGreaterThan(4)
    await writeFile(join(directory, 'state.db'), 'old')
    const second = await startDemoNetwork({ clock: systemClock, log, directory })
    try {
      expect(await readdir(directory)).toEqual(['demo.yaml', 'state.db.lock'])
      expect(second.places.get('acc1')).not.toEqual(demo.places.get('acc1'))
    } finally {
      await second.close()
    }
  })

  it('manages with one address where there are no others', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'faultline-demo-'))
    const single = await startDemoNetwork({ clock: systemClock, log, directory: elsewhere, oneAddress: true })
    try {
      const places = [...single.places.values()]
      expect(new Set(places.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']))
      expect(new Set(places.flatMap(({ snmpPort, stampPort }) => [snmpPort, stampPort])).size).toBe(24)
    } finally {
      await single.close()
      await rm(elsewhere, { recursive: true })
    }
  })

  it('posts reports as the desk would, and closes within a second in the middle of its story', async () => {
    const bodies: string[] = []
    const server = createServer(async (request, response) => {
      bodies.push(`${request.method} ${request.url} ${await text(request)}`)
      response.writeHead(201).end('{}')
    }).listen(0, '127.0.0.1')
    const arrived = new Promise((resolve) =>
      server.once('request', (_, response) => response.once('close', resolve)),
    )
    const story = [
      { afterMs: 0, does: 'report', service: 's-101-1', symptom: 'slow', channel: 'web', description: '慢' },
      { afterMs: 60_000, does: 'repair' },
    ] as const
    const other = await startDemoNetwork({ clock: systemClock, log, directory, story })
    await new Promise((resolve) => (server.listening ? resolve(0) : server.once('listening', resolve)))
    const { port } = server.address() as AddressInfo
    other.startStory(`http://127.0.0.1:${port}`)
    await arrived
    const closingAt = performance.now()
    await other.close()
    expect(performance.now() - closingAt).toBeLessThan(1_000)
    server.close()
    expect(bodies).toEqual([
      'POST /api/v1/fault-reports {"kind":"fault","service":"s-101-1","symptom":"slow","description":"慢","channel":"web","externalId":"demo-1-1"}',
    ])
  })
})
