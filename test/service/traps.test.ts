import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { AuthProtocol, PrivProtocol } from '../../src/model/target.ts'
import { eventually } from '../support/eventually.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { has } from '../support/requires.ts'
import { trapV2c } from '../support/trap-packets.ts'
import { ownEngineId, startTrapPost } from '../support/trap-post.ts'

const linkDown = '1.3.6.1.6.3.1.1.5.3'
const interfaceBindings = [
  '1.3.6.1.2.1.2.2.1.1.7',
  'i',
  '7',
  '1.3.6.1.2.1.31.1.1.1.1.7',
  's',
  'ge-0/0/7',
] as const
const v2c = ['-v2c', '-c', 'lab-public', '--', '', linkDown, ...interfaceBindings] as const
const senderEngine = '80001f8880aabbccdd01'

const authNames: Readonly<Record<AuthProtocol, string>> = {
  md5: 'MD5',
  sha: 'SHA',
  sha224: 'SHA-224',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
}
const privNames: Readonly<Record<PrivProtocol, string>> = {
  des: 'DES',
  aes: 'AES',
  aes192: 'AES-192',
  aes256: 'AES-256',
}
const levels: readonly (readonly [AuthProtocol, PrivProtocol])[] = [
  ['md5', 'des'],
  ['sha', 'aes'],
  ['sha', 'aes256'],
  ['sha224', 'aes192'],
  ['sha256', 'aes'],
  ['sha384', 'aes192'],
  ['sha512', 'aes256'],
]

const userOf = (auth: AuthProtocol, priv: PrivProtocol) => ({
  name: 'labv3',
  auth: { protocol: auth, password: 'labauthpass' },
  priv: { protocol: priv, password: 'labprivpass' },
})
const as = (auth: string, priv: string) => [
  ...['-v3', '-u', 'labv3', '-l', 'authPriv'],
  ...['-a', auth, '-A', 'labauthpass', '-x', priv, '-X', 'labprivpass'],
]

