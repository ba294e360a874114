import { z } from 'zod'
import { reportRange } from '../api/report-range.ts'
import type { Config } from '../config/schema.ts'
import { createZone } from '../model/zone.ts'
import { FaultlineError } from '../platform/errors.ts'
import type { SampleStore } from '../store/sample-store.ts'
import { askDaemon, type Question } from './ask-daemon.ts'
import { readConfig } from './read-config.ts'
import type { ReportDeps, ReportFormat, ReportRequest } from './report-request.ts'
import { exitCodes, failureText } from './terminal.ts'

/** UTC epoch ms, `to` exclusive: the local days that begin within. */
export interface ReportRange {
  readonly from: number
  readonly to: number
}

/** One kind of report: what it asks of a daemon, how it is made from a store, and how it is printed. */
export interface Report<View> extends Question<View> {
  /** Where no range is asked. */
  readonly usualDays: number
  /** What is wrong with the request, besides its range. */
  readonly objection?: string
  /** @throws FaultlineError as a SampleStore's query does. */
  fromStore(store: SampleStore, config: Config, range: ReportRange, signal: AbortSignal): Promise<View>
  render(view: View, format: ReportFormat): string
}

/**
 * `faultline report …`: asks the daemon where one runs, else the sample store. Returns the exit code. A token, where the
 * daemon wants one, comes from the environment variable FAULTLINE_TOKEN.
 */
export async function runReport<View>(
  request: ReportRequest,
  report: Report<View>,
  deps: ReportDeps,
): Promise<number> {
  const { terminal, clock, env } = deps
  const config = await readConfig(request.config, deps)
  if (!config) return exitCodes.config
  const range = report.objection ?? rangeOf(request, config, clock.now(), report.usualDays)
  if (typeof range === 'string') {
    terminal.error(range)
    return exitCodes.usage
  }
  try {
    const times = { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() }
    const question = { ...report, query: { ...report.query, ...times } }
    const view =
      (await askDaemon(config, question, env.FAULTLINE_TOKEN)) ??
      (await fromStore(config, report, range, deps))
    terminal.out(report.render(view, request.format))
    return exitCodes.ok
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    terminal.error(`no report: ${failureText(error)}`)
    return exitCodes.failed
  }
}

/** The times of the request as instants, or what is wrong with them. */
function rangeOf(
  request: ReportRequest,
  { peak, notify }: Pick<Config, 'peak' | 'notify'>,
  now: number,
  usualDays: number,
): ReportRange | string {
  const zone = createZone(peak.timeZone ?? notify.timeZone)
  const instant = (text: string): number | undefined => {
    if (z.iso.date().safeParse(text).success) return zone.dayOf(text).from
    return z.iso.datetime({ offset: true }).safeParse(text).success ? Date.parse(text) : undefined
  }
  const asked: { from?: number; to?: number } = {}
  for (const end of ['from', 'to'] as const) {
    const text = request[end]
    if (text === undefined) continue
    const at = instant(text)
    if (at === undefined || at < 0)
      return `--${end} must be a day such as 2026-03-01, or a time such as 2026-03-01T08:00:00Z`
    asked[end] = at
  }
  try {
    return reportRange(asked, now, usualDays)
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error
    return `--${error.details.field} ${error.message.replaceAll('`to`', '--to')}`
  }
}

async function fromStore<View>(
  config: Config,
  report: Report<View>,
  range: ReportRange,
  { openStore }: ReportDeps,
): Promise<View> {
  const store = await openStore(config)
  try {
    return await report.fromStore(store, config, range, new AbortController().signal)
  } finally {
    await store.close()
  }
}
