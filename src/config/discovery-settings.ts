import { isIP } from 'node:net'
import { z } from 'zod'
import { snmpAccess } from './element-settings.ts'
import { whole } from './setting.ts'

const prefix = z
  .string()
  .refine((text) => isPrefix(text), { error: 'expected a prefix such as 192.0.2.0/24 or 2001:db8::/32' })
  .transform((text) => {
    const [network = '', length = ''] = text.split('/')
    return { network, length: Number(length) }
  })

function isPrefix(text: string): boolean {
  const [, network = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const version = isIP(network)
  return version !== 0 && Number(length) <= (version === 4 ? 32 : 128)
}

/** How far `faultline discover` goes, and what it shows there. */
export const discoverySettings = z.strictObject({
  snmp: z.array(snmpAccess).min(1, 'needs at least one way to ask').meta({
    description: 'Ways to ask an agent, tried in this order; what an element declares comes first.',
  }),
  allow: z
    .array(prefix)
    .min(1, 'needs at least one prefix')
    .meta({
      title: 'list of prefixes',
      description: 'Addresses that may be asked; no other ever is.',
      examples: [['192.0.2.0/24', '2001:db8::/32']],
    }),
  maxElements: whole(1, 100_000)
    .prefault(1_000)
    .meta({ description: 'The walk ends when so many elements have answered.' }),
})
