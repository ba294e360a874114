import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { FaultlineError, messageOf } from '../../platform/errors.ts'
import { authorization, type InfluxSettings, influxUrl, requestTimeoutMs } from './influx-settings.ts'

export interface InfluxAnswer {
  readonly status: number
  /** The first 16 KB: what an error message needs, whatever the other side sends. */
  readonly body: string
  /** From Retry-After, ms. */
  readonly retryAfterMs?: number
  /** Of the server, as it says: `1.8.10`, `v2.7.1`. */
  readonly version?: string
}

interface InfluxRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Buffer
}

export interface InfluxHttp {
  /** @throws FaultlineError STORE_UNAVAILABLE when there is no answer, or it stops half-way: nothing is known then. */
  send(request: InfluxRequest, signal: AbortSignal): Promise<InfluxAnswer>
  /** Drops the kept connections. */
  close(): void
}

const mostBody = 16_384
/** Writes go one by one; pings and a second writer may stand beside. */
const mostSockets = 4
const compress = promisify(gzip)

/** Requests over kept-alive connections, each within the time limit. Redirects are not followed: credentials stay here. */
export function createInfluxHttp(settings: InfluxSettings): InfluxHttp {
  const timeoutMs = requestTimeoutMs(settings)
  const login = authorization(settings)
  const secure = new URL(settings.url).protocol === 'https:'
  const keeping = { keepAlive: true, maxSockets: mostSockets }
  const agent = secure
    ? new HttpsAgent({ ...keeping, ...(settings.ca === undefined ? {} : { ca: settings.ca }) })
    : new HttpAgent(keeping)
  const open = secure ? httpsRequest : httpRequest

  const once = (url: URL, options: RequestOptions, body: Buffer | undefined): Promise<InfluxAnswer> => {
    const { promise, resolve, reject } = Promise.withResolvers<InfluxAnswer>()
    const sent = open(url, { ...options, agent })
    sent.once('response', (response) => beginningOf(response).then(resolve, reject))
    sent.on('error', (error) => reject(sent.reusedSocket ? new StaleConnection(error) : error))
    sent.end(body)
    return promise
  }

  const send: InfluxHttp['send'] = async ({ method, path, query = {}, body }, signal) => {
    const url = influxUrl(settings, path)
    url.search = new URLSearchParams(query).toString()
    const limit = AbortSignal.timeout(timeoutMs)
    try {
      const packed = body !== undefined && settings.gzip ? await compress(body, { level: 1 }) : body
      const headers = {
        ...(login === undefined ? {} : { authorization: login }),
        ...(packed === undefined
          ? {}
          : { 'content-type': 'text/plain; charset=utf-8', 'content-length': packed.length }),
        ...(packed === body ? {} : { 'content-encoding': 'gzip' }),
      }
      const options = { method, headers, signal: AbortSignal.any([signal, limit]) }
      return await once(url, options, packed).catch((error: unknown) => {
        // The server may have closed a kept connection meanwhile; writing the same twice does no harm.
        if (error instanceof StaleConnection && !options.signal.aborted) return once(url, options, packed)
        throw error
      })
    } catch (error) {
      const why = limit.aborted ? `no answer within ${timeoutMs} ms` : messageOf(error)
      throw new FaultlineError('STORE_UNAVAILABLE', `InfluxDB: ${why}`, {}, { cause: error })
    }
  }

  return { send, close: () => agent.destroy() }
}

class StaleConnection extends Error {
  override readonly name = 'StaleConnection'

  constructor(cause: Error) {
    super(cause.message, { cause })
  }
}

/** At most this is believed. */
const longestWaitMs = 600_000

/** Seconds, or a date (RFC 9110, 10.2.3) by the clock of the server, which stands beside it. */
function retryAfter(header: string | undefined, serverDate: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const isSeconds = /^\d{1,9}$/.test(header)
  const ms = isSeconds ? Number(header) * 1_000 : Date.parse(header) - Date.parse(serverDate ?? '')
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestWaitMs)
}

async function beginningOf(response: IncomingMessage): Promise<InfluxAnswer> {
  const retryAfterMs = retryAfter(response.headers['retry-after'], response.headers.date)
  const version = response.headers['x-influxdb-version']
  const decoder = new TextDecoder()
  let body = ''
  // Leaving the loop early drops the connection and the rest.
  for await (const chunk of response) {
    body += decoder.decode(chunk, { stream: true })
    if (body.length >= mostBody) break
  }
  return {
    status: response.statusCode ?? 0,
    body: body.slice(0, mostBody),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(typeof version === 'string' ? { version } : {}),
  }
}
