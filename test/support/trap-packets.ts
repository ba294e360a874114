import { createRequire } from 'node:module'

interface TrapSession {
  trap(oid: string, varbinds: object[], options: object, done: () => void): void
  inform(oid: string, varbinds: object[], options: object, done: () => void): void
  on(event: string, listener: () => void): void
}

const snmp: {
  createSession(target: string, community: string, options: object): TrapSession
  createV3Session(target: string, user: object, options: object): TrapSession
  readonly Version1: number
  readonly Version2c: number
  readonly SecurityLevel: Readonly<Record<string, number>>
  readonly AuthProtocols: Readonly<Record<string, number>>
  readonly PrivProtocols: Readonly<Record<string, number>>
} = createRequire(import.meta.url)('net-snmp')

/** Takes what a session sends, in place of a socket. */
const caught = (packets: Buffer[]) => ({
  createSocket: () => ({
    on: () => undefined,
    unref: () => undefined,
    close: () => undefined,
    send: (bytes: Buffer) => packets.push(Buffer.from(bytes)),
  }),
})

const interfaceRow = [
  { oid: '1.3.6.1.2.1.2.2.1.1.7', type: 2, value: 7 },
  { oid: '1.3.6.1.2.1.31.1.1.1.1.7', type: 4, value: 'ge-0/0/7' },
]

function packetOf(make: (dgramModule: object) => TrapSession, inform: boolean, oid: string): Buffer {
  const packets: Buffer[] = []
  const session = make(caught(packets))
  session.on('error', () => undefined)
  if (inform) session.inform(oid, interfaceRow, {}, () => undefined)
  else session.trap(oid, interfaceRow, { agentAddr: '192.0.2.7', upTime: 99 }, () => undefined)
  const [packet] = packets
  if (packet === undefined) throw new Error('the package sent nothing')
  return packet
}

const linkDown = '1.3.6.1.6.3.1.1.5.3'

/** Traps and informs as the net-snmp package writes them, which is not the code under test. */
export const trapV1 = (community: string): Buffer =>
  packetOf(
    (dgramModule) => snmp.createSession('192.0.2.1', community, { version: snmp.Version1, dgramModule }),
    false,
    '1.3.6.1.4.1.9.9.43.2.0.1',
  )

export const trapV2c = (community: string, oid: string = linkDown): Buffer =>
  packetOf(
    (dgramModule) => snmp.createSession('192.0.2.1', community, { version: snmp.Version2c, dgramModule }),
    false,
    oid,
  )

export const informV2c = (community: string): Buffer =>
  packetOf(
    (dgramModule) => snmp.createSession('192.0.2.1', community, { version: snmp.Version2c, dgramModule }),
    true,
    linkDown,
  )

/** SHA-256 and one of the package's privacy protocols. */
export function trapV3(
  priv: string,
  user: { name: string; auth: string; priv: string },
  engineId: string,
): Buffer {
  return packetOf(
    (dgramModule) =>
      snmp.createV3Session(
        '192.0.2.1',
        {
          name: user.name,
          level: snmp.SecurityLevel.authPriv,
          authProtocol: snmp.AuthProtocols.sha256,
          authKey: user.auth,
          privProtocol: snmp.PrivProtocols[priv],
          privKey: user.priv,
        },
        { engineID: engineId, dgramModule },
      ),
    false,
    linkDown,
  )
}
