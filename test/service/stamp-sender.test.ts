import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SeenEcho, SeenStamp } from '../../src/collect/burst-watch.ts'
import type { Probe } from '../../src/collect/probe.ts'
import {
  createStampProbe,
  type StampDeps,
  type StampProbeSettings,
} from '../../src/collect/stamp/stamp-probe.ts'
import type { Reading } from '../../src/model/reading.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { type OwnNetworks, openOwnNetworks } from '../support/own-network.ts'
import { has, isLinuxRoot } from '../support/requires.ts'

const settings = { count: 5, timeoutMs: 800, spacingMs: 20 }
const reflector = resolve(import.meta.dirname, '../support/stamp-reflector.py')
const log = pino({ enabled: false })

let networks: OwnNetworks
beforeAll(async () => {
  networks = await openOwnNetworks()
})
afterAll(() => networks[Symbol.asyncDispose]())

const probes: Probe[] = []
const reflectors: number[] = []
afterEach(async () => {
  for (const probe of probes.splice(0)) await probe.close()
  for (const pid of reflectors.splice(0)) process.kill(pid)
})

type StampReading = Extract<Reading, { probe: 'icmp' | 'stamp' }>

async function open(special: Partial<StampProbeSettings>, deps: Partial<StampDeps> = {}): Promise<Probe> {
  const metrics = createMetrics()
  const probe = await createStampProbe(
    { ...settings, ...special },
    { clock: systemClock, log, metrics, ...deps },
  )
  probes.push(probe)
  return probe
}

/** A probe whose sender runs in a network that these commands make, beside a reflector with these options. */
async function probeIn(
  { options = '', address = '127.0.0.1', commands = [] as readonly string[] },
  special: Partial<StampProbeSettings> = {},
  deps: Partial<StampDeps> = {},
) {
  const name = `perl-${Date.now()}-${probes.length}`
  const file = (what: string) => join(networks.folder, `${name}-${what}`)
  const perl = await networks.wrap(
    name,
    'perl',
    ...commands,
    `python3 ${reflector} ${address} ${options} > ${file('port')} < /dev/null 2> /dev/null &`,
    `echo $! > ${file('reflector')}`,
    `until [ -s ${file('port')} ]; do sleep 0.01; done`,
  )
  const probe = await open({ engine: 'socket', ...special }, { perl, ...deps })
  expect(probe.engine).toMatch(/^own sender/)
  const numberIn = async (what: string) => Number(await readFile(file(what), 'utf8'))
  reflectors.push(await numberIn('reflector'))
  return { probe, port: await numberIn('port') }
}

async function measure(probe: Probe, aims: readonly { address: string; port: number; stateful?: boolean }[]) {
  const readings: StampReading[] = []
  const targets = aims.map(({ address, port, stateful = false }, i) => ({
    element: String(i),
    address,
    icmp: false,
    stamp: { port, stateful },
    speedOverrides: {},
  }))
  await probe.measure(
    targets,
    (reading) => {
      if (reading.probe === 'stamp') readings.push(reading)
    },
    AbortSignal.timeout(20_000),
  )
  return readings.toSorted((one, other) => Number(one.element) - Number(other.element))
}

/** A reflector outside of any network of ours, which outlives senders. */
async function startReflectorProgram(...options: readonly string[]) {
  const child = spawn('python3', [reflector, '127.0.0.1', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout), 'line')
  return {
    port: Number(line),
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}

/** The one sender that this process runs. */
function senderPid(): number {
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
  const senders = children.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'perl\n')
  expect(senders).toHaveLength(1)
  return Number(senders[0])
}

const rtt = expect.any(Number)

