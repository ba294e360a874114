import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { BurstWatch, SeenEcho, SeenStamp } from '../../src/collect/burst-watch.ts'
import { createIcmpProbe, type IcmpSettings } from '../../src/collect/icmp/icmp-probe.ts'
import type { Probe } from '../../src/collect/probe.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { measureIcmp } from '../support/measure-icmp.ts'
import { type OwnNetworks, openOwnNetworks } from '../support/own-network.ts'
import { has, isLinuxRoot } from '../support/requires.ts'

const settings = { count: 3, timeoutMs: 300, spacingMs: 20, engine: 'socket' } as const
const hostileEcho = resolve(import.meta.dirname, '../support/hostile-echo.pl')
const unreadSender = resolve(import.meta.dirname, '../support/unread-sender.pl')
const withoutRaw = 'setpriv --bounding-set=-net_raw perl'
const openToAll = 'echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range'

let networks: OwnNetworks
beforeAll(async () => {
  networks = await openOwnNetworks()
})
afterAll(() => networks[Symbol.asyncDispose]())

const probes: Probe[] = []
afterEach(async () => {
  for (const probe of probes.splice(0)) await probe.close()
})

/** A probe whose sender runs in a network that these commands make. */
async function probeIn(
  commands: readonly string[],
  special: Partial<IcmpSettings> = {},
  watch: { readonly watchBurst?: BurstWatch } = {},
  program = 'perl',
) {
  const metrics = createMetrics()
  const perl = await networks.wrap(`perl-${probes.length}`, program, ...commands)
  const log = pino({ enabled: false })
  const deps = { clock: systemClock, log, metrics, perl, ...watch }
  const probe = await createIcmpProbe({ ...settings, ...special }, deps)
  probes.push(probe)
  expect(probe.engine).toMatch(/^own sender/)
  const count = async (name: 'engineFailures' | 'packetsRefused') =>
    Object.fromEntries(
      (await metrics[name].get()).values.map(({ labels, value }) => [String(labels.reason), value]),
    )
  return { probe, count }
}

/** Commands for a network behind a TUN device, where each element of 198.18.0.0/15 answers in its own way. */
const hostileNetwork = (lateMs: number, flood: number) => [
  'ip tuntap add dev t0 mode tun',
  'ip link set t0 mtu 65000 txqueuelen 10000 up',
  'ip addr add 198.19.0.1/32 dev t0',
  'ip route add 198.18.0.0/15 dev t0',
  'ip addr add fd00::1/128 dev t0 nodad',
  'ip route add fd01::/64 dev t0',
  `perl ${hostileEcho} t0 ${lateMs} ${flood} &`,
  'until ip link show t0 | grep -q LOWER_UP; do sleep 0.01; done',
]

const rtt = expect.any(Number)
const silent = { outcome: 'timeout', burst: { sent: 3, rttsMs: [null, null, null] } }

describe.skipIf(!isLinuxRoot || !has('perl')).each([
  // Root has raw sockets for IPv6 wherever it may.
  { kind: 'ping', opening: [openToAll], program: withoutRaw },
  { kind: 'raw', opening: [], program: 'perl' },
])('the ICMP sender with $kind sockets, and elements that answer wrongly', ({ kind, opening, program }) => {
  /** By the last number of the address. */
  const ways = [
    'rightly',
    'with the number of another sender',
    'with another sequence number',
    'from another address',
    'with less than was sent',
    'three times',
    'with other data',
    'too late',
    'to the burst before',
    'that they cannot be reached',
  ]
  const isAnswer = (way: string) => way === 'rightly' || way === 'three times'

  it('takes no answer but the right one, once', async () => {
    const { probe, count } = await probeIn([...opening, ...hostileNetwork(350, 0)], {}, {}, program)
    expect(probe.engine).toContain(`IPv4 by ${kind} sockets`)
    expect(probe.engine).toContain(`IPv6 by ${kind} sockets`)
    const addressOf = { 4: (n: number) => `198.18.0.${n}`, 6: (n: number) => `fd01::${n.toString(16)}` }
    const all = ([4, 6] as const).flatMap((family) =>
      ways.map((way, i) => ({
        way: `IPv${family}, ${way}`,
        isRight: isAnswer(way),
        address: addressOf[family](i + 1),
      })),
    )
    for (let round = 0; round < 2; round++) {
      const addresses = all.map(({ address }) => address)
      const readings = await measureIcmp(probe, addresses)
      for (const { way, isRight, address } of all)
        expect({ way, ...readings.get(address) }).toMatchObject({
          way,
          ...(isRight ? { outcome: 'answered', burst: { sent: 3, rttsMs: [rtt, rtt, rtt] } } : silent),
        })
    }
    const refused = await count('packetsRefused')
    expect(refused).toMatchObject({ source: 12, malformed: 12 })
    expect(refused.duplicate).toBeGreaterThanOrEqual(16)
    // Another sequence number, other data, too late, the burst before; with raw sockets no more.
    expect(refused.unknown).toBeGreaterThanOrEqual(2 * (6 + 6 + 3))
  })

  it('calls no answer lost that the kernel had no room for', async () => {
    // They answer all at once, 18 MB, while the sender stands still.
    const flood = 300
    const { probe } = await probeIn([...opening, ...hostileNetwork(0, flood)], {
      count: 1,
      timeoutMs: 4_000,
      sizeBytes: 60_000,
    })
    const addresses = Array.from({ length: flood }, (_, i) => `198.18.1.${i % 250}`)
    const readings = await measureIcmp(probe, [...new Set(addresses), ...more(flood - 250)])
    const outcomes = Map.groupBy(readings.values(), ({ outcome }) => outcome)
    expect([...outcomes.keys()].sort()).toEqual(['answered', 'notSent'])
    expect(outcomes.get('notSent')?.[0]?.problem).toBe('this host had no room for the answers')
  })

  /** Addresses of the same group in the next network, which answer alike. */
  const more = (count: number) => Array.from({ length: count }, (_, i) => `198.19.1.${i}`)
})

