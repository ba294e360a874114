import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createAgentMemory } from '../../src/collect/snmp/agent-memory.ts'
import type { AuthProtocol, PrivProtocol } from '../../src/model/target.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createSampler } from '../../src/sample/sampler.ts'
import { has } from '../support/requires.ts'
import { rowsIn, startSnmpProbe } from '../support/snmp-poll.ts'
import { type SnmpdOptions, startSnmpd } from '../support/snmpd.ts'

const v2c = { version: '2c', community: 'test' } as const

const authPassword = 'authentication'
const privPassword = 'privacy-of-it'

const users: SnmpdOptions['config'] = [
  `createUser modern SHA-256 ${authPassword} AES ${privPassword}`,
  `createUser strong SHA-512 ${authPassword} AES-256 ${privPassword}`,
  `createUser common SHA ${authPassword} AES ${privPassword}`,
  `createUser signed SHA ${authPassword}`,
  'createUser open',
  'rouser modern authPriv',
  'rouser strong authPriv',
  'rouser common authPriv',
  'rouser signed authNoPriv',
  'rouser open noauth',
]

/** What snmpd.conf calls them. */
const snmpdNames = {
  md5: 'MD5',
  sha: 'SHA',
  sha224: 'SHA-224',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
  des: 'DES',
  aes: 'AES',
  aes192: 'AES-192',
  aes256: 'AES-256',
} as const

const v3 = (user: string, auth?: AuthProtocol, priv?: PrivProtocol) => ({
  version: '3' as const,
  user,
  ...(auth === undefined ? {} : { auth: { protocol: auth, password: authPassword } }),
  ...(priv === undefined ? {} : { priv: { protocol: priv, password: privPassword } }),
})

describe.runIf(has('snmpd', 'snmpget'))('an SNMP poll of a real snmpd', () => {
  it('reads the system group and the interfaces of this host', async () => {
    await using agent = await startSnmpd({ name: 'a-real-agent' })
    await using probe = await startSnmpProbe()
    const reading = await probe.poll(agent, v2c)
    expect(reading).toMatchObject({
      outcome: 'answered',
      agent: { system: { name: 'a-real-agent', location: 'rack 1', engineBoots: 1 } },
    })
    const lines = (await readFile('/proc/net/dev', 'utf8')).trim().split('\n').slice(2)
    const names = lines.map((line) => line.split(':')[0]?.trim())
    expect(reading.agent?.interfaces.ports.map((port) => port.name).sort()).toEqual(names.sort())
    const loopback = rowsIn(reading).find(({ port }) => port.name === 'lo')
    expect(loopback).toMatchObject({ port: { operStatus: 'up' }, counters: { width: 64 } })
    expect(loopback?.counters.inOctets).toBeGreaterThan(0n)
    expect(await probe.refused()).toEqual({})
  })

  it('reads what the agent says, odd as it may be', async () => {
    const config = [
      'override 1.3.6.1.2.1.2.2.1.8.1 integer 7',
      'override 1.3.6.1.2.1.31.1.1.1.18.1 octet_str "uplink, 1 <b>"',
      'override 1.3.6.1.2.1.31.1.1.1.15.1 uinteger 100000',
    ]
    await using agent = await startSnmpd({ name: 'odd', config })
    await using probe = await startSnmpProbe()
    const reading = await probe.poll(agent, v2c)
    const first = rowsIn(reading).find(({ port }) => port.index === 1)
    expect(first?.port).toMatchObject({
      operStatus: 'lowerLayerDown',
      alias: 'uplink, 1 <b>',
      speedBps: 100_000_000_000,
    })
  })

  it('reads it by SNMPv1 too', async () => {
    await using agent = await startSnmpd({ name: 'old' })
    await using probe = await startSnmpProbe()
    const [one, two] = [
      await probe.poll(agent, { version: '1', community: 'test' }),
      await probe.poll(agent, v2c),
    ]
    const names = (reading: typeof one) => reading.agent?.interfaces.ports.map((port) => port.name)
    expect(names(one)).toEqual(names(two))
  })

  it('reads it over IPv6', async () => {
    await using agent = await startSnmpd({ name: 'six', address: '::1' })
    await using probe = await startSnmpProbe()
    expect(await probe.poll({ ...agent, address: '0:0:0:0:0:0:0:1' }, v2c)).toMatchObject({
      outcome: 'answered',
    })
  })

  it('gives rates that match the traffic of this host', async () => {
    await using agent = await startSnmpd({ name: 'rates' })
    await using probe = await startSnmpProbe()
    const sampler = createSampler({ vantage: 'nms' })
    const first = await probe.poll(agent, v2c)
    expect(sampler.accept(first, { speedOverrides: {} })[0]).toMatchObject({ fields: { reachable: 1 } })
    // snmpd reads its counters again every few seconds, so they move at some poll and not at the next.
    const octets = (reading: typeof first) =>
      rowsIn(reading).find(({ port }) => port.name === 'lo')?.counters.inOctets ?? 0n
    let reading = first
    while (octets(reading) === octets(first)) reading = await probe.poll(agent, v2c)
    const [, ...ports] = sampler.accept(reading, { speedOverrides: { lo: 100e9 } })
    const told = ports.find(({ tags }) => tags.interface === 'lo')?.fields.in_bps
    const seconds = ((reading.agent?.system.upTimeTicks ?? 0) - (first.agent?.system.upTimeTicks ?? 0)) / 100
    expect(Number(told)).toBeCloseTo((Number(octets(reading) - octets(first)) * 8) / seconds, -1)
  })
})

