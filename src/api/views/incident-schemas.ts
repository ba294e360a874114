import { z } from 'zod'
import { symptoms } from '../../model/fault-report.ts'
import { incidentStates } from '../../model/incident.ts'
import { notificationStates } from '../../model/notification.ts'
import { severities } from '../../model/severity.ts'
import { alarm } from './alarm-schemas.ts'
import { count, pageOf, time } from './common-schemas.ts'
import { match } from './fault-report-schemas.ts'
import { impactCounts, impactRow, impactState } from './impact-schemas.ts'
import { logRow } from './log-schemas.ts'

/** `elementOrUplink`: the evidence does not tell which of the two failed. */
const rootCause = z.object({
  kind: z.enum(['element', 'link', 'elementOrUplink', 'site']),
  element: z.string().optional(),
  elementName: z.string().optional(),
  site: z.string().optional(),
  trouble: z
    .enum(['congestion', 'errors'])
    .optional()
    .meta({ description: 'What is wrong with it while it still works.' }),
  links: z.array(z.string()).meta({ description: 'The link, or the uplinks that may have failed instead.' }),
  text: z.string().meta({ description: 'Short, with names, in English.' }),
})

export type RootCauseView = z.infer<typeof rootCause>

export const incidentKind = z.enum(['outage', 'degradation', 'redundancy', 'agent', 'blind'])

export const incident = z.object({
  id: z.string(),
  kind: incidentKind,
  state: z.enum(incidentStates),
  severity: z.enum(severities),
  title: z.string().meta({ description: 'The root causes, joined.' }),
  roots: z.array(rootCause),
  shadowed: z.array(z.string()),
  alarmCount: count,
  impactNow: impactCounts,
  impactEver: impactCounts,
  explanation: z.array(z.string()),
  onsetAt: time,
  detectedAt: time,
  firstReportAt: time.optional(),
  firstMessageAt: time.optional(),
  restoredAt: time.optional(),
  resolvedAt: time.optional(),
  resolvedBecause: z.literal('shelved').optional().meta({
    description:
      'A person shelved what it rested on; nothing was measured to be good, so there is no `restoredAt`.',
  }),
  closedAt: time.optional(),
  etaAt: time.optional(),
  assignee: z.string().optional().meta({ description: 'Not for `readonly`.' }),
  acknowledged: z.object({ by: z.string(), at: time }).optional(),
  hold: z
    .object({ by: z.string(), at: time, reason: z.string().optional() })
    .optional()
    .meta({ description: 'What work waits for; the reason is not for `readonly`.' }),
  reopened: z
    .object({ by: z.string(), at: time, reason: z.string().optional() })
    .optional()
    .meta({ description: 'A person opened it again: it is not resolved by itself.' }),
  planned: z
    .string()
    .optional()
    .meta({ description: 'The maintenance window that it lies wholly inside of.' }),
  mergedInto: z.string().optional().meta({ description: 'The older incident that took this one over.' }),
  splitFrom: z.string().optional().meta({ description: 'The incident that it was a part of at first.' }),
  version: z.int().meta({ description: 'Give it as If-Match when you change the incident.' }),
  updatedAt: time,
})

export type IncidentView = z.infer<typeof incident>

export const incidentPage = pageOf(incident)

export type IncidentPage = z.infer<typeof incidentPage>

export const incidentDetail = incident.extend({
  alarms: z.array(alarm),
  impact: z.array(impactRow).meta({ description: 'Worst first.' }),
  reports: z.array(
    z.object({
      id: z.string(),
      customer: z.string(),
      customerName: z.string().optional(),
      symptom: z.enum(symptoms),
      reportedAt: time,
      match,
    }),
  ),
  notifications: z
    .object({
      customersTold: count,
      byKind: z.array(
        z.object({
          kind: z.enum(['outage', 'progress', 'restored']),
          state: z.enum(notificationStates),
          count,
        }),
      ),
    })
    .optional()
    .meta({ description: 'As they are now; absent in an answer about the past.' }),
  log: z.array(logRow),
})

export type IncidentDetail = z.infer<typeof incidentDetail>

export const impactHistory = z.object({
  items: z
    .array(
      z.object({
        sequence: z.int().meta({ description: 'Of the log row that changed it.' }),
        at: time,
        type: z.string(),
        impact: impactCounts.meta({ description: 'From then on.' }),
        changes: z
          .array(
            z.object({
              service: z.string(),
              customer: z.string().optional(),
              state: impactState.optional().meta({ description: 'Absent: it works again.' }),
              planned: z.string().optional(),
            }),
          )
          .meta({ description: 'At most 100.' }),
        more: count.meta({ description: 'How many changes are not listed.' }),
      }),
    )
    .meta({ description: 'In order of time.' }),
  nextCursor: z.string().optional(),
})

export type ImpactHistoryView = z.infer<typeof impactHistory>