describe.skipIf(!isLinuxRoot || !has('perl', 'python3', 'nft'))('the STAMP sender', () => {
  it.for([
    ['127.0.0.1', 'ip'],
    ['::1', 'ip6'],
  ] as const)(
    'marks its packets with the code point that was asked for, to %s',
    async ([address, family]) => {
      // The answers come from below the ephemeral ports, and are not marked.
      const commands = [
        'echo "40000 60999" > /proc/sys/net/ipv4/ip_local_port_range',
        'nft add table inet f',
        'nft add chain inet f out "{ type filter hook output priority 0; }"',
        `nft add rule inet f out udp dport 861 ${family} dscp != ef drop`,
      ]
      const options = '--port 861'
      const right = await probeIn({ address, options, commands }, { dscp: 46 })
      expect(right.probe.engine).toMatch(/, DSCP 46$/)
      expect(await measure(right.probe, [{ address, port: 861 }])).toMatchObject([{ outcome: 'answered' }])
      const wrong = await probeIn({ address, options, commands }, { dscp: 0 })
      expect(await measure(wrong.probe, [{ address, port: 861 }])).toMatchObject([{ outcome: 'notSent' }])
    },
  )

  it('does not tell as lost what had no room on the way out', async () => {
    const commands = [
      'ip addr add ::2/128 dev lo nodad',
      'tc qdisc replace dev lo root tbf rate 8kbit burst 300 limit 100',
    ]
    const { probe } = await probeIn({ commands }, { timeoutMs: 50 })
    // The first takes the room. They have no reflector, and the kernel says so of what did get there.
    const aims = ['127.0.0.1', '127.0.0.2', '::1', '::2'].map((address) => ({ address, port: 9 }))
    const problems = (await measure(probe, aims)).map(({ problem }) => problem)
    expect(
      problems.filter((problem) => problem === 'no buffer space available').length,
    ).toBeGreaterThanOrEqual(2)
  })

  it('is not misled by what the network says of other packets', async () => {
    const { probe, port } = await probeIn({}, { count: 1, spacingMs: 2_500, timeoutMs: 1_000 })
    // Each packet to the others is answered by "port unreachable", which the kernel tells at the next call;
    // that goes on for longer than answers are waited for.
    const closed = (net: number) =>
      Array.from({ length: 1_000 }, (_, i) => ({ address: `127.${net}.${i >> 8}.${i & 255}`, port: 9 }))
    const open = Array.from({ length: 20 }, () => ({ address: '127.0.0.1', port }))
    const readings = await measure(probe, [...closed(1), ...open, ...closed(2)])
    const silent = { outcome: 'timeout', burst: { sent: 1, rttsMs: [null] } }
    for (const reading of [...readings.slice(0, 1_000), ...readings.slice(1_020)])
      expect(reading).toMatchObject(silent)
    for (const { burst } of readings.slice(1_000, 1_020)) expect(burst?.rttsMs).toEqual([rtt])
  })

  it('is replaced when it is killed, and no way of loss is told across that', async () => {
    await using reflector = await startReflectorProgram(
      '--stateful',
      '--drop-forward',
      '4,5',
      '--drop-backward',
      '7',
    )
    const probe = await open({ engine: 'socket' })
    const aims = [{ address: '127.0.0.1', port: reflector.port, stateful: true }]
    // The last packet, number 4, is lost on its way there, and so is the one that was to find out.
    const first = await measure(probe, aims)
    expect(first[0]?.burst?.rttsMs).toEqual([rtt, rtt, rtt, rtt, null])
    expect(first[0]?.burst).not.toHaveProperty('lostForward')
    const pid = senderPid()
    process.kill(pid, 'SIGKILL')
    // To another port the reflector counts from 0 again, so the burst before says nothing.
    const second = await measure(probe, aims)
    expect(second[0]?.burst).toMatchObject({
      rttsMs: [rtt, null, rtt, rtt, rtt],
      lostForward: 0,
      lostBackward: 1,
    })
    expect(senderPid()).not.toBe(pid)
  })

  it('tells no ways where two elements have one reflector: their packets mix', async () => {
    await using reflector = await startReflectorProgram('--stateful', '--drop-forward', '2,5')
    const probe = await open({ engine: 'socket' })
    const aim = { address: '127.0.0.1', port: reflector.port, stateful: true }
    const readings = await measure(probe, [aim, aim])
    const rtts = readings.flatMap(({ burst }) => burst?.rttsMs ?? [])
    expect(rtts.filter((one) => one === null)).toHaveLength(2)
    for (const { burst } of readings) expect(burst).not.toHaveProperty('lostForward')
    // Alone again, it is told.
    expect((await measure(probe, [aim]))[0]?.burst).toMatchObject({ lostForward: 0, lostBackward: 0 })
  })

  it.for([
    ['NTP', []],
    ['PTPv2', ['--ptp']],
  ] as const)('tells each packet with its four times to those who look, in %s format', async ([, format]) => {
    await using reflector = await startReflectorProgram(
      '--stateful',
      '--drop-forward',
      '1',
      '--dwell',
      '5',
      ...format,
    )
    const seen: (SeenEcho | SeenStamp)[] = []
    const probe = await open({ engine: 'socket' }, { watchBurst: (packet) => seen.push(packet) })
    await measure(probe, [{ address: '127.0.0.1', port: reflector.port, stateful: true }])
    expect(seen.map((packet) => packet.sequence)).toEqual([0, 1, 2, 3, 4])
    expect(seen.map(({ fate }) => fate)).toEqual(['answered', 'lost', 'answered', 'answered', 'answered'])
    for (const packet of seen) {
      if (packet.probe !== 'stamp') throw new Error('a STAMP packet')
      if (packet.fate === 'lost') continue
      const { sentAt = 0, reachedAt = 0, reflectedAt = 0, answeredAt = 0, rttMs = 0 } = packet
      expect(Math.abs(sentAt - Date.now())).toBeLessThan(5_000)
      // The other clock is this one, so they are in order, but for what is lost in rounding.
      expect(reachedAt).toBeGreaterThan(sentAt - 0.01)
      expect(reflectedAt - reachedAt).toBeGreaterThanOrEqual(5)
      expect(answeredAt).toBeGreaterThan(reflectedAt - 0.01)
      expect(answeredAt - sentAt - (reflectedAt - reachedAt)).toBeCloseTo(rttMs, 2)
      expect((packet.forwardMs ?? 0) + (packet.backwardMs ?? 0)).toBeCloseTo(rttMs, 2)
      expect(packet).toMatchObject({ ttl: 64, ttlThere: 64 })
    }
    expect(seen.map((packet) => packet.probe === 'stamp' && packet.reflectorSequence)).toEqual([
      0,
      undefined,
      1,
      2,
      3,
    ])
  })

  it('lives in a network without IPv6', async () => {
    const commands = ['echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6']
    const { probe, port } = await probeIn({ commands })
    const readings = await measure(probe, [
      { address: '127.0.0.1', port },
      { address: '::1', port },
    ])
    expect(readings.map(({ outcome }) => outcome)).toEqual(['answered', 'notSent'])
  })
})

describe('the STAMP probe without a sender', () => {
  const lines: unknown[] = []
  const told = pino({ level: 'info', base: null }, { write: (line) => lines.push(JSON.parse(line)) })
  const deps = { perl: '/nonexistent/perl', log: told }
  const reason = expect.stringContaining('ENOENT')

  it('says that Node sends, and what that may not do', async () => {
    const probe = await open({ dscp: 46 }, deps)
    expect(probe.engine).toBe('UDP sockets of Node, IPv4 and IPv6, times of this process, DSCP 0')
    expect(lines.splice(0)).toMatchObject([
      { level: 30, engine: 'socket', reason },
      { level: 40, dscp: 46, msg: 'this stamp engine sends with dscp 0' },
    ])
  })

  it('says aloud when it was asked for', async () => {
    await open({ engine: 'socket' }, deps)
    expect(lines.splice(0)).toMatchObject([{ level: 50, engine: 'socket', reason }])
  })

  it('does not look for it when Node was asked for', async () => {
    await open({ engine: 'node' }, deps)
    expect(lines.splice(0)).toEqual([])
  })
})
