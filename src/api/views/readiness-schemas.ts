import { z } from 'zod'

export const health = z.object({ status: z.literal('ok'), version: z.string() })

export const readiness = z.object({
  state: z.enum(['ready', 'degraded', 'notReady']),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })),
})

export type ReadinessView = z.infer<typeof readiness>
