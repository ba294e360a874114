import { FaultlineError } from '../../platform/errors.ts'
import { type EncodedLines, halvesOf } from '../encoded-lines.ts'
import type { WriteResult } from '../sample-store.ts'
import type { InfluxAnswer, InfluxHttp } from './influx-http.ts'
import { errorText, readBadRequest } from './partial-write.ts'

interface LineWriterDeps {
  readonly http: Pick<InfluxHttp, 'send'>
  readonly database: string
  /** Makes the database (again): the server says that there is none. */
  readonly createDatabase: (signal: AbortSignal) => Promise<void>
}

export type LineWriter = (lines: EncodedLines, signal: AbortSignal) => Promise<WriteResult>

/** Statuses after which the same lines may be taken later. */
const undecided = new Set([401, 403, 404, 408, 429])

/** Halvings spent on finding bad lines while no half is taken, and in all; what is still mixed then is refused. */
const mostFruitless = 40
const mostHalvings = 1_000

interface Budget {
  fruitless: number
  all: number
}

/**
 * Posts line protocol. What the answer decides: 204 all stored; 400 and 422 some refused, the rest stored; 404 no database;
 * 413 halve; 401, 403, 408, 429 and 5xx nothing decided (a wrong password is mended one day, and samples wait for it);
 * any other status refuses the lines for good.
 * @throws FaultlineError STORE_UNAVAILABLE when the lines should be offered again; `details.retryAfterMs` if told.
 */
export function createLineWriter({ http, database, createDatabase }: LineWriterDeps): LineWriter {
  /** Largest body that a 413 has not refused yet, in bytes. */
  let mostBody = Number.POSITIVE_INFINITY

  const post = (body: Buffer, signal: AbortSignal): Promise<InfluxAnswer> =>
    http.send({ method: 'POST', path: 'write', query: { db: database, precision: 'ms' }, body }, signal)

  const write = async (lines: EncodedLines, signal: AbortSignal, budget: Budget): Promise<WriteResult> => {
    const { bytes: body, rows } = lines
    const inHalves = async () => {
      const halves = halvesOf(lines)
      if (halves === undefined) return undefined
      const [one, other] = halves
      return addResults(await write(one, signal, budget), await write(other, signal, budget))
    }
    if (body.length > mostBody) {
      const result = await inHalves()
      if (result !== undefined) return result
    }
    let answer = await post(body, signal)
    if (answer.status === 404) {
      await createDatabase(signal)
      answer = await post(body, signal)
    }
    const { status } = answer
    if (status === 204 || status === 200) {
      budget.fruitless = mostFruitless
      return { written: rows, refused: 0 }
    }
    if (undecided.has(status) || status >= 500) throw unavailable(answer)
    const bad = status === 400 || status === 422 ? readBadRequest(answer.body, rows) : undefined
    if (bad?.kind === 'partial')
      return { written: rows - bad.dropped, refused: bad.dropped, reason: bad.reason }
    if (status === 413) mostBody = Math.min(mostBody, body.length / 2)
    const isWorthIt = bad !== undefined && budget.fruitless-- > 0 && budget.all-- > 0
    const smaller = status === 413 || isWorthIt ? await inHalves() : undefined
    return smaller ?? { written: 0, refused: rows, reason: `HTTP ${status}: ${errorText(answer.body)}` }
  }

  return (lines, signal) =>
    lines.rows === 0
      ? Promise.resolve({ written: 0, refused: 0 })
      : write(lines, signal, { fruitless: mostFruitless, all: mostHalvings })
}

const unavailable = ({ status, body, retryAfterMs }: InfluxAnswer) =>
  new FaultlineError('STORE_UNAVAILABLE', `InfluxDB: HTTP ${status}: ${errorText(body)}`, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })

/** Two parts as one result; one reason is enough to go and look. */
function addResults(one: WriteResult, other: WriteResult): WriteResult {
  const reason = one.reason ?? other.reason
  return {
    written: one.written + other.written,
    refused: one.refused + other.refused,
    ...(reason === undefined ? {} : { reason }),
  }
}
