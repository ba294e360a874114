import { describe, expect, it } from 'vitest'
import type { InterfaceStatus } from '../../../src/model/interface.ts'
import { type InterfaceCounters, tableOf } from '../../../src/model/interface-table.ts'
import type { Reading, SystemGroup } from '../../../src/model/reading.ts'
import { createSampler } from '../../../src/sample/sampler.ts'

const noOverrides = { speedOverrides: {} }

interface Port {
  readonly index?: number
  readonly counters?: Partial<InterfaceCounters>
  readonly speedBps?: number
  readonly operStatus?: InterfaceStatus
}

const start = Date.parse('2026-03-01T08:00:00Z')

/** An answered SNMP poll, so many seconds after the start, of an agent that has been up an hour longer. */
function answered(
  atSeconds: number,
  ports: Readonly<Record<string, Port>>,
  system: Partial<SystemGroup> = {},
): Reading {
  return {
    element: 'agg1',
    probe: 'snmp',
    at: start + atSeconds * 1_000,
    outcome: 'answered',
    durationMs: 12.5,
    agent: {
      system: {
        description: '',
        objectId: '',
        name: 'agg1',
        location: '',
        upTimeTicks: (3_600 + atSeconds) * 100,
        ...system,
      },
      requests: 3,
      interfaces: tableOf(
        Object.entries(ports).map(([name, port], i) => ({
          port: {
            element: 'agg1',
            name,
            index: port.index ?? i + 1,
            description: '',
            alias: '',
            adminStatus: 'up',
            operStatus: port.operStatus ?? 'up',
            speedBps: port.speedBps ?? 1_000_000_000,
            seenAt: start,
          },
          counters: { width: 64, ...port.counters },
        })),
      ),
    },
  }
}

const octets = (inOctets: bigint, outOctets = 0n): Port => ({ counters: { inOctets, outOctets } })

/** The fields of one interface in each of the polls. */
function fieldsOf(readings: readonly Reading[], name = 'ge1', overrides: Record<string, number> = {}) {
  const sampler = createSampler({ vantage: 'nms' })
  const fields = readings.map(
    (reading) =>
      sampler.accept(reading, { speedOverrides: overrides }).find(({ tags }) => tags.interface === name)
        ?.fields,
  )
  return { fields, last: fields.at(-1), refused: Object.fromEntries(sampler.refused()) }
}

