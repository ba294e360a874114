import { z } from 'zod'
import { duration } from './quantity.ts'

/** How long things must stay as they are before an incident moves on. */
export const incidentSettings = z.strictObject({
  verify: duration('0s', '1d').prefault('2m').meta({
    title: 'duration',
    description: 'Metrics must be good for this long before an incident is resolved and customers are told.',
  }),
  reopen: duration('0s', '7d').prefault('30m').meta({
    title: 'duration',
    description: 'The same root cause within this time of resolution reopens the incident.',
  }),
  closeAfter: duration('0s', '90d').prefault('24h').meta({
    title: 'duration',
    description: 'A resolved incident is closed after this time.',
  }),
})