describe.skipIf(!isLinuxRoot || !has('perl'))('the ICMP sender', () => {
  const pidOf = async (name: string) => Number(await readFile(join(networks.folder, name), 'utf8'))

  it('is replaced when it is killed, and nothing is lost by that', async () => {
    const { probe, count } = await probeIn([`echo $$ > ${networks.folder}/killed`], {
      count: 2,
      spacingMs: 1_000,
    })
    const pid = await pidOf('killed')
    const addresses = Array.from({ length: 500 }, (_, i) => `127.5.${i >> 8}.${i & 255}`)
    const measuring = measureIcmp(probe, addresses)
    process.kill(pid, 'SIGKILL')
    for (const { burst } of (await measuring).values()) expect(burst?.rttsMs).toEqual([rtt, rtt])
    expect(await pidOf('killed')).not.toBe(pid)
    expect(await count('engineFailures')).toEqual({ died: 1 })
  })

  it('is killed and replaced when it stands still, and what it was asked is not told as lost', async () => {
    const { probe, count } = await probeIn([`echo $$ > ${networks.folder}/stopped`], {
      count: 1,
      timeoutMs: 50,
    })
    const pid = await pidOf('stopped')
    process.kill(pid, 'SIGSTOP')
    expect((await measureIcmp(probe, ['127.0.0.1'])).get('127.0.0.1')).toMatchObject({
      outcome: 'notSent',
      problem: 'the sender did not finish in time and was killed',
    })
    expect(await count('engineFailures')).toEqual({ killed: 1 })
    expect((await measureIcmp(probe, ['127.0.0.1'])).get('127.0.0.1')?.outcome).toBe('answered')
    expect(await pidOf('stopped')).not.toBe(pid)
  })

  it('opens ping sockets as root where they are for a group that root is not in', async () => {
    const { probe } = await probeIn(['echo "4711 4712" > /proc/sys/net/ipv4/ping_group_range'])
    expect(probe.engine).toContain('IPv4 by ping sockets')
    expect((await measureIcmp(probe, ['127.0.0.1'])).get('127.0.0.1')?.outcome).toBe('answered')
    expect((await probeIn(['echo "1 0" > /proc/sys/net/ipv4/ping_group_range'])).probe.engine).toContain(
      'IPv4 by raw sockets',
    )
  })

  it.for([
    ['ping', withoutRaw, openToAll],
    ['raw', 'perl', 'true'],
  ] as const)('tells each packet to those who look, with %s sockets', async ([, program, opening]) => {
    const seen: (SeenEcho | SeenStamp)[] = []
    const rules = [
      opening,
      'nft add table inet f',
      'nft add chain inet f in "{ type filter hook input priority 0; }"',
      'nft add rule inet f in ip daddr 127.0.0.7 numgen inc mod 2 == 1 drop',
    ]
    const { probe } = await probeIn(rules, {}, { watchBurst: (packet) => seen.push(packet) }, program)
    const from = Date.now()
    await measureIcmp(probe, ['127.0.0.7', '::1', '198.18.0.1'])
    const by = Map.groupBy(seen, ({ address }) => address)
    for (const [address, ttl] of [
      ['127.0.0.7', 64],
      ['::1', 64],
    ] as const) {
      const echoes = by.get(address)?.filter((one) => one.probe === 'icmp') ?? []
      const lost = address === '127.0.0.7' ? 'lost' : 'answered'
      expect(echoes.map(({ fate }) => fate)).toEqual(['answered', lost, 'answered'])
      const [first] = echoes
      if (first?.sequence === undefined || first.identifier === undefined) throw new Error('no numbers')
      expect(echoes.map(({ sequence }) => sequence)).toEqual([0, 1, 2].map((i) => (first.sequence ?? 0) + i))
      for (const { identifier, sentAt = 0, fate, ttl: left } of echoes) {
        expect(identifier).toBe(first.identifier)
        expect(identifier).toBeGreaterThan(0)
        expect(sentAt).toBeGreaterThanOrEqual(from - 1)
        expect(sentAt).toBeLessThanOrEqual(Date.now() + 1)
        expect(left).toBe(fate === 'answered' ? ttl : undefined)
      }
    }
    const notSent = {
      probe: 'icmp',
      address: '198.18.0.1',
      fate: 'notSent',
      problem: 'network is unreachable',
    }
    expect(by.get('198.18.0.1')).toEqual([notSent, notSent, notSent])
  })

  /** A probe whose sender writes into a pipe that nobody reads, until this is over. */
  async function unreadProbe(special: Partial<IcmpSettings>) {
    const file = join(networks.folder, 'unread')
    const watch = { watchBurst: () => {} }
    await writeFile(file, '')
    const { probe, count } = await probeIn([], special, watch, `perl ${unreadSender} ${file}`)
    return { probe, count, readAgain: () => rm(file) }
  }
  const outcomeNow = async (probe: Probe) =>
    (await measureIcmp(probe, ['127.0.0.1'])).get('127.0.0.1')?.outcome

  it('ends by itself when nobody reads 16 MiB of its output, and is replaced', async () => {
    const { probe, count, readAgain } = await unreadProbe({ count: 20, spacingMs: 10 })
    // No such interface, which is told at once: 484 bytes for each.
    const addresses = Array.from({ length: 40_000 }, (_, i) => `fe80::${i.toString(16)}%nosuch`)
    const problems = [...(await measureIcmp(probe, addresses)).values()].map(({ problem }) => problem)
    expect(problems.filter((problem) => problem === 'the sender ended')).toHaveLength(addresses.length)
    expect(await count('engineFailures')).toEqual({ died: 2 })
    await readAgain()
    expect(await outcomeNow(probe)).toBe('answered')
  })

  it('is killed and replaced when nobody reads the little that it has to tell', async () => {
    const { probe, count, readAgain } = await unreadProbe({ count: 1, timeoutMs: 50 })
    const addresses = Array.from({ length: 1_000 }, (_, i) => `127.6.${i >> 8}.${i & 255}`)
    const problems = new Set(
      [...(await measureIcmp(probe, addresses)).values()].map(({ problem }) => problem),
    )
    expect([...problems]).toEqual(['the sender did not finish in time and was killed'])
    expect(await count('engineFailures')).toEqual({ killed: 1 })
    await readAgain()
    expect(await outcomeNow(probe)).toBe('answered')
  })

  it.for([
    ['ping', withoutRaw, openToAll],
    ['raw', 'perl', 'true'],
  ] as const)(
    'keeps nine thousand targets of one poll apart, with %s sockets',
    async ([kind, program, opening]) => {
      const { probe } = await probeIn([opening], { count: 2, timeoutMs: 2_000 }, {}, program)
      expect(probe.engine).toContain(`IPv4 by ${kind} sockets`)
      // One that cannot be sent to and one of the other family between them.
      const addresses = Array.from({ length: 9_000 }, (_, i) => `127.8.${i >> 8}.${i & 255}`)
      addresses.splice(4_000, 0, '198.18.0.1', '::1')
      const readings = await measureIcmp(probe, addresses)
      expect(readings.get('198.18.0.1')?.outcome).toBe('notSent')
      const answered = [...readings.values()].filter(({ burst }) =>
        burst?.rttsMs.every((rtt) => rtt !== null),
      )
      expect(answered).toHaveLength(9_001)
    },
  )

  it('does not lose what others asked when one of them gives up', async () => {
    const { probe } = await probeIn([], { count: 2, spacingMs: 200 })
    const giveUp = new AbortController()
    const first = measureIcmp(probe, ['127.0.0.1', '127.0.0.2'], giveUp.signal)
    const second = measureIcmp(probe, ['127.0.0.1', '127.0.0.3'])
    giveUp.abort()
    expect((await first).size).toBe(0)
    for (const { burst } of (await second).values()) expect(burst?.rttsMs).toEqual([rtt, rtt])
  })

  it('ends with the probe', async () => {
    const { probe } = await probeIn([`echo $$ > ${networks.folder}/ended`])
    const pid = await pidOf('ended')
    await probe.close()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('keeps the time between two packets, however few there are', async () => {
    const { probe } = await probeIn([], { count: 3, spacingMs: 100 })
    const from = performance.now()
    await measureIcmp(probe, ['127.0.0.1'])
    expect(performance.now() - from).toBeGreaterThanOrEqual(200)
  })

  it('measures alike where Perl has no clock module', async () => {
    const folder = join(networks.folder, 'lib', 'Time')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'HiRes.pm'), 'die "as in perl-base"')
    const { probe } = await probeIn([`export PERL5LIB=${join(networks.folder, 'lib')}`])
    for (const { burst } of (await measureIcmp(probe, ['127.0.0.1', '::1'])).values())
      for (const time of burst?.rttsMs ?? [null]) expect(time).toBeLessThan(300)
  })

  it('lives in a network without IPv6', async () => {
    const { probe } = await probeIn(['echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'])
    const readings = await measureIcmp(probe, ['127.0.0.1', '::1'])
    expect(readings.get('127.0.0.1')?.outcome).toBe('answered')
    expect(readings.get('::1')?.outcome).toBe('notSent')
  })
})

