import { z } from 'zod'

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ description: 'A code of docs/errors.md.' }),
  detail: z.string(),
  instance: z.string().optional(),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'Each field that is wrong.' }),
  version: z
    .int()
    .optional()
    .meta({ description: 'With PRECONDITION_FAILED: the version that is the newest.' }),
})

export type Problem = z.infer<typeof problem>