describe('samples of an SNMP poll', () => {
  it('have no rates at first, and always the state and the speed', () => {
    const { fields } = fieldsOf([answered(0, { ge1: octets(5n) })])
    expect(fields).toEqual([{ oper_up: 1, speed_bps: 1_000_000_000 }])
  })

  it('have rates from the second poll on', () => {
    const counters = (n: bigint): Port => ({
      counters: {
        inOctets: 7_500_000n * n,
        outOctets: 750n * n,
        inPackets: 600n * n,
        outPackets: 60n * n,
        inErrors: 6n * n,
        outErrors: 0n,
        inDiscards: 3n * n,
        outDiscards: 0n,
      },
    })
    const { last } = fieldsOf([answered(0, { ge1: counters(1n) }), answered(60, { ge1: counters(2n) })])
    expect(last).toEqual({
      in_bps: 1_000_000,
      out_bps: 100,
      in_pps: 10,
      out_pps: 1,
      in_errors_per_s: 0.1,
      out_errors_per_s: 0,
      in_discards_per_s: 0.05,
      out_discards_per_s: 0,
      oper_up: 1,
      speed_bps: 1_000_000_000,
    })
  })

  it('have none soon after another poll, and the next reach back over it', () => {
    const sampler = createSampler({ vantage: 'nms', shortestMs: 30_000 })
    const bps = [answered(0, { ge1: octets(0n) }), answered(60, { ge1: octets(60n) })]
      // The agent tells at 61 s what it counted at 60 s, and at 62 s two seconds at once.
      .concat(answered(61, { ge1: octets(60n) }), answered(62, { ge1: octets(62n) }))
      .concat(answered(120, { ge1: octets(120n) }))
      .flatMap((reading) => sampler.accept(reading, noOverrides).slice(1))
      .map(({ fields }) => fields.in_bps)
    expect(bps).toEqual([undefined, 8, undefined, undefined, 8])
    expect(sampler.refused().get('too-soon')).toBe(2)
  })

  it('leave out what the agent does not have', () => {
    const { last } = fieldsOf([
      answered(0, { ge1: { counters: { inOctets: 0n }, speedBps: 0, operStatus: 'down' } }),
      answered(60, { ge1: { counters: { inOctets: 60n }, speedBps: 0, operStatus: 'down' } }),
    ])
    expect(last).toEqual({ in_bps: 8, oper_up: 0 })
  })

  it('take the time from the agent where its clock agrees, else from ours', () => {
    const between = (upTimeTicks: number) =>
      fieldsOf([
        answered(0, { ge1: octets(0n) }, { upTimeTicks: 100_000 }),
        answered(60, { ge1: octets(6_000_000n) }, { upTimeTicks }),
      ]).last?.in_bps
    expect(between(106_100)).toBe(Math.round((6_000_000 * 8) / 61))
    expect(between(100_600)).toBe(800_000)
    expect(between(160_000)).toBe(800_000)
    expect(between(100_000)).toBe(800_000)
  })

  it('have none when one of the clocks was set, and the next do', () => {
    const { fields, refused } = fieldsOf([
      answered(0, { ge1: octets(0n) }),
      answered(60, { ge1: octets(60n) }),
      // Ours was set back by four minutes: it shows 120 s after 360.
      answered(120, { ge1: octets(360n) }, { upTimeTicks: 396_000 }),
      answered(180, { ge1: octets(420n) }, { upTimeTicks: 402_000 }),
    ])
    expect(fields.map((one) => one?.in_bps)).toEqual([undefined, 8, undefined, 8])
    expect(refused).toEqual({ clock: 1 })
  })

  it('are told by an agent whose clock is always wrong', () => {
    const { fields } = fieldsOf(
      [0, 60, 120, 180].map((at) =>
        answered(at, { ge1: octets(BigInt(at)) }, { upTimeTicks: 500_000 + at * 200 }),
      ),
    )
    expect(fields.map((one) => one?.in_bps)).toEqual([undefined, 8, 8, 8])
  })

  it.for([0, 10_000_000])('are those of the faster speed when it fell to %i meanwhile', (speedBps) => {
    const wide = fieldsOf([
      answered(0, { ge1: octets(0n) }),
      answered(60, { ge1: { ...octets(6_000_000_000n), speedBps } }),
    ])
    expect(wide.last).toMatchObject({ in_bps: 800_000_000 })
    const narrow = (inOctets: bigint): Port => ({ counters: { width: 32, inOctets } })
    const gone = fieldsOf([
      answered(0, { ge1: narrow(0n) }),
      // It has gone round once.
      answered(60, { ge1: { ...narrow(1_000n), speedBps } }),
    ])
    expect(gone.last?.in_bps).toBeUndefined()
    expect(gone.refused).toEqual({ 'ambiguous-wrap': 1 })
  })

  it('take the capacity from the override', () => {
    const polls = [answered(0, { ge1: octets(0n) }), answered(60, { ge1: octets(150_000_000n) })]
    expect(fieldsOf(polls, 'ge1').last).toMatchObject({ in_bps: 20_000_000 })
    const shaped = fieldsOf(polls, 'ge1', { ge1: 10_000_000 })
    expect(shaped.last).toEqual({ out_bps: 0, oper_up: 1, speed_bps: 10_000_000 })
    expect(shaped.refused).toEqual({ 'above-speed': 1 })
  })

  it('know an interface by its name, whatever its ifIndex', () => {
    const { last } = fieldsOf([
      answered(0, { ge1: { ...octets(0n), index: 3 } }),
      answered(60, { ge1: { ...octets(60n), index: 9 } }),
    ])
    expect(last).toMatchObject({ in_bps: 8 })
  })

  it('begin anew for an interface that was away', () => {
    const { fields } = fieldsOf([
      answered(0, { ge1: octets(0n), ge2: octets(0n) }),
      answered(60, { ge2: octets(60n) }),
      answered(120, { ge1: octets(600n), ge2: octets(120n) }),
      answered(180, { ge1: octets(660n), ge2: octets(180n) }),
    ])
    expect(fields.map((one) => one?.in_bps)).toEqual([undefined, undefined, undefined, 8])
  })
})

