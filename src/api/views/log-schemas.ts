import { z } from 'zod'
import { time } from './common-schemas.ts'

export const logRow = z.object({
  sequence: z.int(),
  at: time,
  actor: z.string(),
  type: z.string(),
  text: z.string().meta({ description: 'In plain English. A note is as its author wrote it.' }),
})
export type LogRow = z.infer<typeof logRow>
