import type { z } from 'zod'
import type { Problem } from '../api/views/problem-schemas.ts'
import { views } from '../api/views.ts'
import type { Config } from '../config/schema.ts'
import { FaultlineError, messageOf } from '../platform/errors.ts'
import { plain } from './text-table.ts'

/** The daemon itself gives up before. */
const answerWithinMs = 35_000
const largestAnswer = 64 * 2 ** 20

export interface Question<View> {
  /** `/api/v1/reports/kpi`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly view: z.ZodType<View>
}

/**
 * Asks the daemon of this configuration. Undefined when nothing listens there.
 * @throws FaultlineError with what the daemon said, or with why it could not be understood. Never with the token.
 */
export async function askDaemon<View>(
  { server }: Pick<Config, 'server'>,
  { path, query, view }: Question<View>,
  token: string | undefined,
): Promise<View | undefined> {
  const { host, port } = server.listen
  // One that listens everywhere is asked here.
  const here = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const url = new URL(`http://${here.includes(':') ? `[${here}]` : here}:${port}${path}`)
  url.search = new URLSearchParams(query).toString()
  try {
    const response = await fetch(url, {
      headers: token === undefined ? {} : { authorization: authorizationOf(token) },
      redirect: 'error',
      signal: AbortSignal.timeout(answerWithinMs),
    })
    if (response.status === 401)
      throw new FaultlineError(
        'UNAUTHENTICATED',
        token === undefined
          ? 'the daemon wants an API token: set FAULTLINE_TOKEN'
          : 'the daemon does not know the API token in FAULTLINE_TOKEN',
      )
    return await answerOf(response, url.host, view)
  } catch (error) {
    if (error instanceof FaultlineError) throw error
    if (isNobody(error)) return undefined
    throw new FaultlineError('STORE_UNAVAILABLE', `${url.host}: ${messageOf(error)}`, {}, { cause: error })
  }
}

/** What is no token is not sent: the words of the error that it makes would show it. */
function authorizationOf(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new FaultlineError('UNAUTHENTICATED', 'what FAULTLINE_TOKEN holds is no API token')
  return `Bearer ${token}`
}

const isNobody = (error: unknown): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ECONNREFUSED'

async function answerOf<View>(response: Response, host: string, view: z.ZodType<View>): Promise<View> {
  const text = await limitedText(response)
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const body = isJson ? parsed(text) : undefined
  const read = view.safeParse(body)
  if (response.ok && read.success) return read.data
  const problem = views.Problem.safeParse(body)
  throw new FaultlineError(
    'REQUEST_INVALID',
    problem.success ? saidBy(problem.data) : `what listens at ${host} is no Faultline: ${response.status}`,
  )
}

/** Undefined for what is no JSON, which is no answer of ours. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What was wrong, and with which part of the request. */
function saidBy({ detail, errors = [] }: Problem): string {
  const named = errors.filter(({ message }) => message !== detail)
  const parts = named.map(({ path, message }) => `${path}: ${message}`)
  return plain([detail, ...parts].join('; '))
}

async function limitedText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > largestAnswer) throw new FaultlineError('BODY_TOO_LARGE', 'the answer is too large')
  }
  return text + decoder.decode()
}