describe('an interface that stands still', () => {
  it('is a real zero when something else moved', () => {
    const { last } = fieldsOf([
      answered(0, { ge1: octets(5n), ge2: octets(5n) }),
      answered(60, { ge1: octets(5n), ge2: octets(6n) }),
    ])
    expect(last).toMatchObject({ in_bps: 0, out_bps: 0 })
  })

  it('is a real zero when only the agent’s clock moved', () => {
    const { last } = fieldsOf([answered(0, { ge1: octets(5n) }), answered(60, { ge1: octets(5n) })])
    expect(last).toMatchObject({ in_bps: 0 })
  })

  it('has no rate when the agent’s clock stands still too, and the next rate reaches back', () => {
    const { fields, refused } = fieldsOf([
      answered(0, { ge1: octets(0n) }),
      answered(60, { ge1: octets(0n) }, { upTimeTicks: 360_000 }),
      answered(120, { ge1: octets(1_200n) }),
    ])
    expect(fields.map((one) => one?.in_bps)).toEqual([undefined, undefined, 80])
    expect(refused).toEqual({ cached: 1 })
  })
})

describe('an interface that is new in an answer from a cache', () => {
  it('makes it no news, and begins with the next answer that is', () => {
    const frozen = { upTimeTicks: 360_000 }
    const polls = [
      answered(0, { ge1: octets(0n) }),
      answered(60, { ge1: octets(0n), ge2: octets(0n) }, frozen),
      answered(120, { ge1: octets(1_200n), ge2: octets(1_200n) }),
      answered(180, { ge1: octets(1_260n), ge2: octets(1_260n) }),
    ]
    expect(fieldsOf(polls, 'ge1').fields.map((one) => one?.in_bps)).toEqual([undefined, undefined, 80, 8])
    expect(fieldsOf(polls, 'ge2').fields.map((one) => one?.in_bps)).toEqual([
      undefined,
      undefined,
      undefined,
      8,
    ])
  })
})

describe('a restart of the agent', () => {
  const rateAfter = (first: Partial<SystemGroup>, second: Partial<SystemGroup>, gapSeconds = 60) =>
    fieldsOf([
      answered(0, { ge1: octets(1_000n) }, first),
      answered(gapSeconds, { ge1: octets(7_000n) }, second),
    ])

  it('gives no rate, and the next poll does', () => {
    const { fields, refused } = fieldsOf([
      answered(0, { ge1: octets(1_000_000n) }),
      answered(60, { ge1: octets(500n) }, { upTimeTicks: 2_000 }),
      answered(120, { ge1: octets(560n) }, { upTimeTicks: 8_000 }),
    ])
    expect(fields.map((one) => one?.in_bps)).toEqual([undefined, undefined, 8])
    expect(refused).toEqual({ restart: 1 })
  })

  it('is told from a wrap of sysUpTime by engineBoots', () => {
    const late = 2 ** 32 - 3_000
    expect(
      rateAfter({ upTimeTicks: late, engineBoots: 4 }, { upTimeTicks: 3_000, engineBoots: 4 }).last,
    ).toMatchObject({ in_bps: 800 })
    expect(
      rateAfter({ upTimeTicks: late, engineBoots: 4 }, { upTimeTicks: 3_000, engineBoots: 5 }).refused,
    ).toEqual({
      restart: 1,
    })
    expect(rateAfter({ upTimeTicks: late }, { upTimeTicks: 3_000 }).refused).toEqual({ restart: 1 })
    expect(
      rateAfter({ upTimeTicks: 500_000, engineBoots: 4 }, { upTimeTicks: 3_000, engineBoots: 4 }).refused,
    ).toEqual({ restart: 1 })
  })

  it('is seen although the uptime passed the old one in a long gap', () => {
    expect(rateAfter({ upTimeTicks: 1_000 }, { upTimeTicks: 180_000 }, 3_600).refused).toEqual({ restart: 1 })
  })
})

describe('a discontinuity of an interface', () => {
  it('gives no rate, of that interface alone', () => {
    const ports = (n: bigint, discontinuityTicks: number) => ({
      ge1: { counters: { inOctets: 60n * n, discontinuityTicks } },
      ge2: octets(60n * n),
    })
    const polls = [
      answered(0, ports(1n, 0)),
      answered(60, ports(2n, 364_000)),
      answered(120, ports(3n, 364_000)),
    ]
    expect(fieldsOf(polls, 'ge1').fields.map((one) => one?.in_bps)).toEqual([undefined, undefined, 8])
    expect(fieldsOf(polls, 'ge2').fields.map((one) => one?.in_bps)).toEqual([undefined, 8, 8])
    expect(fieldsOf(polls).refused).toEqual({ discontinuity: 1 })
  })

  it('is a change of the counters’ width too', () => {
    const { refused } = fieldsOf([
      answered(0, { ge1: { counters: { inOctets: 1n, width: 32 } } }),
      answered(60, { ge1: { counters: { inOctets: 2n, width: 64 } } }),
    ])
    expect(refused).toEqual({ discontinuity: 1 })
  })

  it('is a 64-bit counter that fell, for all counters of the interface', () => {
    const { last, refused } = fieldsOf([
      answered(0, { ge1: octets(1_000_000n, 10n) }),
      answered(60, { ge1: octets(10n, 20n) }),
    ])
    expect(last).toEqual({ oper_up: 1, speed_bps: 1_000_000_000 })
    expect(refused).toEqual({ reset: 1 })
  })
})

