import { z } from 'zod'
import { byteSize, duration } from './quantity.ts'
import { filePath, oneLine, secret, webUrl, whole } from './setting.ts'

const retention = duration('1d', '3650d').prefault('90d').meta({
  title: 'duration',
  description: 'How long samples are kept; whole days, rounded up.',
})
const maxQueued = whole(1_000, 10_000_000).prefault(200_000).meta({
  description:
    'Samples held in memory while the disk of the spool cannot be written. When more come, the oldest are dropped and counted in `faultline_spool_dropped_total`.',
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
      .meta({
        description:
          'Database; made when absent and permitted. In InfluxDB 2.x: the database of a DBRP mapping; user and password are then those of `influx v1 auth create`, and the retention is that of the bucket (after its documents; not run by our tests).',
      }),
    username: oneLine(256).exactOptional().meta({ description: 'User, where InfluxDB asks for one.' }),
    password: secret.exactOptional().meta({ secret: true, description: 'Password of that user.' }),
    token: secret.exactOptional().meta({
      secret: true,
      description:
        'Sent as `Authorization: Token`, for stores that speak the InfluxDB protocol and want one.',
    }),
    ca: filePath.exactOptional().meta({
      title: 'path',
      description:
        'File with the certificates (PEM) of the authorities that may vouch for an https server. Default: those that Node.js trusts.',
      examples: ['influxdb-ca.pem'],
    }),
    gzip: z.boolean().prefault(false).meta({
      description:
        'Compress what is written: about an eighth of the bytes, for twice the work. For a server that is far away.',
    }),
    alterRetention: z.boolean().prefault(true).meta({
      description:
        'Whether a retention policy that differs from `retention` is changed, and the policy `faultline` made the default one of the database, at the start. Otherwise the difference is told in the log and in `/readyz`.',
    }),
    timeout: duration('100ms', '5m')
      .prefault('10s')
      .meta({ title: 'duration', description: 'Limit of one request.' }),
    retention,
    maxQueued,
  }),
])

/** Where samples wait for the store: every sample is on disk within a second, also when the store is away. */
export const spoolSettings = z.strictObject({
  path: filePath.prefault('data/spool').meta({
    title: 'path',
    description: 'Folder of the segment files, of this process alone; made when absent.',
  }),
  maxBytes: byteSize('16MiB', '64TiB').prefault('2GiB').meta({
    title: 'size',
    description:
      'Most that may lie there. When more comes, the oldest is dropped and counted in `faultline_spool_dropped_total`. An hour at 5,000 rows a second takes about 0.6GiB.',
  }),
})
