import { kpiDays } from '../api/kpi-routes.ts'
import { kpiView } from '../api/kpi-view.ts'
import { present } from '../api/parameters.ts'
import { views } from '../api/views.ts'
import { inventoryFrom } from '../inventory/inventory-from-config.ts'
import { createPeakExperienceReader } from '../wiring/peak-experience-reader.ts'
import { zonesOf } from '../wiring/zones.ts'
import { renderKpi } from './render-kpi.ts'
import type { KpiRequest, ReportDeps } from './report-request.ts'
import { runReport } from './run-report.ts'

/** `faultline report kpi`: whether services were good at the peak. Returns the exit code. */
export async function reportKpi(request: KpiRequest, deps: ReportDeps): Promise<number> {
  const { service, class: kind, area, services: mostServices } = request
  const tags = present({ service, class: kind, area })
  return runReport(
    request,
    {
      path: '/api/v1/reports/kpi',
      query: { ...tags, services: String(mostServices) },
      view: views.Kpi,
      usualDays: kpiDays,
      fromStore: async (store, config, range, signal) => {
        const { services } = inventoryFrom(config)
        const zoneOf = zonesOf(config)
        const read = createPeakExperienceReader(store, (id) => zoneOf(services.get(id)?.element ?? ''))
        return kpiView(range.from, range.to, await read({ ...tags, ...range, mostServices }, signal))
      },
      render: renderKpi,
    },
    deps,
  )
}
