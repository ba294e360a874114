import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { AlarmPage } from '../../src/api/views/alarm-schemas.ts'
import type { CollectionView } from '../../src/api/views/collection-schemas.ts'
import type { ElementView, InterfaceList, TopologyView } from '../../src/api/views/network-schemas.ts'
import { type Outside, startApp } from '../../src/app.ts'
import { loadConfigText } from '../../src/config/load-config.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { eventually } from '../support/eventually.ts'
import { fastClock } from '../support/fast-clock.ts'
import { has } from '../support/requires.ts'
import { interfaces, system } from '../support/snmp-mib.ts'
import { answerFrom, startSnmpResponder, text, unsigned } from '../support/snmp-responder.ts'
import { startSnmpd } from '../support/snmpd.ts'

const run = promisify(execFile)

/** A daemon in this process that polls once a day, so that what it knows it was told to ask for. */
async function startDaemon(agentPort: number, outside: Partial<Outside> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-trap-poll-'))
  const text = stringify({
    server: { listen: '127.0.0.1:0' },
    traps: {
      listen: '127.0.0.1:0',
      communities: ['trap-word'],
      users: [{ name: 'boxes', auth: { protocol: 'sha', password: 'a long secret' } }],
    },
    poll: { snmp: { interval: '1d', timeout: '1s', retries: 1 } },
    elements: [
      {
        id: 'box',
        address: '127.0.0.1',
        icmp: false,
        snmp: { version: '2c', community: 'test', port: agentPort },
      },
    ],
  })
  const loaded = await loadConfigText(text, join(folder, 'f.yaml'), {})
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  const app = await startApp(loaded.config, { log: createLogger('silent'), ...outside })
  return {
    get: async <T>(path: string): Promise<T> => {
      const response = await fetch(new URL(path, app.url), { signal: AbortSignal.timeout(5_000) })
      if (!response.ok) throw new Error(`${path}: ${response.status}`)
      return (path === '/metrics' ? response.text() : response.json()) as Promise<T>
    },
    async pollNow() {
      const response = await fetch(new URL('/api/v1/elements/box/poll', app.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
        signal: AbortSignal.timeout(5_000),
      })
      expect(response.status).toBe(200)
    },
    [Symbol.asyncDispose]: async () => {
      expect(await app.close()).toEqual([])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

describe.skipIf(!has('snmpd', 'snmptrap'))('a trap that comes to the daemon', () => {
  it('makes its element be polled at once, and is shown', async () => {
    await using agent = await startSnmpd({ name: 'box' })
    await using daemon = await startDaemon(agent.port)
    const before = await daemon.get<CollectionView>('/api/v1/collection')
    expect(before.probes).toMatchObject([{ name: 'snmp', intervalMs: 86_400_000 }])
    expect(before.traps).toMatchObject({ host: '127.0.0.1', latest: [], refused: [], unknown: [] })
    const seenAt = async () => {
      const { items } = await daemon.get<InterfaceList>('/api/v1/elements/box/interfaces')
      return items.find((port) => port.name === 'lo')?.seenAt
    }
    const first = await eventually('the poll that every element gets at start', seenAt)

    const send = (community: string, oid: string) =>
      run('snmptrap', ['-v2c', '-c', community, `127.0.0.1:${before.traps?.port}`, '', oid], {
        env: { PATH: process.env.PATH, MIBS: '' },
      })
    await send('another', '1.3.6.1.6.3.1.1.5.3')
    await send('trap-word', '1.3.6.1.6.3.1.1.5.3')
    await eventually('another poll', async () => (await seenAt()) !== first)
    expect(await daemon.get<ElementView>('/api/v1/elements/box')).toMatchObject({ reach: 'answering' })
    const after = await daemon.get<CollectionView>('/api/v1/collection')
    expect(after.traps).toMatchObject({
      latest: [{ element: 'box', kind: 'linkDown', version: '2c', authenticated: false }],
      refused: [{ address: '127.0.0.1', why: 'wrong-community', count: 1 }],
    })
    expect(await daemon.get<string>('/metrics')).toContain(
      'faultline_traps_total{kind="linkDown",outcome="accepted"} 1',
    )
    expect((await daemon.get<TopologyView>('/api/v1/topology')).differences).toEqual([])
  })
})

const lldpChange = '1.0.8802.1.1.2.0.0.1'
const remoteSystem = '1.0.8802.1.1.2.1.4.1.1.9.500.7.1'

describe.skipIf(!has('snmptrap'))('a change of neighbours', () => {
  it('is read on the trap that tells of it and when someone asks, and a storm of traps costs nothing', async () => {
    const mib: Record<string, Buffer> = {
      ...system('box'),
      ...interfaces({ 7: { name: 'ge7', octets: 1n } }),
      '1.0.8802.1.1.2.1.4.1.1.6.500.7.1': unsigned(2, 5),
      '1.0.8802.1.1.2.1.4.1.1.7.500.7.1': text('xe-0/0/1'),
      [remoteSystem]: text('first'),
    }
    await using agent = await startSnmpResponder((request) => answerFrom(mib)(request))
    let later = 0
    const clock = fastClock(1, () => systemClock.now() + later)
    await using daemon = await startDaemon(agent.port, { clock, polling: 'here' })
    const neighbours = async () =>
      (await daemon.get<TopologyView>('/api/v1/topology')).differences.map(({ neighbour }) => neighbour)
    const readings = () =>
      agent.requests.filter(({ oids }) => oids.some((oid) => oid.startsWith('1.0.8802.1.1.2.1.4.1.1.9')))
        .length
    await eventually('the first neighbour', async () => (await neighbours()).includes('first'))

    const { traps } = await daemon.get<CollectionView>('/api/v1/collection')
    const send = () =>
      run('snmptrap', ['-v2c', '-c', 'trap-word', `127.0.0.1:${traps?.port}`, '', lldpChange], {
        env: { PATH: process.env.PATH, MIBS: '' },
      })
    mib[remoteSystem] = text('second')
    later += 31_000
    await send()
    await eventually('the second neighbour', async () => (await neighbours()).includes('second'))

    const before = readings()
    mib[remoteSystem] = text('third')
    for (let n = 0; n < 20; n++) await send()
    await daemon.pollNow()
    expect(readings()).toBe(before)
    expect(await neighbours()).toEqual(['second'])

    later += 31_000
    await daemon.pollNow()
    expect(await neighbours()).toEqual(['third'])
  })
})

describe.skipIf(!has('snmptrap'))('a linkDown', () => {
  it('that is authenticated is an alarm at once, which the poll that it starts confirms or clears', async () => {
    const status = '1.3.6.1.2.1.2.2.1.8.7'
    const mib: Record<string, Buffer> = {
      ...system('box', 123_456),
      ...interfaces({ 7: { name: 'ge7', octets: 1n } }),
    }
    await using agent = await startSnmpResponder((request) => answerFrom(mib)(request))
    await using daemon = await startDaemon(agent.port)
    const ports = async () => (await daemon.get<InterfaceList>('/api/v1/elements/box/interfaces')).items
    await eventually('the first poll', async () => (await ports()).length === 1)
    const { traps } = await daemon.get<CollectionView>('/api/v1/collection')
    const send = (upTime: string, oid: string, ...access: readonly string[]) =>
      run(
        'snmptrap',
        [
          ...access,
          `127.0.0.1:${traps?.port}`,
          upTime,
          oid,
          ...['1.3.6.1.2.1.2.2.1.1.7', 'i', '7', '1.3.6.1.2.1.2.2.1.7.7', 'i', '1', status, 'i', '2'],
        ],
        { env: { PATH: process.env.PATH, MIBS: '' } },
      )
    const v3 = ['-v3', '-e', '0x80001f8880aabbccdd01', '-u', 'boxes', '-l', 'authNoPriv']
    const signed = [...v3, '-a', 'SHA', '-A', 'a long secret', '-Z', '1,1000']
    const alarms = async (state: string) =>
      (await daemon.get<AlarmPage>(`/api/v1/alarms?state=${state}`)).items.map(({ text }) => text)
    const text = 'box[ge7] is down: told by an authenticated linkDown trap'

    // The agent itself says that the port is up.
    const polls = agent.requests.length
    await send('123500', '1.3.6.1.6.3.1.1.5.3', '-v2c', '-c', 'trap-word')
    await eventually('the poll that it starts', () => agent.requests.length > polls)
    await send('123500', '1.3.6.1.6.3.1.1.5.3', ...signed)
    await eventually('the alarm, cleared by the poll', async () => (await alarms('cleared')).length === 1)
    expect(await alarms('cleared')).toEqual([text])
    expect(await alarms('active')).toEqual([])

    mib[status] = unsigned(2, 2)
    await send('123600', '1.3.6.1.6.3.1.1.5.3', ...signed)
    await eventually('the alarm', async () => (await alarms('active')).includes(text))
    await eventually('the poll', async () => (await ports())[0]?.operStatus === 'down')
    expect(await alarms('active')).toEqual([text])
  })
})
