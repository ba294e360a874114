import { z } from 'zod'
import { FaultlineError } from '../platform/errors.ts'

/** Query parameters and body fields that several routes share. */
export const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(500)
  .default(50)
  .meta({ description: 'Most items on a page.' })

export const cursor = z
  .string()
  .max(200)
  .optional()
  .meta({ description: 'The `nextCursor` of the page before.' })

/** The end of the year 9999: RFC 3339 has no way to write what comes after. */
const lastTime = Date.UTC(10_000, 0) - 1

/** RFC 3339 with any offset in, epoch ms inside. */
export const time = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((at) => at >= 0 && at <= lastTime, 'must lie in the years 1970 to 9999')

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `500ms`, `3s`, `5m`, `1h`, `1d` in; ms inside. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'expected a duration such as 3s or 5m')
  .transform((text) => {
    const unit = /[a-z]+$/.exec(text)?.[0] ?? 'ms'
    return Number.parseInt(text, 10) * (unitMs[unit as keyof typeof unitMs] ?? 1)
  })

/** Controls that turn the direction of text (UAX #9): with them a line can be made to read as another one. */
const turning = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g

/** Text on one line: what would break logs, tables and mails that it comes into later is refused. */
export const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine(
      (text) => text.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(text),
      'must be one line without control characters',
    )
    .transform((text) => text.replace(turning, ''))
    .refine((text) => text !== '', 'must not be empty')

export const id = line(128)

/** What a person wrote, on any number of lines. Control characters, which programs paste along, are left out. */
export const prose = (most: number) =>
  z
    .string()
    .max(most)
    .transform((text) =>
      text
        .toWellFormed()
        .replace(/\r\n?/g, '\n')
        .replace(/[^\P{Cc}\n\t]/gu, '')
        .replace(turning, '')
        .trim(),
    )

/** The same where something must be written. */
export const words = (most: number) => prose(most).refine((text) => text !== '', 'must not be empty')

export const rfc3339 = (at: number): string => new Date(at).toISOString()

/** A key only when there is a value, so that none is `undefined`. */
export const maybeTime = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : rfc3339(at)

/** Leaves keys out whose value is undefined. */
export function present<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

/**
 * The version in an If-Match header, which is an ETag of ours: `"7"` or `"7.abc"`. Undefined without the header and
 * for `*`.
 * @throws FaultlineError PRECONDITION_FAILED for an ETag that is not ours.
 */
export function versionIn(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined
  const [, version] = /^\s*"(\d{1,9})(?:\.[A-Za-z0-9_-]*)?"\s*$/.exec(ifMatch) ?? []
  if (version === undefined)
    throw new FaultlineError('PRECONDITION_FAILED', 'If-Match must hold the ETag of an earlier answer.')
  return Number(version)
}
