import { describe, expect, it } from 'vitest'
import { type AgentMemo, createAgentMemory } from '../../../src/collect/snmp/agent-memory.ts'
import { createSampler } from '../../../src/sample/sampler.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { interfaces, type MibPort, system } from '../../support/snmp-mib.ts'
import { type AgentPoll, rowsIn, startSnmpProbe } from '../../support/snmp-poll.ts'
import {
  answerFrom,
  ber,
  oid,
  response,
  type SnmpRequest,
  startSnmpResponder,
  text,
  unsigned,
} from '../../support/snmp-responder.ts'

const v2c = { version: '2c', community: 'test' } as const
const descrColumn = '1.3.6.1.2.1.2.2.1.2'
const asksStatics = ({ oids }: SnmpRequest) => oids.some((oid) => oid.startsWith('1.3.6.1.2.1.31.1.1.1.18'))

type Ports = Readonly<Record<number, MibPort>>
const mib = (ports: Ports, upTime = 500_000) => ({ ...system('box', upTime), ...interfaces(ports) })
const octetsByName = (reading: AgentPoll) =>
  Object.fromEntries(rowsIn(reading).map(({ port, counters }) => [port.name, counters.inOctets]))

const two: Ports = { 1: { name: 'ge1', octets: 1_000n }, 2: { name: 'ge2', octets: 2_000n } }

