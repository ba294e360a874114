import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/manual-clock.ts'
import { counter64, interfaces, system } from '../../support/snmp-mib.ts'
import { rowsIn, startSnmpProbe } from '../../support/snmp-poll.ts'
import {
  answerFrom,
  ber,
  response,
  type SnmpRequest,
  startSnmpResponder,
  text,
  unsigned,
} from '../../support/snmp-responder.ts'

const v2c = { version: '2c', community: 'test' } as const
const v1 = { version: '1', community: 'test' } as const

const lldpNeighbour = {
  '1.0.8802.1.1.2.1.3.7.1.2.7': unsigned(2, 3),
  '1.0.8802.1.1.2.1.3.7.1.3.7': text(Uint8Array.from([0, 1, 2, 3, 4, 5])),
  '1.0.8802.1.1.2.1.3.7.1.4.7': text('ge7'),
  '1.0.8802.1.1.2.1.4.1.1.6.500.7.1': unsigned(2, 5),
  '1.0.8802.1.1.2.1.4.1.1.7.500.7.1': text('xe-0/0/1'),
  '1.0.8802.1.1.2.1.4.1.1.8.500.7.1': text('to us'),
  '1.0.8802.1.1.2.1.4.1.1.9.500.7.1': text('core1\n'),
}

const small = {
  ...system('box'),
  ...interfaces({ 1: { name: 'ge1', octets: 2n ** 63n + 1n, highSpeed: 1000 } }),
}