describe.skipIf(!has('snmptrap'))('a trap', () => {
  it('of SNMPv1 is understood, generic, of an enterprise, and passed on by a proxy', async () => {
    await using post = await startTrapPost({ elements: { '127.0.0.1': 'proxy', '192.0.2.7': 'far' } })
    const v1 = ['-v1', '-c', 'lab-public', '--']
    await post.send('snmptrap', ...v1, '1.3.6.1.4.1.9', '192.0.2.7', '2', '0', '99', ...interfaceBindings)
    expect(await post.trap((trap) => trap.kind === 'linkDown')).toMatchObject({
      element: 'far',
      source: '127.0.0.1',
      version: '1',
      interfaceIndex: 7,
      interfaceName: 'ge-0/0/7',
      authenticated: false,
      inform: false,
    })
    // An address that is no element's says nothing: it is the sender's then.
    await post.send('snmptrap', ...v1, '1.3.6.1.2.1.15', '203.0.113.9', '6', '2', '99')
    expect(await post.trap((trap) => trap.kind === 'bgpBackward')).toMatchObject({ element: 'proxy' })
    await post.send('snmptrap', ...v1, '1.3.6.1.2.1.15.7', '0.0.0.0', '6', '1', '99')
    expect(await post.trap((trap) => trap.kind === 'bgpEstablished')).toMatchObject({ element: 'proxy' })
  })

  it.for([
    ['1.3.6.1.6.3.1.1.5.1', 'coldStart'],
    ['1.3.6.1.6.3.1.1.5.2', 'warmStart'],
    ['1.3.6.1.6.3.1.1.5.4', 'linkUp'],
    ['1.3.6.1.6.3.1.1.5.5', 'authenticationFailure'],
    ['1.3.6.1.2.1.15.0.1', 'bgpEstablished'],
    ['1.3.6.1.2.1.15.7.2', 'bgpBackward'],
    ['1.0.8802.1.1.2.0.0.1', 'lldpChange'],
  ] as const)('of SNMPv2c with %s is %s', async ([oid, kind]) => {
    await using post = await startTrapPost()
    await post.send('snmptrap', '-v2c', '-c', 'lab-public', '--', '', oid)
    expect(await post.trap(() => true)).toMatchObject({ kind, element: 'box', version: '2c' })
  })

  it.for(levels)('of SNMPv3 with %s and %s is evidence', async ([auth, priv]) => {
    await using post = await startTrapPost({ users: [userOf(auth, priv)] })
    const args = ['-e', `0x${senderEngine}`, ...as(authNames[auth], privNames[priv])]
    await post.send('snmptrap', ...args, '--', '', linkDown, ...interfaceBindings)
    expect(await post.trap(() => true)).toMatchObject({
      kind: 'linkDown',
      version: '3',
      authenticated: true,
      interfaceName: 'ge-0/0/7',
    })
  })

  it('of SNMPv3 without a digest is no evidence, and is refused of a user who has one', async () => {
    await using post = await startTrapPost({ users: [{ name: 'open' }, userOf('sha256', 'aes')] })
    const plain = (user: string) => ['-v3', '-e', `0x${senderEngine}`, '-u', user, '-l', 'noAuthNoPriv']
    await post.send('snmptrap', ...plain('open'), '--', '', linkDown)
    expect(await post.trap(() => true)).toMatchObject({ version: '3', authenticated: false })
    await post.send('snmptrap', ...plain('labv3'), '--', '', linkDown)
    await eventually('the refusal', async () => (await post.counts())['wrong-level'] === 1)
    expect(post.traps).toHaveLength(1)
  })

  it('of SNMPv3 that is out of its engine’s time is refused', async () => {
    await using post = await startTrapPost({ users: [userOf('sha', 'aes')] })
    const args = ['-e', `0x${senderEngine}`, ...as('SHA', 'AES')]
    const send = (boots: string) => post.send('snmptrap', ...args, '-Z', boots, '--', '', linkDown)
    await send('5,1000')
    await send('5,1010')
    await send('5,700')
    await send('4,2000')
    await send('6,1')
    await eventually('five traps', async () => {
      const { accepted = 0, 'not-in-time-window': old = 0 } = await post.counts()
      return accepted + old === 5
    })
    expect(post.traps.map((trap) => trap.authenticated)).toEqual([true, true, true])
    expect(post.receiver.status().refused).toMatchObject([{ why: 'not-in-time-window', count: 2 }])
  })

  it('of SNMPv3 is evidence only by the engine that the element is polled at, not from before its last start', async () => {
    const engines = new Map([
      ['box', { id: senderEngine, boots: 7 }],
      ['other', { id: '80001f8880aabbccdd02', boots: 1 }],
    ])
    const post = (element: string) =>
      startTrapPost({
        users: [userOf('sha', 'aes')],
        elements: { '127.0.0.1': element },
        engineOf: (one) => engines.get(one),
      })
    const send = async (element: string, boots: string) => {
      await using one = await post(element)
      const args = ['-e', `0x${senderEngine}`, ...as('SHA', 'AES'), '-Z', boots]
      await one.send('snmptrap', ...args, '--', '', linkDown)
      return (await one.trap(() => true)).authenticated
    }
    expect(await send('box', '7,100')).toBe(true)
    expect(await send('box', '8,100')).toBe(true)
    expect(await send('box', '6,100')).toBe(false)
    expect(await send('other', '7,100')).toBe(false)
    expect(await send('another', '7,100')).toBe(true)
  })

  it.for([
    ['a wrong community', ['-v2c', '-c', 'public'], 'wrong-community'],
    [
      'an unknown user',
      ['-v3', '-e', `0x${senderEngine}`, '-u', 'eve', '-l', 'noAuthNoPriv'],
      'unknown-user',
    ],
    [
      'a wrong pass phrase',
      [
        ...['-v3', '-e', `0x${senderEngine}`, '-u', 'labv3', '-l', 'authPriv'],
        ...['-a', 'SHA', '-A', 'notthepass', '-x', 'AES', '-X', 'labprivpass'],
      ],
      'wrong-digest',
    ],
    [
      'a wrong privacy pass phrase',
      [
        ...['-v3', '-e', `0x${senderEngine}`, '-u', 'labv3', '-l', 'authPriv'],
        ...['-a', 'SHA', '-A', 'labauthpass', '-x', 'AES', '-X', 'notthepass'],
      ],
      'undecryptable',
    ],
    [
      'another engine than the user’s',
      ['-e', '0x80001f888099', ...as('SHA', 'AES')].map((arg) => (arg === 'labv3' ? 'bound' : arg)),
      'unknown-user',
    ],
  ] as const)('with %s is refused, and kept for a day', async ([, args, why]) => {
    const bound = { ...userOf('sha', 'aes'), name: 'bound', engineId: Buffer.from(senderEngine, 'hex') }
    await using post = await startTrapPost({ users: [userOf('sha', 'aes'), bound] })
    await post.send('snmptrap', ...args, '--', '', linkDown)
    await eventually('the refusal', async () => (await post.counts())[why] === 1)
    expect(post.receiver.status().refused).toMatchObject([{ address: '127.0.0.1', why, count: 1 }])
    expect(post.traps).toEqual([])
    for (const secret of ['labauthpass', 'labprivpass', 'public', 'notthepass'])
      expect(post.lines.join('')).not.toContain(secret)
  })

  it('of a sender that is no element is counted, and so is one that is not understood', async () => {
    await using post = await startTrapPost({ elements: { '127.0.0.2': 'box' } })
    await post.send('snmptrap', ...v2c)
    await post.send(
      'snmptrap',
      '--clientaddr=127.0.0.2',
      '-v2c',
      '-c',
      'lab-public',
      '--',
      '',
      '1.3.6.1.4.1.9.9.43.2.0.1',
    )
    const trap = await post.trap(() => true)
    expect(trap).toMatchObject({ element: 'box', kind: 'other' })
    expect(post.receiver.status()).toMatchObject({
      refused: [{ address: '127.0.0.1', why: 'unknown-sender', count: 1 }],
      unknown: [{ element: 'box', oid: '1.3.6.1.4.1.9.9.43.2.0.1', count: 1 }],
    })
  })
})