describe.runIf(has('snmpd', 'snmpget'))('credentials', () => {
  it.for([
    ['SHA-256 and AES', v3('modern', 'sha256', 'aes')],
    ['SHA-512 and AES-256', v3('strong', 'sha512', 'aes256')],
    ['SHA-1 and AES', v3('common', 'sha', 'aes')],
    ['SHA-1 without privacy', v3('signed', 'sha')],
    ['no security', v3('open')],
  ] as const)('of SNMPv3 with %s are taken', async ([, access]) => {
    await using agent = await startSnmpd({ name: 'secure', config: users })
    await using probe = await startSnmpProbe()
    const first = await probe.poll(agent, access)
    expect(first).toMatchObject({ outcome: 'answered', agent: { system: { name: 'secure' } } })
    expect((await probe.poll(agent, access)).outcome).toBe('answered')
  })

  it('that are wrong are told apart from silence, where the agent lets us', async () => {
    await using agent = await startSnmpd({ name: 'secure', config: users })
    await using probe = await startSnmpProbe({ timeoutMs: 150, retries: 1 })
    const modern = v3('modern', 'sha256', 'aes')
    const wrong = { protocol: 'sha256', password: 'not-the-password' } as const
    const outcomes = {
      community: await probe.poll(agent, { version: '2c', community: 'wrong' }),
      authPassword: await probe.poll(agent, { ...modern, auth: wrong }),
      authProtocol: await probe.poll(agent, v3('modern', 'sha512', 'aes')),
      privPassword: await probe.poll(agent, {
        ...modern,
        priv: { protocol: 'aes', password: 'not-the-one' },
      }),
      user: await probe.poll(agent, { ...modern, user: 'nobody' }),
      level: await probe.poll(agent, v3('modern')),
    }
    const told = Object.entries(outcomes).map(([name, { outcome, problem }]) => [name, outcome, problem])
    expect(told).toEqual([
      ['community', 'timeout', 'no answer within 300 ms; an agent is silent to a wrong community too'],
      ['authPassword', 'refused', 'wrong authentication password or protocol'],
      ['authProtocol', 'refused', 'wrong authentication password or protocol'],
      [
        'privPassword',
        'refused',
        'wrong privacy password or protocol: it answers only what is not encrypted',
      ],
      ['user', 'refused', 'the agent does not know the user'],
      ['level', 'refused', expect.stringContaining('AuthorizationError')],
    ])
    expect(JSON.stringify(outcomes) + probe.lines.join('')).not.toMatch(
      /not-the|authentication"|privacy-of-it/,
    )
  })

  it.for(
    (['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'] as const).flatMap((auth) => [
      [auth, undefined] as const,
      ...(['des', 'aes', 'aes192', 'aes256'] as const).map((priv) => [auth, priv] as const),
    ]),
  )('of SNMPv3 with %s and %s are taken', async ([auth, priv]) => {
    const name = `${auth}-${priv ?? 'none'}`
    const level = priv === undefined ? 'authNoPriv' : 'authPriv'
    const privacy = priv === undefined ? '' : ` ${snmpdNames[priv]} ${privPassword}`
    await using agent = await startSnmpd({
      name,
      config: [`createUser u ${snmpdNames[auth]} ${authPassword}${privacy}`, `rouser u ${level}`],
    })
    await using probe = await startSnmpProbe({ timeoutMs: 500, retries: 1 })
    for (let poll = 0; poll < 2; poll++)
      expect(await probe.poll(agent, v3('u', auth, priv))).toMatchObject({
        outcome: 'answered',
        agent: { system: { name } },
      })
    expect(await probe.refused()).toEqual({})
  })

  it('are taken whichever way the agent makes long keys of short ones', async () => {
    // Net-SNMP calls the way of Cisco AES-256-C: the keys of draft-reeder-snmpv3-usm-3desede.
    await using agent = await startSnmpd({
      name: 'cisco-like',
      config: [`createUser u SHA ${authPassword} AES-256-C ${privPassword}`, 'rouser u authPriv'],
    })
    await using probe = await startSnmpProbe({ timeoutMs: 300, retries: 1 })
    expect((await probe.poll(agent, v3('u', 'sha', 'aes256'))).outcome).toBe('answered')
    const again = await probe.poll(agent, v3('u', 'sha', 'aes256'))
    expect(again.outcome).toBe('answered')
    expect(again.durationMs).toBeLessThan(250)
  })

  it('need no discovery after a restart of ours, as the engine is remembered', async () => {
    await using agent = await startSnmpd({ name: 'secure', config: users })
    const memory = createAgentMemory()
    const access = v3('modern', 'sha256', 'aes')
    {
      await using probe = await startSnmpProbe({}, systemClock, { memory })
      expect((await probe.poll(agent, access)).outcome).toBe('answered')
    }
    expect(memory.recall('box')?.engine).toMatchObject({ boots: 1 })
    await agent.kill()
    await agent.revive()
    // Its clock has moved on since, which it says in an authentic report.
    await using probe = await startSnmpProbe({}, systemClock, { memory })
    expect((await probe.poll(agent, access)).outcome).toBe('answered')
    expect(memory.recall('box')?.engine).toMatchObject({ boots: 2 })
  })
})

