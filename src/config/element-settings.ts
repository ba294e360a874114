import { z } from 'zod'
import type { AuthProtocol, PrivProtocol } from '../model/target.ts'
import { bitRate } from './quantity.ts'
import { address, identity, oneLine, port, secret, timeZone } from './setting.ts'

const authProtocols = [
  'md5',
  'sha',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
] as const satisfies readonly AuthProtocol[]
const privProtocols = ['des', 'aes', 'aes192', 'aes256'] as const satisfies readonly PrivProtocol[]

// RFC 3414 §11.2: agents may refuse shorter pass phrases, and net-snmp does.
const passPhrase = secret.min(8, 'must have at least 8 characters (RFC 3414)')

const agentPort = port.prefault(161).meta({ description: 'UDP port of the agent.' })
const acceptFrom = z
  .array(address)
  .prefault([])
  .meta({ title: 'list of addresses', description: 'Further addresses that the element may answer from.' })

const communityAccess = z.strictObject({
  version: z.literal([1, '1', '2c']).meta({ description: 'SNMP version.' }),
  community: secret
    .max(255, 'must not be longer than 255 characters')
    .meta({ secret: true, description: 'Community.' }),
  port: agentPort,
  acceptFrom,
})

export const authentication = z
  .strictObject({
    protocol: z.enum(authProtocols).meta({ description: 'Authentication protocol.' }),
    password: passPhrase.meta({ secret: true, description: 'Authentication pass phrase.' }),
  })
  .exactOptional()
export const privacy = z
  .strictObject({
    protocol: z.enum(privProtocols).meta({ description: 'Privacy protocol.' }),
    password: passPhrase.meta({ secret: true, description: 'Privacy pass phrase.' }),
  })
  .exactOptional()

const userAccess = z
  .strictObject({
    version: z.literal([3, '3']).meta({ description: 'SNMP version.' }),
    user: oneLine(32).meta({ description: 'User name (USM).' }),
    auth: authentication,
    priv: privacy,
    port: agentPort,
    acceptFrom,
  })
  .refine((access) => access.priv === undefined || access.auth !== undefined, {
    error: 'needs auth as well: SNMPv3 has no privacy without authentication',
    path: ['priv'],
  })

/** How an agent is asked. */
export const snmpAccess = z.discriminatedUnion('version', [communityAccess, userAccess])

const stampReflector = z.strictObject({
  port: port.exactOptional().meta({ description: 'UDP port of the reflector. Default: `poll.stamp.port`.' }),
  stateful: z.boolean().prefault(false).meta({
    description: 'The reflector numbers its own packets (RFC 8762 §4.2), so that loss is known each way.',
  }),
})

/** A managed box. It counts as reachable by the probes that it is configured with. */
export const elementSettings = z
  .strictObject({
    id: identity.meta({ description: 'Identity, apart from name and address; it never changes.' }),
    name: oneLine(200).exactOptional().meta({ description: 'Name for people. Default: the id.' }),
    address: address.exactOptional().meta({
      title: 'address',
      description: 'IPv4 or IPv6 address that is polled. Absent: never polled (a passive cabinet).',
    }),
    role: oneLine(64)
      .exactOptional()
      .meta({
        description: 'What it is for; rules can select by it.',
        examples: ['core', 'aggregation', 'access', 'cpe'],
      }),
    site: oneLine(64).exactOptional().meta({ description: 'Where it stands.' }),
    vendor: oneLine(64)
      .exactOptional()
      .meta({
        description: 'Who made it, for rules to select by. Default: what its sysObjectID tells.',
        examples: ['huawei'],
      }),
    timeZone: timeZone.exactOptional().meta({
      title: 'time zone',
      description: 'IANA zone of its busy hours. Default: `peak.timeZone`.',
      examples: ['Asia/Urumqi'],
    }),
    tags: z
      .array(oneLine(64))
      .prefault([])
      .meta({ title: 'list', description: 'Free words that rules can select by.' }),
    uplinks: z
      .array(identity)
      .prefault([])
      .meta({ title: 'list of elements', description: 'Elements one step nearer to the gateways.' }),
    icmp: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Probe by ICMP echo. Default: true when there is an address.' }),
    stamp: z
      .union([z.boolean(), stampReflector])
      .exactOptional()
      .meta({ description: 'Probe by STAMP; `true` takes every default. Default: false.' }),
    snmp: snmpAccess.exactOptional().meta({ description: 'How its agent is asked. Absent: no SNMP.' }),
    interfaces: z
      .record(
        oneLine(255),
        z.strictObject({
          speed: bitRate.meta({
            title: 'rate',
            description: 'Capacity, where the box reports another than what was bought.',
          }),
        }),
      )
      .prefault({})
      .meta({ description: 'What is known about interfaces, by ifName.' }),
  })
  .superRefine((element, context) => {
    for (const probe of ['icmp', 'stamp', 'snmp'] as const) {
      if (element.address === undefined && element[probe] !== undefined && element[probe] !== false)
        context.addIssue({ code: 'custom', path: [probe], message: 'needs an address to probe' })
    }
  })

const linkEnd = z.strictObject({
  element: identity.meta({ description: 'The element.' }),
  interface: oneLine(255)
    .exactOptional()
    .meta({ description: 'Its interface (ifName); tells parallel links apart.' }),
})

export const linkSettings = z.strictObject({
  a: linkEnd.meta({ description: 'One end.' }),
  b: linkEnd.meta({ description: 'The other end.' }),
})
