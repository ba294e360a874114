import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NeighbourRead, OpenNeighbourReader } from '../../src/collect/discovery/neighbour-reader.ts'
import { createSnmpNeighbourReader } from '../../src/collect/discovery/snmp-neighbour-reader.ts'
import type { SnmpAccess } from '../../src/model/target.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { has } from '../support/requires.ts'
import {
  answerFrom,
  ber,
  oid,
  response,
  startSnmpResponder,
  text,
  unsigned,
} from '../support/snmp-responder.ts'
import { startSnmpd } from '../support/snmpd.ts'

let reader: OpenNeighbourReader
beforeAll(async () => {
  const settings = { timeoutMs: 300, retries: 0 }
  reader = await createSnmpNeighbourReader(settings, { clock: systemClock, log: createLogger('silent') })
})
afterAll(() => reader.close())
const { signal } = new AbortController()

const remote = '1.0.8802.1.1.2.1.4.1.1'
const cdp = '1.3.6.1.4.1.9.9.23.1.2.1.1'
/** A box with two neighbours, one by LLDP and one by CDP. */
const mib = {
  '1.3.6.1.2.1.1.1.0': text('a box'),
  '1.3.6.1.2.1.1.2.0': oid('1.3.6.1.4.1.9.1.1'),
  '1.3.6.1.2.1.1.5.0': text('core1'),
  '1.0.8802.1.1.2.1.3.1.0': unsigned(2, 4),
  '1.0.8802.1.1.2.1.3.2.0': text(Buffer.from('001122334455', 'hex')),
  '1.3.6.1.2.1.2.2.1.2.7': text('GigabitEthernet0/7'),
  '1.3.6.1.2.1.31.1.1.1.1.7': text('Gi0/7'),
  '1.3.6.1.2.1.31.1.1.1.1.8': text('Gi0/8'),
  [`${remote}.4.0.7.1`]: unsigned(2, 4),
  [`${remote}.5.0.7.1`]: text(Buffer.from('00aabbccddee', 'hex')),
  [`${remote}.6.0.7.1`]: unsigned(2, 5),
  [`${remote}.7.0.7.1`]: text('xe-0/0/1'),
  [`${remote}.9.0.7.1`]: text('agg1'),
  '1.0.8802.1.1.2.1.4.2.1.3.0.7.1.1.4.192.0.2.9': unsigned(2, 2),
  [`${cdp}.4.8.1`]: text(Buffer.from([192, 0, 2, 33])),
  [`${cdp}.6.8.1`]: text('nexus(SSI1)'),
  [`${cdp}.7.8.1`]: text('Ethernet1/1'),
}
const neighbours = [
  {
    protocol: 'lldp',
    localPort: 'Gi0/7',
    system: 'agg1',
    port: 'xe-0/0/1',
    chassis: '4:00aabbccddee',
    addresses: ['192.0.2.9'],
  },
  { protocol: 'cdp', localPort: 'Gi0/8', system: 'nexus', port: 'Ethernet1/1', addresses: ['192.0.2.33'] },
]

const problemOf = (read: NeighbourRead) => (read.outcome === 'answered' ? 'none' : read.problem)

