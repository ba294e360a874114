import { z } from 'zod'
import { trapKinds } from '../../model/trap.ts'
import { count, time } from './common-schemas.ts'

export const polled = z.object({
  element: z.string(),
  readings: z.array(
    z.object({
      probe: z.enum(['icmp', 'stamp', 'snmp']),
      at: time,
      outcome: z.enum(['answered', 'timeout', 'notSent', 'refused']),
      durationMs: z.number(),
      problem: z.string().optional(),
      sent: count.optional(),
      received: count.optional(),
      rttMs: z.number().optional().meta({ description: 'Mean round-trip time of the replies.' }),
    }),
  ),
})

export type PolledView = z.infer<typeof polled>

const seenToday = { count, firstAt: time, lastAt: time }

export const collection = z.object({
  probes: z.array(
    z.object({
      name: z.enum(['icmp', 'stamp', 'snmp']),
      engine: z.string().meta({ description: 'Which engine runs, and what it may do.' }),
      intervalMs: z.number(),
    }),
  ),
  overruns: z
    .array(z.object({ element: z.string(), probe: z.enum(['icmp', 'stamp', 'snmp']), skipped: count }))
    .meta({
      description: 'Polls skipped because the one before still ran, since the start; the worst first.',
    }),
  failing: z
    .array(
      z.object({
        element: z.string(),
        probe: z.enum(['icmp', 'stamp', 'snmp']),
        outcome: z.enum(['timeout', 'notSent', 'refused']),
        problem: z.string().meta({ description: 'Why, of the last poll.' }),
        since: time.meta({ description: 'The first poll that failed since the last answer.' }),
        lastAt: time.meta({ description: 'The last poll.' }),
      }),
    )
    .meta({
      description:
        'Polls that fail now and tell why, at most 100: refused ones first, then those that could not be sent, then silence; of these what began last.',
    }),
  refused: z
    .array(z.object({ protocol: z.string(), reason: z.string(), count }))
    .meta({ description: 'Packets dropped since the start.' }),
  traps: z
    .object({
      host: z.string(),
      port: z.int(),
      receiveBuffer: z.int().meta({ description: 'Bytes, as the kernel granted it.' }),
      counts: z
        .array(z.object({ kind: z.string(), outcome: z.string(), count }))
        .meta({ description: 'Since the start.' }),
      latest: z
        .array(
          z.object({
            element: z.string(),
            at: time,
            kind: z.enum(trapKinds),
            oid: z.string(),
            version: z.enum(['1', '2c', '3']),
            inform: z.boolean(),
            authenticated: z.boolean().meta({ description: 'SNMPv3 with a right digest, and of now.' }),
            source: z.string(),
            interfaceIndex: z.int().optional(),
            interfaceName: z.string().optional(),
          }),
        )
        .meta({ description: 'Traps of elements, the latest first.' }),
      refused: z
        .array(z.object({ ...seenToday, address: z.string(), why: z.string() }))
        .meta({ description: 'Senders whose traps did not count, in the last day.' }),
      unknown: z
        .array(z.object({ ...seenToday, element: z.string(), oid: z.string() }))
        .meta({ description: 'Traps of elements that are not understood, in the last day.' }),
    })
    .optional()
    .meta({ description: 'Absent when traps are not received.' }),
})

export type CollectionView = z.infer<typeof collection>
