import { z } from 'zod'
import { reportStatuses, symptoms } from '../../model/fault-report.ts'
import { incidentStates } from '../../model/incident.ts'
import { pageOf, time } from './common-schemas.ts'
import { logRow } from './log-schemas.ts'

const matchReason = z.object({
  factor: z.enum(['topology', 'time', 'symptom', 'other-reports', 'person']),
  points: z.number(),
  text: z.string(),
})

export const match = z.object({
  incident: z.string(),
  score: z.number().min(0).max(1),
  state: z.enum(['linked', 'suggested', 'unlinked']),
  decidedBy: z.enum(['system', 'person']),
  at: time,
  reasons: z.array(matchReason),
  incidentTitle: z.string().optional(),
  incidentState: z.enum(incidentStates).optional(),
  etaAt: time.optional(),
})

export type MatchView = z.infer<typeof match>

export const evidence = z.object({
  state: z.enum(['pending', 'measured']),
  coverage: z.number().min(0).max(1),
  good: z.boolean(),
  from: time,
  to: time,
  findings: z.array(z.string()),
})

export type EvidenceView = z.infer<typeof evidence>

const verdict = z.enum(['matched', 'suspected', 'no-fault-seen', 'unknown'])

export const faultReport = z.object({
  id: z.string(),
  kind: z.enum(['fault', 'complaint']),
  externalId: z.string().optional().meta({ description: 'Not for `readonly`.' }),
  customer: z.string(),
  customerName: z.string().optional(),
  service: z.string().optional(),
  symptom: z.enum(symptoms),
  description: z.string().optional(),
  channel: z.string(),
  status: z.enum(reportStatuses),
  reportedAt: time,
  reportedOnsetAt: time.optional(),
  verdict,
  evidence,
  matches: z.array(match).meta({ description: 'Best first; those that a person unlinked come last.' }),
  version: z.int().meta({ description: 'Give it as If-Match when you change the report.' }),
  updatedAt: time,
})

export type FaultReportView = z.infer<typeof faultReport>

export const faultReportPage = pageOf(faultReport)

export type FaultReportPage = z.infer<typeof faultReportPage>

export const faultReportDetail = faultReport.extend({ log: z.array(logRow) })

export type FaultReportDetail = z.infer<typeof faultReportDetail>
