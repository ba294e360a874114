import { z } from 'zod'

/** Roles, each holding what the one after it may do. */
export const roles = ['admin', 'noc', 'desk', 'readonly'] as const

export type Role = (typeof roles)[number]

/** Who the caller is, and what the console needs to know before anything else. */
export const session = z.object({
  actor: z.string(),
  role: z.enum(roles),
  authentication: z.enum(['loopback', 'token', 'session']),
  demo: z.boolean(),
  version: z.string(),
})

export type SessionView = z.infer<typeof session>
