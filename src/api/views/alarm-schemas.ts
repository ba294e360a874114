import { z } from 'zod'
import { alarmPhases, alarmTransitionKinds, alarmTypes, systemAlarmTypes } from '../../model/alarm.ts'
import { severities } from '../../model/severity.ts'
import { pageOf, time } from './common-schemas.ts'

export const alarm = z.object({
  id: z.string(),
  about: z.enum(['element', 'interface', 'sensor', 'system']),
  element: z.string().meta({ description: '`system` for an alarm about Faultline itself.' }),
  elementName: z.string(),
  interface: z.string().optional(),
  sensor: z.string().optional().meta({ description: 'As its agent calls it.' }),
  unit: z.string().optional().meta({ description: 'Of the sensor, and of `value` and `limit` then.' }),
  part: z.string().optional().meta({ description: 'The part of Faultline that it is about.' }),
  type: z.enum([...alarmTypes, ...systemAlarmTypes]),
  severity: z.enum(severities),
  eventType: z.string(),
  probableCause: z.string(),
  state: z.enum(['active', 'cleared']),
  phase: z.enum(alarmPhases).optional().meta({
    description:
      'Of an active alarm. `clearing`: good samples come, not enough of them yet. `flapping`: raised and cleared too often; it stays active until it has been stable.',
  }),
  onsetAt: time,
  raisedAt: time,
  restoredAt: time.optional(),
  clearedAt: time.optional(),
  clearedBecause: z
    .string()
    .optional()
    .meta({ description: 'Why it was cleared, when it was not by good samples.' }),
  indeterminate: z.boolean(),
  value: z.number().optional(),
  limit: z.number().optional(),
  rule: z.string(),
  text: z.string(),
  acknowledged: z.object({ by: z.string(), at: time }).optional(),
  shelved: z
    .object({ by: z.string(), at: time, until: time, reason: z.string().optional() })
    .optional()
    .meta({
      description:
        'Put aside by a person: it opens and holds no incident until then. The reason is not for `readonly`.',
    }),
  maintenance: z.string().optional().meta({ description: 'The maintenance window that covers it.' }),
  version: z.int().meta({ description: 'Give it as If-Match when you change the alarm.' }),
})

export type AlarmView = z.infer<typeof alarm>

export const alarmPage = pageOf(alarm)

export type AlarmPage = z.infer<typeof alarmPage>

export const alarmDetail = alarm.extend({
  transitions: z
    .array(
      z.object({
        sequence: z.int(),
        at: time,
        actor: z.string(),
        kind: z.enum(alarmTransitionKinds),
        severity: z.enum(severities),
        value: z.number().optional(),
        until: time.optional().meta({ description: 'Of `shelved`.' }),
        reason: z.string().optional(),
      }),
    )
    .meta({ description: 'Oldest first.' }),
})

export type AlarmDetail = z.infer<typeof alarmDetail>
