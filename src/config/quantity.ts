import { z } from 'zod'
import { unlessMissing } from './setting.ts'

const msPerUnit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const bytesPerUnit = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const
const bpsPerUnit = { bps: 1, kbps: 1e3, Mbps: 1e6, Gbps: 1e9, Tbps: 1e12 } as const

function scaled(text: string, units: Readonly<Record<string, number>>): number {
  const [, amount = '', unit = ''] = /^([\d.]+)([A-Za-z]+)$/.exec(text) ?? []
  return Math.round(Number(amount) * (units[unit] ?? Number.NaN))
}

const aDuration = 'expected a duration such as 500ms, 30s, 5m, 1h or 7d'
const aSize = 'expected a size such as 512MiB, 2GiB or 1TiB'
const aRate = 'expected a rate such as 512kbps, 2Mbps or 10Gbps'

/** A span of time written as `500ms`, `30s`, `5m`, `1h` or `7d`; milliseconds in the result, within the bounds given. */
export const duration = (least: string, most: string) =>
  z
    .string({ error: unlessMissing(aDuration) })
    .regex(/^\d{1,9}(ms|s|m|h|d)$/, aDuration)
    .transform((text) => scaled(text, msPerUnit))
    .refine((ms) => ms >= scaled(least, msPerUnit) && ms <= scaled(most, msPerUnit), {
      error: `must be from ${least} to ${most}`,
    })

/** A rate written as `512kbps`, `2.5Mbps` or `10Gbps` (powers of 1000); bit/s in the result. */
export const bitRate = z
  .string({ error: unlessMissing(aRate) })
  .regex(/^\d{1,9}(\.\d{1,6})?(bps|kbps|Mbps|Gbps|Tbps)$/, aRate)
  .transform((text) => scaled(text, bpsPerUnit))
  .refine((bps) => bps > 0 && bps <= 1e15, { error: 'must be from 1bps to 1000Tbps' })

/** A size written as `512MiB`, `2.5GiB` or `1TiB` (powers of 1024); bytes in the result, within the bounds given. */
export const byteSize = (least: string, most: string) =>
  z
    .string({ error: unlessMissing(aSize) })
    .regex(/^\d{1,9}(\.\d{1,6})?(KiB|MiB|GiB|TiB)$/, aSize)
    .transform((text) => scaled(text, bytesPerUnit))
    .refine((bytes) => bytes >= scaled(least, bytesPerUnit) && bytes <= scaled(most, bytesPerUnit), {
      error: `must be from ${least} to ${most}`,
    })