describe('an SNMP poll', () => {
  it('reads the system group, and counters to the last bit', async () => {
    await using agent = await startSnmpResponder(answerFrom(small))
    await using probe = await startSnmpProbe()
    const reading = await probe.poll(agent, v2c)
    expect(reading).toMatchObject({ element: 'box', outcome: 'answered' })
    expect(reading.agent?.system).toEqual({
      description: 'A box',
      objectId: '1.3.6.1.4.1.9.1.516',
      name: 'box',
      location: 'cellar',
      upTimeTicks: 123_456,
    })
    expect(rowsIn(reading)).toMatchObject([
      {
        port: { name: 'ge1', index: 1, adminStatus: 'up', operStatus: 'up', speedBps: 1_000_000_000 },
        counters: { width: 64, inOctets: 2n ** 63n + 1n, inPackets: 15n, inErrors: 2n },
      },
    ])
    expect(reading.agent).not.toHaveProperty('neighbours')
  })

  it('takes 32-bit counters, and ifSpeed, where there are no others', async () => {
    const old = { 1: { descr: 'Ethernet1', octets32: 4_294_967_295, speed: 100_000_000 } }
    await using agent = await startSnmpResponder(answerFrom({ ...system('old'), ...interfaces(old) }))
    await using probe = await startSnmpProbe()
    const reading = await probe.poll(agent, v2c)
    expect(rowsIn(reading)).toMatchObject([
      {
        port: { name: 'Ethernet1', speedBps: 100_000_000 },
        counters: { width: 32, inOctets: 4_294_967_295n, inPackets: 10n },
      },
    ])
  })

  it('asks a v1 agent by GETNEXT, and finds the end of its MIB', async () => {
    const two = { 1: { name: 'a', octets32: 5 }, 3: { name: 'b', octets32: 6 } }
    await using agent = await startSnmpResponder(answerFrom({ ...system('v1'), ...interfaces(two) }))
    await using probe = await startSnmpProbe()
    const reading = await probe.poll(agent, v1)
    const { outcome, agent: told } = reading
    expect(outcome).toBe('answered')
    expect(told?.system.name).toBe('v1')
    expect(rowsIn(reading).map(({ port, counters }) => [port.name, counters.inOctets])).toEqual([
      ['a', 5n],
      ['b', 6n],
    ])
    expect(new Set(agent.requests.map(({ type }) => type))).toEqual(new Set([0xa1]))
  })

  it('asks for no more rows than it found last time', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [i + 1, { name: `p${i}`, octets: 1n }]),
    )
    await using agent = await startSnmpResponder(answerFrom({ ...system('big'), ...interfaces(many) }))
    await using probe = await startSnmpProbe()
    const first = await probe.poll(agent, v2c)
    const before = agent.requests.length
    const second = await probe.poll(agent, v2c)
    expect(rowsIn(second)).toHaveLength(60)
    expect(second.agent?.requests).toBeLessThan(first.agent?.requests ?? 0)
    const asked = agent.requests.slice(before).map(({ repetitions }) => repetitions)
    // All that fits an answer of 12 kB, and 10 with one more that shows the end. On a busy machine one may be asked twice.
    expect(asked.filter((count, i) => count !== asked[i - 1])).toEqual([50, 11])
  })

  it('reads neighbours at first and then every five minutes, and tells them in between', async () => {
    const clock = new ManualClock()
    const mib = { ...system('box'), ...interfaces({ 7: { name: 'ge7', octets: 1n } }), ...lldpNeighbour }
    await using agent = await startSnmpResponder(answerFrom(mib))
    await using probe = await startSnmpProbe({}, clock)
    const expected = [{ localPort: 'ge7', remoteSystem: 'core1', remotePort: 'xe-0/0/1' }]
    const lldpRequests = () => agent.requests.filter(({ oids }) => oids[0]?.startsWith('1.0.8802')).length
    expect((await probe.poll(agent, v2c)).agent?.neighbours).toEqual(expected)
    const atFirst = lldpRequests()
    await clock.advance(60_000)
    expect((await probe.poll(agent, v2c)).agent?.neighbours).toEqual(expected)
    expect(lldpRequests()).toBe(atFirst)
    await clock.advance(240_000)
    await probe.poll(agent, v2c)
    expect(lldpRequests()).toBeGreaterThan(atFirst)
  })

  it('reads neighbours at the next poll when they are to be renewed, and not twice in half a minute', async () => {
    const clock = new ManualClock()
    const mib: Record<string, Buffer> = {
      ...system('box'),
      ...interfaces({ 7: { name: 'ge7', octets: 1n } }),
      ...lldpNeighbour,
    }
    await using agent = await startSnmpResponder((request) => answerFrom(mib)(request))
    await using probe = await startSnmpProbe({}, clock)
    const lldpRequests = () => agent.requests.filter(({ oids }) => oids[0]?.startsWith('1.0.8802')).length
    const seen = async () => (await probe.poll(agent, v2c)).agent?.neighbours?.map((one) => one.remoteSystem)
    probe.renew('box')
    expect(await seen()).toEqual(['core1'])
    const atFirst = lldpRequests()
    mib['1.0.8802.1.1.2.1.4.1.1.9.500.7.1'] = text('core2')
    for (let n = 0; n < 29; n++) {
      probe.renew('box')
      probe.renew('another')
      expect(await seen()).toEqual(['core1'])
      await clock.advance(1_000)
    }
    expect(lldpRequests()).toBe(atFirst)
    await clock.advance(1_000)
    // What was asked for too early is not forgotten.
    expect(await seen()).toEqual(['core2'])
    const afterwards = lldpRequests()
    expect(afterwards).toBeGreaterThan(atFirst)
    await clock.advance(60_000)
    expect(await seen()).toEqual(['core2'])
    expect(lldpRequests()).toBe(afterwards)
  })

  it('cleans the text of devices', async () => {
    const ports = {
      1: { name: 'ge1\u0000', alias: 'a\r\nb,c\u001b[31m "<script>"\u202e', octets: 1n },
      2: { name: 'ge2', alias: Uint8Array.from([0x4d, 0xfc, 0x6c, 0x6c]), octets: 1n },
      3: { name: 'ge3', alias: '客户'.repeat(200), octets: 1n },
    }
    await using agent = await startSnmpResponder(answerFrom({ ...system('box'), ...interfaces(ports) }))
    await using probe = await startSnmpProbe()
    const told = (await probe.poll(agent, v2c)).agent?.interfaces.ports
    expect(told?.at(0)).toMatchObject({ name: 'ge1', alias: 'a b,c [31m "<script>"' })
    expect(told?.alias(1)).toBe('Müll')
    expect(told?.alias(2)).toHaveLength(255)
  })
})