describe('an ICMP sender that misbehaves', () => {
  const quick = { count: 1, timeoutMs: 50, spacingMs: 10 }
  const ready = 'echo "ready v4=ping buffer4=1"'

  const probeOf = async (name: string, ...lines: readonly string[]) => {
    await writeFile(join(networks.folder, name), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 })
    const metrics = createMetrics()
    const probe = await createIcmpProbe(
      { ...settings, ...quick },
      { clock: systemClock, log: pino({ enabled: false }), metrics, perl: join(networks.folder, name) },
    )
    probes.push(probe)
    const failures = async () =>
      Object.fromEntries(
        (await metrics.engineFailures.get()).values.map(({ labels, value }) => [labels.reason, value]),
      )
    return { probe, failures }
  }

  it('is killed when it hangs, whatever it says meanwhile', async () => {
    const { probe, failures } = await probeOf(
      'hangs',
      ready,
      'head -c 3000001 /dev/urandom',
      'exec sleep 600',
    )
    expect((await measureIcmp(probe, ['127.0.0.5'])).get('127.0.0.5')).toMatchObject({
      outcome: 'notSent',
      problem: 'the sender did not finish in time and was killed',
    })
    expect(await failures()).toEqual({ killed: 1 })
  })

  it('is not started for ever when it dies', async () => {
    const { probe, failures } = await probeOf('dies', ready, 'read line')
    expect((await measureIcmp(probe, ['127.0.0.5'])).get('127.0.0.5')).toMatchObject({
      outcome: 'notSent',
      problem: 'the sender ended',
    })
    expect(await failures()).toEqual({ died: 2 })
  })

  it('is tried again by the next poll when it may not run any more', async () => {
    const flag = join(networks.folder, 'barred')
    const { probe, failures } = await probeOf(
      'barred-sender',
      `if [ -e ${flag} ]; then echo "failed no socket for you"; exit 1; fi`,
      ready,
      'read line',
      `touch ${flag}`,
    )
    const problem = async () => (await measureIcmp(probe, ['127.0.0.5'])).get('127.0.0.5')?.problem
    expect(await problem()).toBe('no socket for you')
    expect(await problem()).toBe('no socket for you')
    expect(await failures()).toEqual({ died: 1, notStarted: 2 })
  })

  it('is not taken when it says nothing of use', async () => {
    for (const line of ['head -c 5000 /dev/zero; sleep 600', 'echo hello', 'exit 1', 'echo failed because'])
      expect((await probeOf(`says-${line.length}`, line)).probe.engine).not.toMatch(/^own sender/)
  })
})