describe.skipIf(!has('snmptrap'))('an inform', () => {
  it('of SNMPv2c is acknowledged', async () => {
    await using post = await startTrapPost()
    await post.send('snmpinform', ...v2c)
    expect(post.traps).toMatchObject([{ kind: 'linkDown', inform: true, version: '2c' }])
  })

  it.for(levels)('of SNMPv3 with %s and %s is acknowledged after discovery', async ([auth, priv]) => {
    await using post = await startTrapPost({ users: [userOf(auth, priv)] })
    await post.send('snmpinform', ...as(authNames[auth], privNames[priv]), '--', '', linkDown)
    expect(post.traps).toMatchObject([{ kind: 'linkDown', inform: true, authenticated: true }])
  })

  it('with a wrong pass phrase gets the report that says so', async () => {
    await using post = await startTrapPost({ users: [userOf('sha256', 'aes')] })
    const args = as('SHA-256', 'AES').map((arg) => (arg === 'labauthpass' ? 'notthepass' : arg))
    const sent = post.send('snmpinform', ...args, '--', '', linkDown)
    await expect(sent).rejects.toThrow(/incorrect password|Authentication failure/)
    expect(post.traps).toEqual([])
  })

  it('that is out of our time is told the time, and then comes again', async () => {
    await using post = await startTrapPost({ users: [userOf('sha256', 'aes')] })
    await post.send(
      'snmpinform',
      '-e',
      `0x${ownEngineId.toString('hex')}`,
      '-Z',
      '9,9',
      ...as('SHA-256', 'AES'),
      '--',
      '',
      linkDown,
    )
    expect(post.traps).toMatchObject([{ authenticated: true }])
    expect(await post.counts()).toMatchObject({ 'not-in-time-window': 1, accepted: 1 })
  })

  it('comes by IPv6 as well', async () => {
    await using post = await startTrapPost({ host: '::1', elements: { '::1': 'box' } })
    await post.send('snmpinform', ...v2c)
    expect(post.traps).toMatchObject([{ element: 'box', source: '::1' }])
  })

  it('comes by IPv4 to a socket for both', async () => {
    await using post = await startTrapPost({ host: '::' })
    await post.send('snmpinform', ...v2c)
    expect(post.traps).toMatchObject([{ element: 'box', source: '127.0.0.1' }])
  })
})

