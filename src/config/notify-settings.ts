import { z } from 'zod'
import type { ImpactState } from '../model/impact.ts'
import { duration } from './quantity.ts'
import { filePath, identity, oneLine, port, secret, timeZone, webUrl, whole } from './setting.ts'

const sender = oneLine(320).regex(/@/, 'expected a mail address, with or without a name before it')

const smtp = z
  .strictObject({
    kind: z.literal('smtp').meta({ description: 'Mail by SMTP.' }),
    host: oneLine(253).meta({ description: 'Mail server.' }),
    port: port.prefault(25).meta({ description: 'Its port.' }),
    from: sender.meta({ description: 'Sender.', examples: ['Example Net <noc@example.net>'] }),
    tls: z.enum(['none', 'starttls', 'implicit']).exactOptional().meta({
      description:
        'Encryption: `starttls` insists on it, `implicit` is port 465 style. Default: STARTTLS where the server offers it.',
    }),
    username: oneLine(256).exactOptional().meta({ description: 'User, where the server asks for one.' }),
    password: secret.exactOptional().meta({ secret: true, description: 'Password of that user.' }),
  })
  .refine((channel) => (channel.username === undefined) === (channel.password === undefined), {
    error: 'username and password go together',
    path: ['username'],
  })

const webhook = z.strictObject({
  kind: z
    .literal('webhook')
    .meta({ description: 'A signed HTTP POST to your own system, which tells the customer.' }),
  url: webUrl.meta({
    title: 'url',
    description: 'Where to post.',
    examples: ['https://crm.example.net/faultline'],
  }),
  secret: secret.min(16, 'must have at least 16 characters').meta({
    secret: true,
    description: 'Key of the HMAC-SHA256 signature; at least 16 characters.',
  }),
})

const mailbox = z.strictObject({
  kind: z.literal('mailbox').meta({ description: 'Writes .eml files into a folder, for trials.' }),
  path: filePath.meta({
    title: 'path',
    description: 'The folder; made when absent.',
    examples: ['data/mailbox'],
  }),
  from: sender.prefault('Faultline <noc@localhost>').meta({ description: 'Sender.' }),
})

/** Who is told what, and by which ways. */
export const notifySettings = z.strictObject({
  channels: z
    .record(identity, z.discriminatedUnion('kind', [smtp, webhook, mailbox]))
    .prefault({})
    .meta({ description: 'Ways to tell customers, by the name that `contacts` use.' }),
  hold: duration('0s', '1d').prefault('60s').meta({
    title: 'duration',
    description: 'An outage that is over sooner than this is never told.',
  }),
  tell: z
    .array(z.enum(['down', 'degraded', 'atRisk'] as const satisfies readonly ImpactState[]))
    .prefault(['down', 'degraded'])
    .meta({ title: 'list', description: 'Which states of a service are told to its customer.' }),
  timeZone: timeZone.prefault('UTC').meta({
    title: 'time zone',
    description: 'IANA zone of the times in messages.',
    examples: ['Asia/Shanghai'],
  }),
  concurrency: whole(1, 100).prefault(4).meta({ description: 'Messages that are sent at the same time.' }),
})