describe('an agent that cannot do much at once', () => {
  it('is asked for less after tooBig, and that is remembered', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [i + 1, { name: `p${i}`, octets: 1n }]),
    )
    const honest = answerFrom({ ...system('tiny'), ...interfaces(many) })
    await using agent = await startSnmpResponder((request) =>
      request.repetitions * request.oids.length > 40 ? response(request, [], { status: 1 }) : honest(request),
    )
    await using probe = await startSnmpProbe()
    const first = await probe.poll(agent, v2c)
    expect(rowsIn(first)).toHaveLength(30)
    const before = agent.requests.length
    expect((await probe.poll(agent, v2c)).outcome).toBe('answered')
    const asked = agent.requests.slice(before)
    expect(Math.max(...asked.map(({ repetitions, oids }) => repetitions * oids.length))).toBeLessThanOrEqual(
      40,
    )
  })

  it('is asked for less after a timeout', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [i + 1, { name: `p${i}`, octets: 1n }]),
    )
    const honest = answerFrom({ ...system('lossy'), ...interfaces(many) })
    await using agent = await startSnmpResponder((request) =>
      request.repetitions > 12 ? undefined : honest(request),
    )
    await using probe = await startSnmpProbe({ timeoutMs: 50, retries: 1 })
    expect(rowsIn(await probe.poll(agent, v2c))).toHaveLength(30)
  })

  it('is asked for fewer columns when one row is too big', async () => {
    const honest = answerFrom(small)
    await using agent = await startSnmpResponder((request) =>
      request.type === 0xa5 && request.oids.length > 2
        ? response(request, [], { status: 5 })
        : honest(request),
    )
    await using probe = await startSnmpProbe()
    expect(rowsIn(await probe.poll(agent, v2c))).toHaveLength(1)
  })
})

