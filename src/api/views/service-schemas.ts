import { z } from 'zod'

export const service = z.object({
  id: z.string(),
  customer: z.string().meta({ description: 'Its id.' }),
  element: z.string().meta({ description: 'The access element that carries it.' }),
  interface: z.string().optional().meta({ description: 'The port of that element, where it is known.' }),
  endpoint: z
    .string()
    .meta({ description: 'The element at the customer’s end; `element` itself when the end is not polled.' }),
  class: z.string(),
  area: z.enum(['urban', 'rural']),
})

export type ServiceView = z.infer<typeof service>
