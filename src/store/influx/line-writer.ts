import { FaultlineError } from '../../platform/errors.ts'
import type { WriteResult } from '../sample-store.ts'
import type { InfluxAnswer, InfluxHttp } from './influx-http.ts'
import { errorText, readBadRequest } from './partial-write.ts'

interface LineWriterDeps {
  readonly http: InfluxHttp
  readonly database: string
  /** Makes the database (again): the server says that there is none. */
  readonly createDatabase: (signal: AbortSignal) => Promise<void>
}

export type LineWriter = (lines: readonly string[], signal: AbortSignal) => Promise<WriteResult>

/** Statuses after which the same batch may be taken later. */
const undecided = new Set([401, 403, 404, 408, 429])

/** Requests spent on finding a bad line by halving, a batch; what is still mixed then is refused. */
const mostHalvings = 40

/**
 * Posts line protocol. What the answer decides: 204 all stored; 400 some refused, the rest stored; 404 no database;
 * 413 halve; 401, 403, 408, 429 and 5xx nothing decided (a wrong password is mended one day, and samples wait for it);
 * any other status refuses the batch for good.
 * @throws FaultlineError STORE_UNAVAILABLE when the batch should be offered again; `details.retryAfterMs` if told.
 */
export function createLineWriter({ http, database, createDatabase }: LineWriterDeps): LineWriter {
  /** Largest body that a 413 has not refused yet, in characters. */
  let mostBody = Number.POSITIVE_INFINITY

  const post = (body: string, signal: AbortSignal): Promise<InfluxAnswer> =>
    http({ method: 'POST', path: 'write', query: { db: database, precision: 'ms' } }, body, signal)

  const write = async (
    lines: readonly string[],
    signal: AbortSignal,
    budget: { left: number },
  ): Promise<WriteResult> => {
    const body = lines.join('\n')
    const halves = () => inHalves(lines, (half) => write(half, signal, budget))
    if (body.length > mostBody && lines.length > 1) return halves()
    let answer = await post(body, signal)
    if (answer.status === 404) {
      await createDatabase(signal)
      answer = await post(body, signal)
    }
    const { status } = answer
    if (status === 204 || status === 200) return { written: lines.length, refused: 0 }
    if (undecided.has(status) || status >= 500) throw unavailable(answer)
    if (status === 413 && lines.length > 1) {
      mostBody = body.length / 2
      return halves()
    }
    if (status === 400) {
      const { kind, reason, ...rest } = readBadRequest(answer.body, lines.length)
      if (kind === 'partial' && 'dropped' in rest)
        return { written: lines.length - rest.dropped, refused: rest.dropped, reason }
      if (lines.length > 1 && budget.left-- > 0) return halves()
    }
    return { written: 0, refused: lines.length, reason: `HTTP ${status}: ${errorText(answer.body)}` }
  }

  return (lines, signal) =>
    lines.length === 0
      ? Promise.resolve({ written: 0, refused: 0 })
      : write(lines, signal, { left: mostHalvings })
}

const unavailable = ({ status, body, retryAfterMs }: InfluxAnswer) =>
  new FaultlineError('STORE_UNAVAILABLE', `InfluxDB: HTTP ${status}: ${errorText(body)}`, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })

async function inHalves(
  lines: readonly string[],
  write: (half: readonly string[]) => Promise<WriteResult>,
): Promise<WriteResult> {
  const middle = Math.ceil(lines.length / 2)
  return addResults(await write(lines.slice(0, middle)), await write(lines.slice(middle)))
}

/** Two parts of a batch as one result; one reason is enough to go and look. */
function addResults(one: WriteResult, other: WriteResult): WriteResult {
  const reason = one.reason ?? other.reason
  return {
    written: one.written + other.written,
    refused: one.refused + other.refused,
    ...(reason === undefined ? {} : { reason }),
  }
}