describe('the trap receiver', () => {
  it('says which address it cannot have', async () => {
    const taken = createSocket('udp4')
    taken.bind(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address()
    await expect(startTrapPost({ port })).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
    taken.close()
  })
})

/** A socket of an address of ours. */
async function sender(from: string) {
  const socket = createSocket('udp4')
  socket.bind(0, from)
  await once(socket, 'listening')
  return socket
}

describe('a storm of 10,000 traps a second from one element', () => {
  it('costs no other element a trap, and itself all but its share', async () => {
    const others = Array.from({ length: 50 }, (_, n) => `127.0.2.${n + 1}`)
    const elements = Object.fromEntries([...others, '127.0.1.1'].map((address) => [address, `at-${address}`]))
    const clock = new ManualClock(1_000_000)
    await using post = await startTrapPost({ elements }, clock)
    const packet = trapV2c('lab-public')
    const storm = await sender('127.0.1.1')
    const calm = await Promise.all(others.map(sender))
    let sent = 0
    const send = (socket: Socket) => {
      sent++
      socket.send(packet, post.port, '127.0.0.1')
    }
    const seconds = 3
    for (let step = 0; step < 100 * seconds; step++) {
      for (let n = 0; n < 100; n++) send(storm)
      // Two traps a second of each, at its own moments.
      for (const [n, socket] of calm.entries()) if ((step + n) % 50 === 0) send(socket)
      // The buffer of a socket holds few more than these.
      for (let read = 0; read < sent; await setImmediate()) {
        const { accepted = 0, limited = 0 } = await post.counts()
        read = accepted + limited
      }
      await clock.advance(10)
    }
    for (const socket of [storm, ...calm]) socket.close()
    const heard = Map.groupBy(post.traps, ({ element }) => element)
    for (const address of others) expect(heard.get(`at-${address}`)).toHaveLength(2 * seconds)
    // 50 at once and 20 a second.
    expect(heard.get('at-127.0.1.1')?.length).toBeLessThanOrEqual(50 + 20 * seconds)
    expect(heard.get('at-127.0.1.1')?.length).toBeGreaterThanOrEqual(50 + 20 * seconds - 2)
    expect(post.receiver.status().refused).toMatchObject([{ address: '127.0.1.1', why: 'limited' }])
    expect(post.lines.filter((line) => line.includes('limited'))).toHaveLength(1)
  })
})

describe('hostile datagrams', () => {
  it('leave the receiver as it was', async () => {
    await using post = await startTrapPost({ users: [userOf('sha256', 'aes')] })
    const socket = createSocket('udp4')
    const packets = [trapV2c('lab-public'), trapV2c('lab-public')]
    let seed = 1
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed
    }
    for (let n = 0; n < 2_000; n++) {
      const packet = Buffer.from(packets[n % 2] ?? [])
      for (let times = 0; times < 3; times++) packet[random() % packet.length] = random() % 256
      const bytes = n % 3 === 0 ? packet.subarray(0, random() % packet.length) : packet
      await new Promise((done) => socket.send(bytes, post.port, '127.0.0.1', done))
    }
    socket.close()
    await eventually('another trap', async () => {
      await post.send('snmptrap', '-v2c', '-c', 'lab-public', '--', '', '1.3.6.1.6.3.1.1.5.2')
      return post.traps.some((trap) => trap.kind === 'warmStart')
    })
  })
})
