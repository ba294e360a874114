import { z } from 'zod'
import { authentication, privacy } from './element-settings.ts'
import { listenAddress, oneLine, secret } from './setting.ts'

const community = secret.max(255, 'must not be longer than 255 characters')

/** RFC 3411 §5: 5 to 32 bytes. */
export const engineId = z
  .string()
  .regex(/^(0x)?([0-9A-Fa-f]{2}){5,32}$/, 'expected 5 to 32 bytes in hexadecimal, such as 80001f8880aabbccdd')
  .transform((text) => text.replace(/^0x/, '').toLowerCase())

const trapUser = z
  .strictObject({
    name: oneLine(32).meta({ description: 'User name (USM).' }),
    engineId: engineId.exactOptional().meta({
      title: 'hexadecimal bytes',
      description:
        'snmpEngineID of the sender: traps of this user count from that engine only. Informs carry our own engine id, so it does not bind them.',
    }),
    auth: authentication,
    priv: privacy,
  })
  .refine((user) => user.priv === undefined || user.auth !== undefined, {
    error: 'needs auth as well: SNMPv3 has no privacy without authentication',
    path: ['priv'],
  })

/** Where SNMP traps and informs are received, and whose count. */
export const trapSettings = z
  .strictObject({
    listen: listenAddress.meta({
      title: 'host:port',
      description: 'UDP address. `[::]:1162` takes IPv4 as well. Ports under 1024 need a privilege.',
      examples: ['0.0.0.0:1162'],
    }),
    communities: z
      .array(
        z
          .union([
            community,
            z
              .strictObject({ community: community.meta({ secret: true, description: 'Community.' }) })
              .transform((named) => named.community),
          ])
          .meta({
            description:
              'A community that SNMPv1 and v2c traps may carry, as text or as `{ community_file: … }`. None at all: no such traps.',
          }),
      )
      .prefault([])
      .meta({ description: 'Communities that SNMPv1 and v2c traps may carry.' }),
    users: z
      .array(trapUser)
      .prefault([])
      .meta({ description: 'Users that SNMPv3 traps and informs may come from.' }),
    engineId: engineId.exactOptional().meta({
      title: 'hexadecimal bytes',
      description:
        'Our own snmpEngineID, which senders of SNMPv3 informs discover. Default: made from the name of the vantage.',
    }),
  })
  .refine((traps) => traps.communities.length + traps.users.length > 0, {
    error: 'without communities and users no trap would count',
    path: ['communities'],
  })
