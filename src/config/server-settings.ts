import { z } from 'zod'
import { logLevels } from '../platform/logger.ts'
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
