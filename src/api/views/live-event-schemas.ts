import { z } from 'zod'
import { time } from './common-schemas.ts'

/**
 * `data` of a server-sent event; the event's name is the topic and its id the number to resume after. An event named
 * `reset` instead has no data: what was missed is not known any more, so everything is to be read anew.
 */
export const liveEvent = z.object({
  topic: z.enum(['alarm', 'incident', 'report', 'notification', 'network', 'maintenance']),
  id: z.string(),
  change: z.string(),
  at: time,
})

export type LiveEventView = z.infer<typeof liveEvent>
