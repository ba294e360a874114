import type { BusyHourView } from '../api/views/busy-hour-schemas.ts'
import { type Column, cellsOf, column, csv, renderReport } from './render-report.ts'
import type { ReportFormat } from './report-request.ts'

type InterfaceRow = BusyHourView['interfaces'][number]
type ElementRow = BusyHourView['elements'][number]
const forecastText = ({ forecast }: Pick<InterfaceRow, 'forecast'>): string =>
  forecast.state === 'expected'
    ? forecast.date
    : { reached: 'reached', notInSight: 'not in sight', unknown: '-' }[forecast.state]

const interfaceColumns: readonly Column<InterfaceRow>[] = [
  column('element', 'element', 'text', (row) => row.element),
  column('interface', 'interface', 'text', (row) => row.interface),
  column('days', 'days', 'count', (row) => row.days),
  column('speed_bps', 'speed', 'rate', (row) => row.speedBps),
  column('in_mean_bps', 'in mean', 'rate', (row) => row.in?.meanBps),
  column('in_p95_bps', 'in p95', 'rate', (row) => row.in?.p95Bps),
  column('in_rates_p95_bps', 'in p95 of all', 'rate', (row) => row.in?.ratesP95Bps),
  column('out_mean_bps', 'out mean', 'rate', (row) => row.out?.meanBps),
  column('out_p95_bps', 'out p95', 'rate', (row) => row.out?.p95Bps),
  column('out_rates_p95_bps', 'out p95 of all', 'rate', (row) => row.out?.ratesP95Bps),
  column('utilisation', 'used', 'ratio', (row) => row.utilisation),
  column('headroom_bps', 'headroom', 'rate', (row) => row.headroomBps),
  column('days_over', 'days > 80 %', 'count', (row) => row.daysOver),
  column('reaches_80', '80 % on', 'text', forecastText),
]

const elementColumns: readonly Column<ElementRow>[] = [
  column('element', 'element', 'text', (row) => row.element),
  column('interfaces', 'interfaces', 'count', (row) => row.interfaces),
  column('in_mean_bps', 'in mean, sum', 'rate', (row) => row.inMeanBps),
  column('in_p95_bps', 'in p95, sum', 'rate', (row) => row.inP95Bps),
  column('in_rates_p95_bps', 'in p95 of all, sum', 'rate', (row) => row.inRatesP95Bps),
  column('out_mean_bps', 'out mean, sum', 'rate', (row) => row.outMeanBps),
  column('out_p95_bps', 'out p95, sum', 'rate', (row) => row.outP95Bps),
  column('out_rates_p95_bps', 'out p95 of all, sum', 'rate', (row) => row.outRatesP95Bps),
  column('fullest_interface', 'fullest', 'text', (row) => row.fullest?.interface),
  column('utilisation', 'used', 'ratio', (row) => row.fullest?.utilisation),
  column('headroom_bps', 'headroom', 'rate', (row) => row.fullest?.headroomBps),
  column('days_over', 'days > 80 %', 'count', (row) => row.daysOver),
  column('reaches_80', '80 % on', 'text', forecastText),
]

/** The report in that format, without a line end. */
export const renderBusyHour = (view: BusyHourView, format: ReportFormat): string =>
  renderReport(view, format, () => ({
    title: `Busy hours of the local days from ${view.from} to ${view.to}`,
    sections: [
      { heading: 'Elements', cells: cellsOf(view.elements, elementColumns) },
      { heading: 'Interfaces', cells: cellsOf(view.interfaces, interfaceColumns) },
    ],
    // Programs can sum interfaces up.
    csv: () => csv(view.interfaces, interfaceColumns),
  }))
