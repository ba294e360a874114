import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createIcmpProbe as createProbe, type IcmpSettings } from '../../src/collect/icmp/icmp-probe.ts'
import type { Probe } from '../../src/collect/probe.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { measureIcmp } from '../support/measure-icmp.ts'
import { type OwnNetworks, openOwnNetworks } from '../support/own-network.ts'
import { has, isLinuxRoot } from '../support/requires.ts'

const settings = { count: 3, timeoutMs: 300, spacingMs: 20 }
const deps = { clock: systemClock, log: pino({ enabled: false }), metrics: createMetrics() }
const openToAll = 'echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range'
/** As those who are not root: no raw sockets, and no more buffer than everybody has. */
const without = 'setpriv --bounding-set=-net_raw,-net_admin perl'

interface Way {
  readonly name: string
  readonly engine: 'fping' | 'socket'
  readonly program: string
  /** Commands for the network. */
  readonly opening: readonly string[]
  readonly says: RegExp
  /** It is not told when the firewall of this host drops an IPv6 request. */
  readonly blind: boolean
}

/** The ways to send that must give the same answers. */
const engines: readonly Way[] = [
  { name: 'fping', engine: 'fping', program: 'fping', opening: [], says: /^fping /, blind: false },
  {
    name: 'ping sockets',
    engine: 'socket',
    program: without,
    opening: [openToAll],
    says: /^own sender, IPv4 by ping sockets .*, IPv6 by ping sockets/,
    blind: true,
  },
  {
    name: 'raw sockets',
    engine: 'socket',
    program: 'perl',
    opening: [],
    says: /^own sender, IPv4 by raw sockets .*, IPv6 by raw sockets/,
    blind: false,
  },
  {
    name: 'the better sockets',
    engine: 'socket',
    program: 'perl',
    opening: [openToAll],
    says: /^own sender, IPv4 by ping sockets .*, IPv6 by raw sockets/,
    blind: false,
  },
]

let networks: OwnNetworks
beforeAll(async () => {
  networks = await openOwnNetworks()
})
afterAll(() => networks[Symbol.asyncDispose]())

const probes: Probe[] = []
afterEach(async () => {
  for (const probe of probes.splice(0)) await probe.close()
})

const here = isLinuxRoot && has('fping', 'nft', 'perl')

describe.skipIf(!here).each(engines)('ICMP by $name', ({ engine, program, opening, says, blind }) => {
  /** The probe in a network that these commands make. */
  async function probeIn(commands: readonly string[], special: Partial<IcmpSettings> = {}) {
    const file = await networks.wrap(`${engine}-${probes.length}`, program, ...opening, ...commands)
    const replaced = engine === 'fping' ? { fping: file } : { perl: file }
    const probe = await createProbe({ ...settings, engine, ...special }, { ...deps, ...replaced })
    probes.push(probe)
    expect(probe.engine).toMatch(says)
    return probe
  }

  it('tells an answer, a lost packet, a silent element and what could not be sent', async () => {
    // 127.0.0.8 and ::8 take no echo request, 127.0.0.7 loses every second one, 127.0.0.9 may not be sent to; the rest has
    // no route.
    const probe = await probeIn([
      'ip addr add ::8/128 dev lo nodad',
      'nft add table inet f',
      'nft add chain inet f out "{ type filter hook output priority 0; }"',
      'nft add chain inet f in "{ type filter hook input priority 0; }"',
      'nft add rule inet f out ip daddr 127.0.0.9 drop',
      'nft add rule inet f in ip daddr 127.0.0.8 drop',
      'nft add rule inet f in ip6 daddr ::8 icmpv6 type echo-request drop',
      'nft add rule inet f in ip daddr 127.0.0.7 numgen inc mod 2 == 1 drop',
    ])
    const rtt = expect.any(Number)
    const answered = { outcome: 'answered', burst: { sent: 3, rttsMs: [rtt, rtt, rtt] } }
    const silent = { outcome: 'timeout', burst: { sent: 3, rttsMs: [null, null, null] } }
    const notSent = { outcome: 'notSent', problem: expect.any(String) }
    const expected = {
      '127.0.0.1': answered,
      '::1': answered,
      '0:0:0::1': answered,
      '127.0.0.7': { outcome: 'answered', burst: { sent: 3, rttsMs: [rtt, null, rtt] } },
      '127.0.0.8': silent,
      '::8': silent,
      '127.0.0.9': notSent,
      '198.18.0.1': notSent,
      '2001:db8::1': notSent,
      'fe80::1%nowhere': notSent,
    }
    const readings = await measureIcmp(probe, Object.keys(expected))
    const told = [...readings].map(([address, { outcome, problem, burst }]) => [
      address,
      {
        outcome,
        ...(problem === undefined ? {} : { problem }),
        ...(burst === undefined ? {} : { burst }),
      },
    ])
    expect(Object.fromEntries(told)).toEqual(expected)
  })

  it('sends packets of the size and the code point that were asked for', async () => {
    // Let through: IPv4 of 28 + 100 bytes with EF, IPv6 of 8 + 100 bytes of payload with EF.
    const rules = [
      'nft add table inet f',
      'nft add chain inet f out "{ type filter hook output priority 0; }"',
      'nft add rule inet f out icmp type echo-request ip dscp != ef drop',
      'nft add rule inet f out icmp type echo-request ip length != 128 drop',
      'nft add rule inet f out icmpv6 type echo-request ip6 dscp != ef drop',
      'nft add rule inet f out icmpv6 type echo-request ip6 length != 108 drop',
    ]
    const right = await probeIn(rules, { dscp: 46, sizeBytes: 100 })
    expect(right.engine).toMatch(/, DSCP 46, 100 bytes$/)
    for (const reading of (await measureIcmp(right, ['127.0.0.1', '::1'])).values())
      expect(reading).toMatchObject({ outcome: 'answered', burst: { sent: 3 } })
    for (const wrong of [{ dscp: 46 }, { sizeBytes: 100 }]) {
      const readings = await measureIcmp(await probeIn(rules, wrong), ['127.0.0.1', '::1'])
      expect(readings.get('127.0.0.1')?.outcome).toBe('notSent')
      expect(readings.get('::1')?.outcome).toBe(blind ? 'timeout' : 'notSent')
    }
  })

  // fping is not told by the kernel, whose raw sockets keep it to themselves unless they are asked.
  it.skipIf(engine === 'fping')('does not tell as lost what had no room on the way out', async () => {
    const probe = await probeIn(['tc qdisc replace dev lo root tbf rate 8kbit burst 300 limit 100'])
    const addresses = [...Array.from({ length: 20 }, (_, i) => `127.0.0.${1 + i}`), ...(blind ? [] : ['::1'])]
    const readings = [...(await measureIcmp(probe, addresses)).values()]
    for (const { burst } of readings) expect(burst?.rttsMs ?? []).not.toContain(null)
    expect(readings.map(({ problem }) => problem)).toContain('no buffer space available')
  })

  it.for([12, 13, 1_472, 20_000])('is answered with %i bytes', async (sizeBytes) => {
    const probe = await probeIn([], { sizeBytes })
    for (const { burst } of (await measureIcmp(probe, ['127.0.0.1', '::1'])).values())
      expect(burst?.rttsMs).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)])
  })
})
