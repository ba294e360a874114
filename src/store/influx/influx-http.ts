import { FaultlineError, messageOf } from '../../platform/errors.ts'
import { authorization, type InfluxSettings, influxUrl, requestTimeoutMs } from './influx-settings.ts'

export interface InfluxAnswer {
  readonly status: number
  /** The first 16 KB: what an error message needs, whatever the other side sends. */
  readonly body: string
  /** From Retry-After, ms. */
  readonly retryAfterMs?: number
}

export type InfluxHttp = (
  request: {
    readonly method: 'GET' | 'POST'
    readonly path: string
    readonly query?: Record<string, string>
  },
  body: string | undefined,
  signal: AbortSignal,
) => Promise<InfluxAnswer>

const mostBody = 16_384

/**
 * One request over a kept-alive connection, within the time limit.
 * @throws FaultlineError STORE_UNAVAILABLE when there is no answer, or it stops half-way: nothing is known then.
 */
export function createInfluxHttp(settings: InfluxSettings): InfluxHttp {
  const timeoutMs = requestTimeoutMs(settings)
  const login = authorization(settings)
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    ...(login === undefined ? {} : { authorization: login }),
  }
  return async ({ method, path, query = {} }, body, signal) => {
    const url = influxUrl(settings, path)
    url.search = new URLSearchParams(query).toString()
    const limit = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(url, {
        method,
        headers,
        // Credentials must not follow a redirect to elsewhere.
        redirect: 'manual',
        signal: AbortSignal.any([signal, limit]),
        ...(body === undefined ? {} : { body }),
      })
      const retryAfterMs = retryAfter(response.headers.get('retry-after'))
      return {
        status: response.status,
        body: await beginningOf(response),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      }
    } catch (error) {
      const why = limit.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error)
      throw new FaultlineError('STORE_UNAVAILABLE', `InfluxDB: ${why}`, {}, { cause: error })
    }
  }
}

/** fetch says only "fetch failed"; what happened is in the cause. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)

/** Seconds only: the form that InfluxDB and its proxies send. At most ten minutes are believed. */
function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Math.min(Number(header), 600) * 1_000 : undefined
}

async function beginningOf(response: Response): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  // Leaving the loop early cancels the rest.
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length >= mostBody) return text.slice(0, mostBody)
  }
  return text
}
