import { z } from 'zod'
import { duration } from './quantity.ts'
import { filePath, oneLine, secret, webUrl, whole } from './setting.ts'

const retention = duration('1d', '3650d').prefault('90d').meta({
  title: 'duration',
  description: 'How long samples are kept; whole days, rounded up.',
})
const maxQueued = whole(1_000, 10_000_000).prefault(200_000).meta({
  description:
    'Samples held in memory while the store is away. When more come, the oldest are dropped and counted in `faultline_store_dropped_total`.',
})

/** Where samples are kept: in files beside the daemon, or in InfluxDB 1.x. */
export const sampleSettings = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z
      .literal('embedded')
      .meta({ description: 'Files beside the daemon: first steps and small sites.' }),
    path: filePath
      .prefault('data/samples')
      .meta({ title: 'path', description: 'Folder of the files; made when absent.' }),
    retention,
    maxQueued,
  }),
  z.strictObject({
    kind: z.literal('influxdb').meta({ description: 'InfluxDB 1.x, which Grafana reads.' }),
    url: webUrl.meta({
      title: 'url',
      description: 'Base address of InfluxDB.',
      examples: ['http://127.0.0.1:8086'],
    }),
    database: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'expected 1 to 64 of the characters A-Z a-z 0-9 . _ -')
      .prefault('faultline')
      .meta({ description: 'Database; made when absent and permitted.' }),
    username: oneLine(256).exactOptional().meta({ description: 'User, where InfluxDB asks for one.' }),
    password: secret.exactOptional().meta({ secret: true, description: 'Password of that user.' }),
    token: secret.exactOptional().meta({
      secret: true,
      description:
        'Sent as `Authorization: Token`, for stores that speak the InfluxDB protocol and want one.',
    }),
    timeout: duration('100ms', '5m')
      .prefault('10s')
      .meta({ title: 'duration', description: 'Limit of one request.' }),
    retention,
    maxQueued,
  }),
])
