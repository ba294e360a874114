import { z } from 'zod'
import { logLevels } from '../platform/logger.ts'
import { duration } from './quantity.ts'
import { filePath, listenAddress, webUrl } from './setting.ts'

export const serverSettings = z.strictObject({
  listen: listenAddress.prefault('127.0.0.1:8080').meta({
    title: 'host:port',
    description: 'Where the API and the console listen. Port 0 takes any free port.',
  }),
  publicUrl: webUrl.exactOptional().meta({
    title: 'url',
    description:
      'Address under which people reach the console, for links in messages. Default: the listen address.',
    examples: ['https://faultline.example.net'],
  }),
})

export const stateSettings = z.strictObject({
  kind: z.literal('sqlite').prefault('sqlite').meta({ description: 'SQLite, in one file.' }),
  path: filePath
    .prefault('data/state.db')
    .meta({ title: 'path', description: 'The database file; made when absent.' }),
  retention: duration('30d', '3650d').prefault('400d').meta({
    title: 'duration',
    description:
      'How long incidents, reports, messages and alarms are kept after they were over and last changed. What is tied to something that is kept stays with it.',
  }),
})

export const authSettings = z.strictObject({
  tokens: z.boolean().prefault(true).meta({
    description:
      'Ask API callers for a token (`faultline token create`). When false, `server.listen` must be a loopback address.',
  }),
})

export const logSettings = z.strictObject({
  level: z
    .enum(logLevels)
    .prefault('info')
    .meta({ description: 'How much is logged, as JSON lines on stdout.' }),
})
