import { z } from 'zod'
import { incidentStates } from '../../model/incident.ts'
import { notificationStates } from '../../model/notification.ts'
import { time } from './common-schemas.ts'
import { evidence, faultReport } from './fault-report-schemas.ts'
import { impactState } from './impact-schemas.ts'
import { incidentKind } from './incident-schemas.ts'

const told = z.object({
  kind: z.enum(['outage', 'progress', 'restored']),
  state: z.enum(notificationStates),
  at: time,
  incident: z.string(),
})

export const serviceStatus = z.object({
  service: z.string(),
  customer: z.string(),
  class: z.string(),
  area: z.enum(['urban', 'rural']),
  element: z.string(),
  elementName: z.string(),
  state: z.enum(['ok', 'down', 'degraded', 'atRisk', 'unknown']).meta({
    description: '`unknown`: its path is not measured well enough to say that all is well.',
  }),
  incidents: z.array(
    z.object({
      id: z.string(),
      kind: incidentKind,
      state: z.enum(incidentStates),
      impact: impactState,
      planned: z
        .string()
        .optional()
        .meta({ description: 'The maintenance window that explains how the service suffers.' }),
      title: z.string(),
      onsetAt: time,
      restoredAt: time.optional(),
      etaAt: time.optional(),
    }),
  ),
  evidence,
  told: z.array(told).meta({ description: 'Messages about this service, newest first.' }),
  say: z
    .object({ en: z.string(), zh: z.string() })
    .meta({ description: 'A sentence to read to the customer; plain words, no names of boxes.' }),
})

export type ServiceStatusView = z.infer<typeof serviceStatus>

export const customerStatus = z.object({
  customer: z.string(),
  customerName: z.string(),
  language: z.enum(['zh', 'en']),
  tier: z.string(),
  flags: z.array(z.string()),
  services: z.array(serviceStatus),
  reports: z.array(faultReport).meta({ description: 'Newest first, at most 20.' }),
})