describe('a hostile or broken agent', () => {
  const silent = () => undefined

  it('that is silent is a timeout', async () => {
    await using agent = await startSnmpResponder(silent)
    await using probe = await startSnmpProbe({ timeoutMs: 40, retries: 2 })
    const reading = await probe.poll(agent, v2c)
    expect(reading).toMatchObject({ outcome: 'timeout' })
    expect(reading.problem).toMatch(/^no answer within 120 ms/)
    expect(agent.requests).toHaveLength(3)
    expect(new Set(agent.requests.map(({ id }) => id)).size).toBe(3)
  })

  it('that sends garbage is refused, and does no harm', async () => {
    await using agent = await startSnmpResponder(() => [
      Buffer.alloc(0),
      Buffer.from('not SNMP at all'),
      Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0x30, 0x80, 2, 1, 1]),
    ])
    await using probe = await startSnmpProbe({ timeoutMs: 40, retries: 1 })
    expect(await probe.poll(agent, v2c)).toMatchObject({
      outcome: 'refused',
      problem: 'answered with malformed packets',
    })
    expect(await probe.refused()).toEqual({ malformed: 8 })
  })

  it('does not spoil a poll with garbage before the answer', async () => {
    const honest = answerFrom(small)
    await using agent = await startSnmpResponder((request) => [
      response(request, [], { community: 'other' }),
      response(request, [], { version: 0 }),
      response(request, [], { pdu: 0xa7 }),
      response(request, [], { id: request.id + 1 }),
      honest(request),
    ])
    await using probe = await startSnmpProbe()
    expect((await probe.poll(agent, v2c)).outcome).toBe('answered')
    const refused = await probe.refused()
    expect(refused['wrong-community']).toBeGreaterThan(0)
    expect(refused['wrong-version']).toBe(refused['wrong-community'])
    expect(refused.malformed).toBe(refused['wrong-community'])
    // Named once, and not for each packet.
    expect(probe.lines.filter((line) => line.includes('"wrong-community"'))).toHaveLength(1)
    expect(probe.lines[0]).toContain('"element":"box"')
  })

  it('that answers with a wrong id is a timeout', async () => {
    await using agent = await startSnmpResponder((request) => response(request, [], { id: request.id + 1 }))
    await using probe = await startSnmpProbe({ timeoutMs: 40, retries: 1 })
    expect((await probe.poll(agent, v2c)).outcome).toBe('timeout')
  })

  it('that answers with another community is refused', async () => {
    await using agent = await startSnmpResponder((request) => response(request, [], { community: 'x' }))
    await using probe = await startSnmpProbe({ timeoutMs: 40, retries: 1 })
    expect(await probe.poll(agent, v2c)).toMatchObject({
      outcome: 'refused',
      problem: 'answered with another community',
    })
  })

  it('that answers about something else is refused', async () => {
    await using agent = await startSnmpResponder((request) => response(request, []))
    await using probe = await startSnmpProbe()
    expect(await probe.poll(agent, v2c)).toMatchObject({
      outcome: 'refused',
      problem: 'the answer is not about what was asked',
    })
  })

  it('that repeats one row is refused, with the OID', async () => {
    const honest = answerFrom(small)
    const row = ['1.3.6.1.2.1.2.2.1.2.1', text('again')] as const
    await using agent = await startSnmpResponder((request) =>
      request.type === 0xa0 ? honest(request) : response(request, Array(20).fill(row)),
    )
    await using probe = await startSnmpProbe()
    const reading = await probe.poll(agent, v2c)
    expect(reading.outcome).toBe('refused')
    expect(reading.problem).toContain('does not advance: 1.3.6.1.2.1.2.2.1.2.1')
  })

  it('whose table never ends is refused', async () => {
    const honest = answerFrom(small)
    const endless = (request: SnmpRequest) => {
      const rows = Array.from({ length: request.repetitions }, (_, i) =>
        request.oids.map((name) => {
          const arcs = name.split('.')
          // An instance goes on from its own index, a bare column from 0.
          const column = arcs.slice(0, arcs[6] === '31' ? 11 : 10)
          return [[...column, Number(arcs[column.length] ?? 0) + i + 1].join('.'), unsigned(2, 1)] as const
        }),
      )
      return response(request, rows.flat())
    }
    await using agent = await startSnmpResponder((request) =>
      request.type === 0xa0 ? honest(request) : endless(request),
    )
    await using probe = await startSnmpProbe()
    const reading = await probe.poll(agent, v2c)
    expect(reading.outcome).toBe('refused')
    expect(reading.problem).toContain('has more than 65536 rows')
  })

  /** A table of so many rows, each column of which holds this. */
  const tableOf = (rows: number, value: Buffer) => {
    const honest = answerFrom(small)
    return (request: SnmpRequest) => {
      if (request.type === 0xa0) return honest(request)
      // What does not fit into one message is left out.
      const fitting = Math.max(1, Math.floor(50_000 / (request.oids.length * (value.length + 20))))
      const answers = Array.from({ length: Math.min(fitting, request.repetitions) }, (_, i) =>
        request.oids.map((name) => {
          const arcs = name.split('.')
          const column = arcs.slice(0, arcs[6] === '31' ? 11 : 10)
          const row = Number(arcs[column.length] ?? 0) + i + 1
          return row > rows
            ? (['1.3.6.1.2.1.99.0', unsigned(2, 1)] as const)
            : ([[...column, row].join('.'), value] as const)
        }),
      )
      return response(request, answers.flat())
    }
  }

  it('with tens of thousands of interfaces is no such', async () => {
    await using agent = await startSnmpResponder(tableOf(12_000, unsigned(2, 1)))
    await using probe = await startSnmpProbe()
    const reading = await probe.poll(agent, v2c)
    expect(reading.problem).toBeUndefined()
    expect(rowsIn(reading)).toHaveLength(12_000)
  })

  it('whose texts would fill the memory is refused', async () => {
    await using agent = await startSnmpResponder(tableOf(60_000, text('x'.repeat(600))))
    await using probe = await startSnmpProbe()
    expect(await probe.poll(agent, v2c)).toMatchObject({
      outcome: 'refused',
      problem: 'the texts of its interfaces are more than 33554432 bytes',
    })
  })

  it('whose numbers are text and whose text is numbers is read as far as it goes', async () => {
    const mib: Record<string, Buffer> = { ...small }
    mib['1.3.6.1.2.1.31.1.1.1.6.1'] = text('not a counter')
    mib['1.3.6.1.2.1.31.1.1.1.1.1'] = unsigned(2, 5)
    mib['1.3.6.1.2.1.2.2.1.8.1'] = unsigned(2, 99)
    mib['1.3.6.1.2.1.2.2.1.14.1'] = ber(counter64, [9, 9, 9, 9, 9, 9, 9, 9, 9])
    await using agent = await startSnmpResponder(answerFrom(mib))
    await using probe = await startSnmpProbe()
    const [only] = rowsIn(await probe.poll(agent, v2c))
    expect(only).toMatchObject({ port: { name: '1', operStatus: 'unknown' }, counters: { width: 32 } })
    expect(only?.counters).not.toHaveProperty('inErrors')
  })

  it('without sysUpTime is refused', async () => {
    await using agent = await startSnmpResponder(answerFrom(interfaces({ 1: { name: 'a' } })))
    await using probe = await startSnmpProbe()
    expect(await probe.poll(agent, v2c)).toMatchObject({
      outcome: 'refused',
      problem: 'the agent does not show its sysUpTime',
    })
  })

  it('never gets further than a refused reading, whatever bytes it sends', async () => {
    const honest = answerFrom(small)
    let seed = 1
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    await using agent = await startSnmpResponder((request) => {
      const answer = Buffer.from(honest(request))
      for (let i = 0; i <= random(4); i++) answer[random(answer.length)] = random(256)
      return [answer.subarray(0, random(3) === 0 ? random(answer.length) : answer.length)]
    })
    await using probe = await startSnmpProbe({ timeoutMs: 5, retries: 0 })
    const outcomes = new Set<string>()
    for (let i = 0; i < 300; i++) outcomes.add((await probe.poll(agent, v2c)).outcome)
    expect(outcomes).toContain('refused')
    agent.answer = honest
    await using after = await startSnmpProbe()
    expect((await after.poll(agent, v2c)).outcome).toBe('answered')
  })
})

