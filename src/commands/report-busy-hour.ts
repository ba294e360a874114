import { busyHourDays } from '../api/busy-hour-routes.ts'
import { busyHourView } from '../api/busy-hour-view.ts'
import { present } from '../api/parameters.ts'
import { views } from '../api/views.ts'
import { createBusyHourReader } from '../wiring/busy-hour-reader.ts'
import { zonesOf } from '../wiring/zones.ts'
import { renderBusyHour } from './render-busy-hour.ts'
import type { BusyHourRequest, ReportDeps } from './report-request.ts'
import { runReport } from './run-report.ts'

/** `faultline report busy-hour`: how full interfaces are at their busy hours. Returns the exit code. */
export async function reportBusyHour(request: BusyHourRequest, deps: ReportDeps): Promise<number> {
  const { element, interface: port } = request
  const tags = present({ element, interface: port })
  const percentiles = request.percentiles || element !== undefined
  const report = {
    path: '/api/v1/reports/busy-hour',
    query: { ...tags, percentiles: String(percentiles) },
    view: views.BusyHour,
    usualDays: busyHourDays,
    ...(port !== undefined && element === undefined ? { objection: '--interface needs --element' } : {}),
    render: renderBusyHour,
  }
  return runReport(
    request,
    {
      ...report,
      fromStore: async (store, config, range, signal) => {
        const read = createBusyHourReader(store, zonesOf(config))
        return busyHourView(await read({ ...tags, ...range, percentiles }, signal))
      },
    },
    deps,
  )
}
