import { z } from 'zod'

/** RFC 3339, UTC. */
export const time = z.iso.datetime()

export const count = z.int().min(0)

/** One page of a list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z
      .string()
      .optional()
      .meta({ description: 'Give it as `cursor` for the next page; absent on the last.' }),
  })