describe('a poll out of order', () => {
  it('gives no rate and changes nothing', () => {
    const { fields, refused } = fieldsOf([
      answered(60, { ge1: octets(60n) }),
      answered(0, { ge1: octets(0n) }),
      answered(60, { ge1: octets(60n) }),
      answered(120, { ge1: octets(120n) }),
    ])
    expect(fields.map((one) => one?.in_bps)).toEqual([undefined, undefined, undefined, 8])
    expect(refused).toEqual({ 'out-of-order': 2 })
  })

  it('is the first of a new row when our clock was set back', () => {
    const hour = 3_600
    const { fields } = fieldsOf([
      answered(hour, { ge1: octets(0n) }),
      answered(hour + 60, { ge1: octets(60n) }),
      answered(120, { ge1: octets(120n) }),
      answered(180, { ge1: octets(180n) }),
    ])
    expect(fields.map((one) => one?.in_bps)).toEqual([undefined, 8, undefined, 8])
  })
})

describe('the sample of an element', () => {
  const accept = (reading: Reading) => createSampler({ vantage: 'nms' }).accept(reading, noOverrides)
  const failed = { element: 'agg1', probe: 'snmp', at: start, durationMs: 600 } as const

  it('tells that it answered, and since when it is up', () => {
    expect(accept(answered(0, {}))).toEqual([
      {
        measurement: 'element',
        tags: { element: 'agg1' },
        fields: { reachable: 1, uptime_s: 3_600, poll_duration_ms: 12.5 },
        at: start,
      },
    ])
  })

  it.for(['timeout', 'refused'] as const)('tells that it did not answer (%s)', (outcome) => {
    expect(accept({ ...failed, outcome })).toMatchObject([
      { measurement: 'element', fields: { reachable: 0, poll_duration_ms: 600 } },
    ])
  })

  it('is not made when this host could not send', () => {
    expect(accept({ ...failed, outcome: 'notSent' })).toEqual([])
  })
})

describe('samples of a burst', () => {
  const burst = (outcome: Reading['outcome'], rttsMs: readonly (number | null)[]): Reading => ({
    element: 'cpe1',
    probe: 'icmp',
    at: start,
    outcome,
    durationMs: 5,
    burst: { sent: rttsMs.length, rttsMs },
  })
  const accept = (reading: Reading) => createSampler({ vantage: 'nms' }).accept(reading, noOverrides)

  it('are one a poll, with where it was measured from', () => {
    expect(accept(burst('answered', [1, null, 3]))).toMatchObject([
      {
        measurement: 'icmp',
        tags: { element: 'cpe1', vantage: 'nms' },
        fields: { sent: 3, received: 2, rtt_avg_ms: 2 },
        at: start,
      },
    ])
  })

  it('have all loss and no round-trip time when nothing came back', () => {
    const [sample] = accept(burst('timeout', [null, null, null]))
    expect(sample?.fields).toEqual({ sent: 3, received: 0, loss_ratio: 1 })
  })

  it('tell both directions of STAMP', () => {
    const reading: Reading = {
      element: 'cpe1',
      probe: 'stamp',
      at: start,
      outcome: 'answered',
      durationMs: 5,
      burst: { sent: 4, rttsMs: [1, 1, null, null], lostForward: 2, lostBackward: 0, jitterForwardMs: 0.5 },
    }
    const [sample] = accept(reading)
    expect(sample).toMatchObject({
      measurement: 'stamp',
      fields: { loss_forward_ratio: 0.5, jitter_forward_ms: 0.5 },
    })
  })

  it('are not made when this host could not send', () => {
    expect(accept(burst('notSent', []))).toEqual([])
    expect(accept({ element: 'cpe1', probe: 'icmp', at: start, outcome: 'notSent', durationMs: 0 })).toEqual(
      [],
    )
  })
})