describe('interfaces from poll to poll', () => {
  it('are the same objects, read in one message, while nothing but counters moves', async () => {
    const clock = new ManualClock()
    await using agent = await startSnmpResponder(answerFrom(mib(two)))
    await using probe = await startSnmpProbe({}, clock)
    const first = await probe.poll(agent, v2c)
    await clock.advance(60_000)
    agent.answer = answerFrom(
      mib({ 1: { name: 'ge1', octets: 1_500n }, 2: { name: 'ge2', octets: 2_000n } }, 506_000),
    )
    const before = agent.requests.length
    const second = await probe.poll(agent, v2c)
    expect(second.agent?.interfaces.ports).toBe(first.agent?.interfaces.ports)
    expect(octetsByName(second)).toEqual({ ge1: 1_500n, ge2: 2_000n })
    expect(octetsByName(first)).toEqual({ ge1: 1_000n, ge2: 2_000n })
    expect(second.agent).toMatchObject({
      system: { upTimeTicks: 506_000, description: 'A box' },
      requests: 1,
    })
    expect(agent.requests.slice(before).map(({ type }) => type)).toEqual([0xa5])
  })

  it('are asked what they are every five minutes', async () => {
    const clock = new ManualClock()
    await using agent = await startSnmpResponder(answerFrom(mib(two)))
    await using probe = await startSnmpProbe({}, clock)
    const asked: number[] = []
    for (let minute = 0; minute <= 10; minute++) {
      await probe.poll(agent, v2c)
      asked.push(agent.requests.filter(asksStatics).length)
      await clock.advance(60_000)
    }
    expect(asked).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3])
  })

  it.for([
    ['the agent restarted', mib(two, 400)],
    ['a state changed', mib({ ...two, 2: { name: 'ge2', octets: 2_000n, oper: 2 } })],
    ['one appeared', mib({ ...two, 3: { name: 'ge3', octets: 3n } })],
    ['one vanished', mib({ 1: { name: 'ge1', octets: 1_000n } })],
    ['one was renamed', mib({ ...two, 2: { name: 'ge2.100', octets: 2_000n } })],
  ] as const)('are asked at once what they are when %s', async ([, after]) => {
    await using agent = await startSnmpResponder(answerFrom(mib(two)))
    await using probe = await startSnmpProbe()
    await probe.poll(agent, v2c)
    await probe.poll(agent, v2c)
    expect(agent.requests.filter(asksStatics)).toHaveLength(1)
    agent.answer = answerFrom(after)
    const reading = await probe.poll(agent, v2c)
    expect(agent.requests.filter(asksStatics)).toHaveLength(2)
    await using fresh = await startSnmpProbe()
    const expected = await fresh.poll(agent, v2c)
    const plain = (one: AgentPoll) =>
      rowsIn(one).map(({ port, counters }) => ({ ...port, seenAt: 0, counters: { ...counters } }))
    expect(plain(reading)).toEqual(plain(expected))
    const settled = agent.requests.length
    await probe.poll(agent, v2c)
    expect(agent.requests).toHaveLength(settled + 1)
  })

  it('keep their history when two of them swap their ifIndex', async () => {
    const clock = new ManualClock()
    await using agent = await startSnmpResponder(answerFrom(mib(two)))
    await using probe = await startSnmpProbe({}, clock)
    const sampler = createSampler({ vantage: 'nms' })
    const rates = (reading: AgentPoll) =>
      Object.fromEntries(
        sampler
          .accept(reading, { speedOverrides: {} })
          .filter(({ measurement }) => measurement === 'interface')
          .map(({ tags, fields }) => [tags.interface, fields.in_bps]),
      )
    rates(await probe.poll(agent, v2c))
    await clock.advance(60_000)
    agent.answer = answerFrom(
      mib({ 1: { name: 'ge2', octets: 2_600n }, 2: { name: 'ge1', octets: 1_060n } }, 506_000),
    )
    expect(rates(await probe.poll(agent, v2c))).toEqual({ ge1: 8, ge2: 80 })
    await clock.advance(60_000)
    agent.answer = answerFrom(
      mib({ 700: { name: 'ge2', octets: 3_200n }, 900: { name: 'ge1', octets: 1_120n } }, 512_000),
    )
    expect(rates(await probe.poll(agent, v2c))).toEqual({ ge1: 8, ge2: 80 })
  })

  it('are told apart by their descriptions where names are shared or empty', async () => {
    const [one, other, named] = [
      { name: '', descr: 'vlan 1', octets: 1_000n },
      { name: '', descr: 'vlan 2', octets: 2_000n },
      { name: 'ge1', descr: 'port 1', octets: 3_000n },
    ]
    await using agent = await startSnmpResponder(answerFrom(mib({ 1: one, 2: other, 3: named })))
    await using probe = await startSnmpProbe()
    await probe.poll(agent, v2c)
    agent.answer = answerFrom(mib({ 1: other, 2: one, 3: named }))
    const expected = { 'vlan 1': 1_000n, 'vlan 2': 2_000n, ge1: 3_000n }
    expect(octetsByName(await probe.poll(agent, v2c))).toEqual(expected)
  })

  it.for([1, 2, 3, 4, 5])(
    'are right when two swap their ifIndex before answer %i of a poll',
    async (turn) => {
      const narrow = { 1: { name: 'ge1', octets32: 1 }, 2: { name: 'ge2', octets32: 2 } }
      let answers = 0
      await using agent = await startSnmpResponder((request) =>
        answerFrom(mib(++answers < turn ? narrow : { 1: narrow[2], 2: narrow[1] }))(request),
      )
      await using probe = await startSnmpProbe()
      expect(octetsByName(await probe.poll(agent, v2c))).toEqual({ ge1: 1n, ge2: 2n })
      expect(answers).toBeGreaterThanOrEqual(4)
    },
  )

  it('may have counters of 64 bits and of 32 side by side', async () => {
    const mixed: Ports = {
      1: { name: 'ge1', octets: 2n ** 40n, octets32: 7 },
      2: { name: 'vlan2', octets32: 99 },
      3: { name: 'ge3', octets: 2n ** 41n, octets32: 8 },
    }
    await using agent = await startSnmpResponder(answerFrom(mib(mixed)))
    await using probe = await startSnmpProbe()
    const expected = [
      ['ge1', 64, 2n ** 40n, 15n],
      ['vlan2', 32, 99n, 10n],
      ['ge3', 64, 2n ** 41n, 15n],
    ]
    for (let poll = 0; poll < 2; poll++) {
      const rows = rowsIn(await probe.poll(agent, v2c))
      expect(
        rows.map(({ port, counters }) => [port.name, counters.width, counters.inOctets, counters.inPackets]),
      ).toEqual(expected)
    }
  })

  it('are read when one element has 3,000 of them', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, i) => [i * 7 + 1, { name: `p${i}`, octets: BigInt(i) }]),
    )
    const honest = indexedAnswer(mib(many))
    await using agent = await startSnmpResponder(honest)
    await using probe = await startSnmpProbe({ timeoutMs: 2_000, retries: 1 })
    await probe.poll(agent, v2c)
    const reading = await probe.poll(agent, v2c)
    expect(rowsIn(reading)).toHaveLength(3_000)
    expect(octetsByName(reading)).toMatchObject({ p0: 0n, p2999: 2_999n })
    expect(reading.agent?.requests).toBeLessThan(3_000 / 25)
  })
})