describe('what an agent tells of itself and of its neighbours', () => {
  it.for(['1', '2c'] as const)('is read by SNMP v%s', async (version) => {
    await using agent = await startSnmpResponder(answerFrom(mib))
    const access: SnmpAccess = { version, community: 'lab', port: agent.port, acceptFrom: [] }
    expect(await reader.read(agent.address, access, signal)).toMatchObject({
      outcome: 'answered',
      element: { name: 'core1', objectId: '1.3.6.1.4.1.9.1.1', chassis: '4:001122334455', neighbours },
    })
  })

  const access = (port: number): SnmpAccess => ({ version: '2c', community: 'lab', port, acceptFrom: [] })

  it('is asked for with less where the answer is too big', async () => {
    const honest = answerFrom(mib)
    await using agent = await startSnmpResponder((request) =>
      request.type === 0xa5 && request.repetitions > 3
        ? response(request, [], { status: 1 })
        : honest(request),
    )
    const read = await reader.read(agent.address, access(agent.port), signal)
    expect(read).toMatchObject({ outcome: 'answered', element: { neighbours } })
  })

  it('is refused where a table does not advance, or has no end', async () => {
    const honest = answerFrom(mib)
    const loop = ['1.3.6.1.2.1.31.1.1.1.1.7', text('again')] as const
    await using agent = await startSnmpResponder((request) =>
      request.type === 0xa5
        ? response(
            request,
            Array.from({ length: 60 }, () => loop),
          )
        : honest(request),
    )
    const stuck = await reader.read(agent.address, access(agent.port), signal)
    expect(stuck.outcome).toBe('refused')
    expect(problemOf(stuck)).toContain('does not advance')

    let row = 0
    agent.answer = (request) => {
      if (request.type !== 0xa5) return honest(request)
      const rows = Array.from({ length: 20 }, () => {
        row++
        return request.oids.map(
          (name) => [`${name.split('.').slice(0, 11).join('.')}.${row}`, text('x')] as const,
        )
      })
      return response(request, rows.flat())
    }
    const endless = await reader.read(agent.address, access(agent.port), signal)
    expect(problemOf(endless)).toContain('more than 10000 rows')
  })

  it('is not believed from elsewhere, nor when it is no SNMP, and silence ends', async () => {
    await using agent = await startSnmpResponder(() => Buffer.from('3082ffff0201', 'hex'))
    expect(await reader.read(agent.address, access(agent.port), signal)).toMatchObject({ outcome: 'refused' })
    agent.answer = (request) => {
      void agent.sendFromElsewhere(response(request, [['1.3.6.1.2.1.1.5.0', text('liar')]]))
      return undefined
    }
    expect(await reader.read(agent.address, access(agent.port), signal)).toMatchObject({ outcome: 'silent' })
    agent.answer = (request) => response(request, [['1.3.6.1.2.1.1.5.0', ber(0x30, [1, 2, 3])]])
    expect((await reader.read(agent.address, access(agent.port), signal)).outcome).not.toBe('answered')
  })
})

describe.skipIf(!has('snmpd'))('a real agent', () => {
  const users = {
    version: '3',
    user: 'u',
    auth: { protocol: 'sha256', password: 'labauthpass' },
    priv: { protocol: 'aes', password: 'labprivpass' },
    acceptFrom: [],
  } as const

  it('of SNMPv3 with AES-256 and AES-192 is read', async () => {
    await using agent = await startSnmpd({
      name: 'box',
      config: [
        'createUser a SHA-256 labauthpass AES-256 labprivpass',
        'rouser a priv',
        'createUser b SHA-512 labauthpass AES-192 labprivpass',
        'rouser b priv',
      ],
    })
    const { port, address } = agent
    for (const [user, auth, priv] of [
      ['a', 'sha256', 'aes256'],
      ['b', 'sha512', 'aes192'],
    ] as const) {
      const access: SnmpAccess = {
        ...users,
        user,
        port,
        auth: { ...users.auth, protocol: auth },
        priv: { ...users.priv, protocol: priv },
      }
      expect(await reader.read(address, access, signal)).toMatchObject({
        outcome: 'answered',
        element: { name: 'box' },
      })
    }
  })

  it('of SNMPv3 is read, and a wrong pass phrase is told', async () => {
    await using agent = await startSnmpd({
      name: 'box',
      config: ['createUser u SHA-256 labauthpass AES labprivpass', 'rouser u priv'],
    })
    const { port, address } = agent
    const read = await reader.read(address, { ...users, port }, signal)
    expect(read).toMatchObject({ outcome: 'answered', element: { name: 'box', neighbours: [] } })
    const wrong = { ...users, port, auth: { ...users.auth, password: 'notthepass' } }
    const refused = await reader.read(address, wrong, signal)
    expect(refused.outcome).toBe('refused')
    expect(problemOf(refused)).not.toContain('notthepass')
  })
})
