import type { Agent as HttpAgent } from 'node:http'
import { InfluxDB, type IResponse, type ISingleHostConfig, ResultError } from 'influx'
import { FaultlineError, messageOf } from '../../platform/errors.ts'
import { createBoundedAgent } from './bounded-agent.ts'
import { authorization, type InfluxSettings, requestTimeoutMs } from './influx-settings.ts'
import { errorText } from './partial-write.ts'

/** The `influx` package, made safe to wait for. Every call ends within the time limit, as a value or as a FaultlineError. */
export interface InfluxClient {
  /** Placeholders stand in the statement as `$name`; values are never put into its text. */
  query(
    statement: string,
    placeholders: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<readonly InfluxSeries[]>
  /** A call of the package's own. */
  call<T>(run: (influx: InfluxDB, limit: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>
  /** Drops the kept connections. */
  close(): void
}

export interface InfluxSeries {
  readonly tags: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/**
 * The package takes in a whole answer before it looks at it. Far more than any answer to a question of ours: a million rows.
 */
const mostAnswer = 2 ** 27

export function createInfluxClient(settings: InfluxSettings): InfluxClient {
  const timeoutMs = requestTimeoutMs(settings)
  const { agent, watch } = createBoundedAgent(new URL(settings.url).protocol === 'https:', mostAnswer)
  const influx = openInflux(settings, timeoutMs, agent)

  /** A reply cut in the middle leaves the package's promise pending for ever, hence the limit of our own. */
  const call: InfluxClient['call'] = async (run, signal) => {
    watch()
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const { promise: givenUp, reject } = Promise.withResolvers<never>()
    const giveUp = () => reject(unavailable(signal.aborted ? 'given up' : `no answer within ${timeoutMs} ms`))
    if (limit.aborted) giveUp()
    limit.addEventListener('abort', giveUp, { once: true })
    try {
      return await Promise.race([run(influx, limit), givenUp])
    } catch (error) {
      throw asFaultlineError(error)
    } finally {
      limit.removeEventListener('abort', giveUp)
    }
  }

  return {
    call,
    close: () => agent.destroy(),
    query: async (statement, placeholders, signal) => {
      const answer: IResponse = await call(
        (db, limit) =>
          db.queryRaw(statement, {
            method: 'POST',
            precision: 'ms',
            placeholders: { ...placeholders },
            // Ends the request, too: the package would go on with an answer that nobody waits for.
            signal: limit,
          }),
        signal,
      )
      return seriesOf(answer)
    },
  }
}

function openInflux(settings: InfluxSettings, timeoutMs: number, agent: HttpAgent): InfluxDB {
  const url = new URL(settings.url)
  const https = url.protocol === 'https:'
  const login = authorization(settings)
  const options: ISingleHostConfig = {
    host: url.hostname,
    port: url.port === '' ? (https ? 443 : 80) : Number(url.port),
    path: url.pathname.replace(/\/+$/, ''),
    protocol: https ? 'https' : 'http',
    database: settings.database,
    options: {
      agent,
      ...(login === undefined ? {} : { headers: { authorization: login } }),
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    },
    // One retry, for a kept-alive socket that the server has closed. The only host is never set aside: the package
    // would refuse calls for up to ten seconds after the server came back.
    pool: { maxRetries: 1, requestTimeout: timeoutMs, backoff: neverSetAside },
  }
  // The package sends root:root over any header of ours unless the user name is something other than undefined or text.
  return new InfluxDB(Object.assign(options, { username: null }))
}

const neverSetAside = { getDelay: () => 0, next: () => neverSetAside, reset: () => neverSetAside }

const unavailable = (why: string, cause?: unknown) =>
  new FaultlineError('STORE_UNAVAILABLE', `InfluxDB: ${why}`, {}, { cause })

/** 4xx and errors inside an answer are for good, the rest may pass. */
function asFaultlineError(error: unknown): FaultlineError {
  if (error instanceof FaultlineError) return error
  const status = statusOf(error)
  const final = (status !== undefined && status < 500 && status !== 429) || error instanceof ResultError
  const why = reasonOf(messageOf(error))
  if (!final) return unavailable(why, error)
  return new FaultlineError('STORE_REJECTED', `InfluxDB: ${why}`, { status }, { cause: error })
}

/** The package puts the body of an answer into its message. */
function reasonOf(message: string): string {
  const [, status, body] = /^A (\d{3}) .*? error occurred: (.*)$/s.exec(message) ?? []
  return status === undefined ? message : `HTTP ${status}: ${errorText(body ?? '')}`
}

function statusOf(error: unknown): number | undefined {
  const res: unknown = error instanceof Error && 'res' in error ? error.res : undefined
  const status: unknown =
    typeof res === 'object' && res !== null && 'statusCode' in res ? res.statusCode : undefined
  return typeof status === 'number' ? status : undefined
}

/** The type of the answer is only what the package promises: whoever answers at that address may send anything. */
function seriesOf(answer: Partial<IResponse> | null): readonly InfluxSeries[] {
  const result = answer?.results?.[0]
  if (result === undefined) throw unavailable('the answer is not one of InfluxDB')
  if (result.error !== undefined) {
    // Before the first write, or dropped by someone: there are no samples, and the next write makes it again.
    if (/^database not found/.test(result.error)) return []
    throw new FaultlineError('STORE_REJECTED', `InfluxDB: ${result.error}`)
  }
  return (result.series ?? []).map(({ tags, columns, values }) => ({
    tags: tags ?? {},
    columns: columns ?? [],
    rows: values ?? [],
  }))
}