/** Answers as `answerFrom` does, quickly enough for a large table: by looking only near where the last answer was. */
function indexedAnswer(all: Readonly<Record<string, Buffer>>): (request: SnmpRequest) => Buffer {
  const groups = new Map<string, Record<string, Buffer>>()
  const columns = new Map<string, string[]>()
  for (const [name, value] of Object.entries(all)) {
    const column = name
      .split('.')
      .slice(0, name.startsWith('1.3.6.1.2.1.31.') ? 11 : 10)
      .join('.')
    const group = groups.get(column) ?? {}
    groups.set(column, group)
    group[name] = value
    const names = columns.get(column) ?? []
    columns.set(column, names)
    names.push(name)
  }
  const places = new Map(
    [...columns.values()].flatMap((names) => names.map((name, at) => [name, { names, at }] as const)),
  )
  const slow = answerFrom(
    Object.fromEntries(
      [...columns.values()].flatMap((names) => names.slice(0, 1).map((name) => [name, all[name] ?? ber(5)])),
    ),
  )
  const nextOf = (name: string): readonly [string, Buffer] => {
    const place = places.get(name)
    const names = place?.names ?? columns.get(name)
    const next = names?.[place === undefined ? 0 : place.at + 1]
    return next === undefined ? ['1.3.9', ber(0x82)] : [next, all[next] ?? ber(5)]
  }
  return (request) => {
    if (request.type === 0xa0 || request.oids.every((oid) => !places.has(oid) && !columns.has(oid)))
      return slow(request)
    const told = request.oids.slice(0, request.nonRepeaters).map((oid) => {
      const scalar = `${oid}.0`
      return [scalar, all[scalar] ?? ber(0x82)] as const
    })
    let row: readonly string[] = request.oids.slice(request.nonRepeaters)
    for (let i = 0; i < request.repetitions; i++) {
      const found = row.map(nextOf)
      told.push(...found)
      row = found.map(([name]) => name)
    }
    return response(request, told)
  }
}

describe('an agent that was silent', () => {
  it('gets one small request a poll, and all of them once it answers', async () => {
    await using agent = await startSnmpResponder(() => undefined)
    await using probe = await startSnmpProbe({ timeoutMs: 30, retries: 2 })
    const requests = async () => {
      const before = agent.requests.length
      const { outcome } = await probe.poll(agent, v2c)
      return [outcome, agent.requests.length - before]
    }
    expect(await requests()).toEqual(['timeout', 3])
    expect(await requests()).toEqual(['timeout', 1])
    expect(await requests()).toEqual(['timeout', 1])
    agent.answer = answerFrom(mib(two))
    expect((await requests())[0]).toBe('answered')
    agent.answer = () => undefined
    expect(await requests()).toEqual(['timeout', 3])
    expect(await requests()).toEqual(['timeout', 1])
  })
})

describe('an agent that leaves off at its own size', () => {
  it('is read to the end, and what fits is remembered', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [i + 1, { name: `p${i}`, octets: BigInt(i) }]),
    )
    const honest = answerFrom(mib(many))
    const memory = createAgentMemory()
    const kept: AgentMemo[] = []
    await using agent = await startSnmpResponder((request) =>
      request.type === 0xa5 && request.repetitions > 4
        ? honest({ ...request, repetitions: 4 })
        : honest(request),
    )
    const deps = {
      memory: {
        ...memory,
        keep(element: string, memo: AgentMemo) {
          kept.push(memo)
          memory.keep(element, memo)
        },
      },
    }
    {
      await using probe = await startSnmpProbe({}, undefined, deps)
      for (let poll = 0; poll < 3; poll++) expect(rowsIn(await probe.poll(agent, v2c))).toHaveLength(20)
    }
    expect(kept).toEqual([{ maxRepetitions: 4 }])
    const before = agent.requests.length
    await using again = await startSnmpProbe({}, undefined, deps)
    expect(rowsIn(await again.poll(agent, v2c))).toHaveLength(20)
    const asked = agent.requests
      .slice(before)
      .filter(({ oids }) => oids.some((oid) => oid.startsWith(descrColumn)))
    expect(Math.max(...asked.map(({ repetitions }) => repetitions))).toBe(4)
  })

  it('in the middle of a row loses nothing', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [i + 1, { name: `p${i}`, octets: BigInt(i) }]),
    )
    const honest = answerFrom(mib(many))
    await using agent = await startSnmpResponder((request) => cutTo(honest(request), request, 31))
    await using probe = await startSnmpProbe()
    const rows = rowsIn(await probe.poll(agent, v2c))
    expect(rows.map(({ port, counters }) => [port.name, counters.inOctets, counters.inPackets])).toEqual(
      Array.from({ length: 9 }, (_, i) => [`p${i}`, BigInt(i), 15n]),
    )
  })
})

