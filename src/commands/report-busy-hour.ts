import { z } from 'zod'
import { busyHourView } from '../api/busy-hour-view.ts'
import type { BusyHourView } from '../api/views/busy-hour-schemas.ts'
import { views } from '../api/views.ts'
import type { Config } from '../config/schema.ts'
import { createZone } from '../model/zone.ts'
import { FaultlineError, messageOf } from '../platform/errors.ts'
import { createBusyHourReader } from '../wiring/busy-hour-reader.ts'
import { zonesOf } from '../wiring/zones.ts'
import { readConfig } from './read-config.ts'
import { renderBusyHour } from './render-busy-hour.ts'
import type { BusyHourDeps, BusyHourRequest } from './report-request.ts'
import { exitCodes } from './terminal.ts'

const dayMs = 86_400_000
/** The daemon itself gives up before. */
const answerWithinMs = 35_000
const largestAnswer = 64 * 2 ** 20

interface Asked {
  readonly from: number
  readonly to: number
  readonly element?: string
  readonly interface?: string
  readonly percentiles: boolean
}

/**
 * `faultline report busy-hour`: asks the daemon where one runs, else the sample store. Returns the exit code. A token,
 * where the daemon wants one, comes from the environment variable FAULTLINE_TOKEN.
 */
export async function reportBusyHour(request: BusyHourRequest, deps: BusyHourDeps): Promise<number> {
  const { terminal, clock, env } = deps
  const config = await readConfig(request.config, deps)
  if (!config) return exitCodes.config
  const asked = askedOf(request, config, clock.now())
  if (typeof asked === 'string') {
    terminal.error(asked)
    return exitCodes.usage
  }
  try {
    const view =
      (await fromDaemon(config, asked, env.FAULTLINE_TOKEN)) ?? (await fromStore(config, asked, deps))
    terminal.out(renderBusyHour(view, request.format))
    return exitCodes.ok
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    terminal.error(`no report: ${messageOf(error)}`)
    return exitCodes.failed
  }
}

/** What is wrong with the request, or its times as instants. */
function askedOf(request: BusyHourRequest, config: Config, now: number): Asked | string {
  const { element, interface: port } = request
  if (port !== undefined && element === undefined) return '--interface needs --element'
  const zone = createZone(config.peak.timeZone ?? config.notify.timeZone)
  const instant = (text: string): number | undefined => {
    if (z.iso.date().safeParse(text).success) return zone.dayOf(text).from
    return z.iso.datetime({ offset: true }).safeParse(text).success ? Date.parse(text) : undefined
  }
  const to = request.to === undefined ? now : instant(request.to)
  if (to === undefined) return '--to must be a day such as 2026-03-01, or a time such as 2026-03-01T08:00:00Z'
  const from = request.from === undefined ? to - 30 * dayMs : instant(request.from)
  if (from === undefined)
    return '--from must be a day such as 2026-03-01, or a time such as 2026-03-01T08:00:00Z'
  if (from >= to) return '--from must lie before --to'
  return {
    from,
    to,
    percentiles: request.percentiles || element !== undefined,
    ...(element === undefined ? {} : { element }),
    ...(port === undefined ? {} : { interface: port }),
  }
}

/** Undefined when nothing listens there. @throws FaultlineError with what the daemon said. */
async function fromDaemon(
  config: Config,
  { from, to, percentiles, ...tags }: Asked,
  token: string | undefined,
): Promise<BusyHourView | undefined> {
  const { host, port } = config.server.listen
  // One that listens everywhere is asked here.
  const here = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const url = new URL(`http://${here.includes(':') ? `[${here}]` : here}:${port}/api/v1/reports/busy-hour`)
  const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  url.search = new URLSearchParams({ ...tags, ...times, percentiles: String(percentiles) }).toString()
  let response: Response
  try {
    response = await fetch(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(answerWithinMs),
    })
  } catch (error) {
    if (isNobody(error)) return undefined
    throw new FaultlineError('STORE_UNAVAILABLE', `${url.host}: ${messageOf(error)}`, {}, { cause: error })
  }
  return answerOf(response, url.host)
}

const isNobody = (error: unknown): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ECONNREFUSED'

async function answerOf(response: Response, host: string): Promise<BusyHourView> {
  const text = await limitedText(response)
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const body: unknown = isJson ? JSON.parse(text) : undefined
  const view = views.BusyHour.safeParse(body)
  if (response.ok && view.success) return view.data
  const problem = views.Problem.safeParse(body)
  if (response.status === 401)
    throw new FaultlineError('UNAUTHENTICATED', 'the daemon wants an API token: set FAULTLINE_TOKEN')
  throw new FaultlineError(
    'REQUEST_INVALID',
    problem.success ? problem.data.detail : `what listens at ${host} is no Faultline: ${response.status}`,
  )
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

async function fromStore(config: Config, asked: Asked, deps: BusyHourDeps): Promise<BusyHourView> {
  const store = await deps.openStore(config)
  try {
    return busyHourView(
      await createBusyHourReader(store, zonesOf(config))(asked, new AbortController().signal),
    )
  } finally {
    await store.close()
  }
}
