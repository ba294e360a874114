import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

export const logLevels = ['error', 'warn', 'info', 'debug', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** Keys whose values never reach a log, at any of the depths that our bindings have. */
const secretKeys = ['community', 'password', 'token', 'secret', 'authorization', 'contacts', 'address']
const redacted = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])

/**
 * The root logger: JSON lines on stdout. Object first, then a short constant message in lower case. Levels: `error` a
 * person must act; `warn` something was lost or delayed; `info` state changed; `debug` a line a poll.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, base: null, redact: { paths: redacted, censor: '[redacted]' } }
  return destination === undefined ? pino(options) : pino(options, destination)
}