describe('an agent that has room for a part of a row more', () => {
  const portsOf = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [i + 1, { name: `p${i}`, octets: BigInt(i) }]))
  /** Four rows, and the states and the name of a fifth. */
  const answering = (count: number) => {
    const honest = answerFrom(mib(portsOf(count)))
    return (request: SnmpRequest) => {
      const { nonRepeaters, oids } = request
      return cutTo(honest(request), request, nonRepeaters + 4 * (oids.length - nonRepeaters) + 3)
    }
  }

  it('is not asked once more for the end of its table, and a new row is seen all the same', async () => {
    await using agent = await startSnmpResponder(answering(8))
    await using probe = await startSnmpProbe()
    const poll = async () => {
      const before = agent.requests.length
      const names = rowsIn(await probe.poll(agent, v2c)).map(({ port }) => port.name)
      return { names, requests: agent.requests.length - before }
    }
    await poll()
    const names = Array.from({ length: 9 }, (_, i) => `p${i}`)
    expect(await poll()).toEqual({ names: names.slice(0, 8), requests: 2 })
    agent.answer = answering(9)
    expect((await poll()).names).toEqual(names)
    agent.answer = answering(7)
    expect((await poll()).names).toEqual(names.slice(0, 7))
  })
})

/** The first so many values of an answer to GETBULK. */
function cutTo(bytes: Buffer, request: SnmpRequest, count: number): Buffer {
  if (request.type !== 0xa5) return bytes
  const values: Buffer[] = []
  // The list is the last field; each binding in it is shorter than 128 bytes, as these tests make them.
  const list = bytes.indexOf(Buffer.from([2, 1, 0, 2, 1, 0, 0x30])) + 6
  const sizes = (bytes[list + 1] ?? 0) & 0x80 ? (bytes[list + 1] ?? 0) & 0x7f : 0
  for (let at = list + 2 + sizes; at < bytes.length && values.length < count; ) {
    const end = at + 2 + (bytes[at + 1] ?? 0)
    values.push(bytes.subarray(at, end))
    at = end
  }
  const plain = response(request, [])
  const head = plain.subarray(0, plain.length)
  const id = head.subarray(head.indexOf(0xa2) + 2, head.length - 2)
  const community = head.subarray(2, head.indexOf(0xa2))
  return ber(0x30, community, ber(0xa2, id, ber(0x30, ...values)))
}

describe('a packet that is malformed', () => {
  it('in its values is dropped, and the request lives on', async () => {
    const honest = answerFrom(mib(two))
    await using agent = await startSnmpResponder((request) => {
      const good = honest(request)
      const withoutValue = ber(0x30, ber(0x30, oid('1.3.6.1.2.1.1.3.0')))
      const pdu = ber(0xa2, unsigned(2, request.id), unsigned(2, 0), unsigned(2, 0), withoutValue)
      const bad = ber(0x30, unsigned(2, 1), text('test'), pdu)
      return [bad, good]
    })
    await using probe = await startSnmpProbe()
    expect(octetsByName(await probe.poll(agent, v2c))).toEqual({ ge1: 1_000n, ge2: 2_000n })
    expect((await probe.refused()).malformed).toBeGreaterThan(0)
  })

  it('that comes twice is late the second time', async () => {
    const honest = answerFrom(mib(two))
    await using agent = await startSnmpResponder((request) => [honest(request), honest(request)])
    await using probe = await startSnmpProbe()
    expect((await probe.poll(agent, v2c)).outcome).toBe('answered')
    expect((await probe.poll(agent, v2c)).outcome).toBe('answered')
    expect(Object.keys(await probe.refused())).toEqual(['late'])
  })
})
