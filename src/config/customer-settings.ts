import { z } from 'zod'
import type { Language } from '../model/customer.ts'
import { bitRate } from './quantity.ts'
import { identity, oneLine } from './setting.ts'

const contact = z.strictObject({
  channel: identity.meta({ description: 'A key of `notify.channels`.' }),
  address: oneLine(320).meta({
    description: 'Where that channel reaches the customer: a mail address, a number.',
  }),
})

/** Who buys services, and how to tell them. */
export const customerSettings = z.strictObject({
  id: identity.meta({ description: 'Identity, such as the customer number.' }),
  name: oneLine(200).meta({ description: 'Name, as messages address the customer.', examples: ['王小明'] }),
  language: z
    .enum(['zh', 'en'] as const satisfies readonly Language[])
    .prefault('en')
    .meta({ description: 'Language of messages.' }),
  tier: oneLine(32)
    .prefault('consumer')
    .meta({
      description: 'Class of customer, for weighing impact.',
      examples: ['consumer', 'business', 'vip'],
    }),
  contacts: z
    .array(contact, {
      error: (issue) => (issue.input === undefined ? 'a customer needs at least one contact' : undefined),
    })
    .min(1, 'a customer needs at least one contact')
    .meta({ description: 'Ways to reach the customer, in the order in which they are tried.' }),
  flags: z
    .array(oneLine(32))
    .prefault([])
    .meta({
      title: 'list',
      description: 'What to mind with this customer.',
      examples: [['elderly', 'disabled', 'medical']],
    }),
})

/** What is sold to one customer over one line. */
export const serviceSettings = z.strictObject({
  // Room for `-end`, which names the implicit element of an address given as target.
  id: identity
    .max(60, 'must not be longer than 60 characters')
    .meta({ description: 'Identity, such as the line number.' }),
  customer: identity.meta({ description: 'Id of the customer.' }),
  element: identity.meta({ description: 'The access element that carries it.' }),
  interface: oneLine(255).exactOptional().meta({ description: 'The port on that element (ifName).' }),
  target: z
    .string()
    .min(1, 'must not be empty')
    .max(64, 'must not be longer than 64 characters')
    .exactOptional()
    .meta({
      description:
        'What stands for the customer’s end and is probed: an element, or an address, which is then probed by ICMP. Default: the access element.',
    }),
  class: oneLine(64)
    .prefault('broadband')
    .meta({
      description: 'Kind of service.',
      examples: ['broadband', 'leased-line'],
    }),
  area: z
    .enum(['urban', 'rural'])
    .prefault('urban')
    .meta({ description: 'Kind of area; repair times differ.' }),
  down: bitRate
    .exactOptional()
    .meta({ title: 'rate', description: 'Rate sold towards the customer.', examples: ['100Mbps'] }),
  up: bitRate
    .exactOptional()
    .meta({ title: 'rate', description: 'Rate sold from the customer.', examples: ['20Mbps'] }),
})