describe('an answer from another address', () => {
  it('is dropped, and named', async () => {
    await using agent = await startSnmpResponder(() => undefined)
    const honest = answerFrom(small)
    agent.answer = (request) => {
      void agent.sendFromElsewhere(honest(request))
      return undefined
    }
    await using probe = await startSnmpProbe({ timeoutMs: 60, retries: 1 })
    const reading = await probe.poll(agent, v2c)
    expect(reading.outcome).toBe('timeout')
    expect(reading.problem).toMatch(/what came from \S+ was dropped/)
    expect(await probe.refused()).toEqual({ 'wrong-source': 2 })
    expect(probe.lines.filter((line) => line.includes('wrong-source'))).toHaveLength(1)
  })

  it('is taken when the element may answer from there', async () => {
    await using agent = await startSnmpResponder(answerFrom(small), '0.0.0.0')
    await using probe = await startSnmpProbe({ timeoutMs: 60, retries: 1 })
    // A socket on every address answers a datagram to 127.0.0.9 from 127.0.0.1.
    const multihomed = { address: '127.0.0.9', port: agent.port }
    expect((await probe.poll(multihomed, v2c)).outcome).toBe('timeout')
    expect((await probe.poll(multihomed, v2c, { acceptFrom: ['127.0.0.1'] })).outcome).toBe('answered')
  })
})

describe('the end of a poll from outside', () => {
  it('is a timeout', async () => {
    await using agent = await startSnmpResponder(() => undefined)
    await using probe = await startSnmpProbe({ timeoutMs: 5_000, retries: 1 })
    const ending = new AbortController()
    agent.answer = () => {
      ending.abort()
      return undefined
    }
    expect(await probe.poll(agent, v2c, { signal: ending.signal })).toMatchObject({
      outcome: 'timeout',
      problem: 'no complete answer before the poll was ended',
    })
  })
})

describe('a poll that cannot be sent', () => {
  it('says nothing about the element', async () => {
    await using probe = await startSnmpProbe()
    // A broadcast needs a permission that this socket does not have.
    const nowhere = { address: '255.255.255.255', port: 161 }
    expect(await probe.poll(nowhere, v2c)).toMatchObject({
      outcome: 'notSent',
      problem: 'could not send: permission denied',
    })
  })
})