describe.runIf(has('snmpd', 'snmpget'))('an agent that dies', () => {
  it.for([
    ['v2c', v2c],
    ['v3', v3('modern', 'sha256', 'aes')],
  ] as const)('is a timeout, and answers again when it is back (%s)', async ([, access]) => {
    await using agent = await startSnmpd({ name: 'mortal', config: users })
    await using probe = await startSnmpProbe({ timeoutMs: 200, retries: 1 })
    expect((await probe.poll(agent, access)).outcome).toBe('answered')
    await agent.kill()
    expect((await probe.poll(agent, access)).outcome).toBe('timeout')
    await agent.revive()
    expect(await probe.poll(agent, access)).toMatchObject({
      outcome: 'answered',
      agent: { system: { engineBoots: 2 } },
    })
  })

  it('answers the next poll after a restart that nobody saw', async () => {
    await using agent = await startSnmpd({ name: 'mortal', config: users })
    await using probe = await startSnmpProbe({ timeoutMs: 500, retries: 1 })
    const access = v3('common', 'sha', 'aes')
    expect((await probe.poll(agent, access)).outcome).toBe('answered')
    await agent.kill()
    await agent.revive()
    expect((await probe.poll(agent, access)).outcome).toBe('answered')
  })

  it.for([
    ['the same engine id', ['engineID always-the-same']],
    ['another engine id', []],
  ] as const)(
    'answers the next poll although it forgot how often it had started (%s)',
    async ([, engine]) => {
      await using agent = await startSnmpd({ name: 'mortal', config: [...engine, ...users] })
      await using probe = await startSnmpProbe({ timeoutMs: 500, retries: 1 })
      const access = v3('common', 'sha', 'aes')
      await agent.kill()
      await agent.revive()
      expect((await probe.poll(agent, access)).agent?.system.engineBoots).toBe(2)
      await agent.kill()
      await agent.forget()
      await agent.revive()
      expect(await probe.poll(agent, access)).toMatchObject({
        outcome: 'answered',
        agent: { system: { engineBoots: 1 } },
      })
    },
  )
})
