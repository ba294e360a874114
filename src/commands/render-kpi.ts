import type { KpiView } from '../api/views/peak-experience-schemas.ts'
import { type Column, cellsOf, column, csv, renderReport, shareText } from './render-report.ts'
import type { ReportFormat } from './report-request.ts'

type PeakGood = KpiView['peakGood']

/** All, a part of all, or a service. */
type Row = PeakGood['total'] &
  Partial<Pick<PeakGood['worst'][number], 'class' | 'area' | 'missed'>> & {
    readonly group: 'total' | 'class' | 'area' | 'day' | 'service'
    readonly name: string
  }

const columns: readonly Column<Row>[] = [
  column('group', 'of', 'text', (row) => row.group),
  column('name', 'name', 'text', (row) => row.name),
  column('class', 'class', 'text', (row) => row.class),
  column('area', 'area', 'text', (row) => row.area),
  column('good', 'good', 'count', (row) => row.good),
  column('bad', 'bad', 'count', (row) => row.bad),
  column('insufficient', 'too little data', 'count', (row) => row.insufficient),
  column('planned', 'planned work', 'count', (row) => row.planned),
  column('share', 'good of judged', 'share', (row) => row.share),
  column('coverage', 'judged', 'share', (row) => row.coverage),
  column('latency_missed', 'bad by latency', 'count', (row) => row.missed?.latency),
  column('loss_missed', 'bad by loss', 'count', (row) => row.missed?.loss),
  column('jitter_missed', 'bad by jitter', 'count', (row) => row.missed?.jitter),
  column('utilisation_missed', 'bad by utilisation', 'count', (row) => row.missed?.utilisation),
]

/** The report in that format, without a line end. Counts are days of services. */
export const renderKpi = (view: KpiView, format: ReportFormat): string =>
  renderReport(view, format, () => {
    const { peakGood } = view
    const groups = groupsOf(peakGood)
    const services = peakGood.worst.map((one): Row => ({ ...one, group: 'service', name: one.service }))
    const isEmpty = peakGood.services === 0
    return {
      title: `Services at the peak of the local days from ${view.from} to ${view.to}`,
      summary: [verdictOf(peakGood)],
      sections: [
        { heading: 'Days of services', cells: isEmpty ? [] : cellsOf(groups, columns) },
        { heading: 'Services that were not always good', cells: cellsOf(services, columns) },
      ],
      csv: () => csv(isEmpty ? [] : [...groups, ...services], columns),
    }
  })

const groupsOf = ({ total, missed, byClass, byArea, byDay }: PeakGood): readonly Row[] => [
  { ...total, missed, group: 'total', name: 'all' },
  ...byClass.map((one): Row => ({ ...one, group: 'class' })),
  ...byArea.map((one): Row => ({ ...one, group: 'area' })),
  ...byDay.map((one): Row => ({ ...one, group: 'day' })),
]

const verdictOf = ({ state, total, target, leastCoverage }: PeakGood): string => {
  const { share = 0, coverage = 0 } = total
  if (state === 'insufficient')
    return `Neither met nor missed: ${shareText(coverage)} of the days of services was judged, ${shareText(leastCoverage)} are needed.`
  return `${state === 'met' ? 'Met' : 'Missed'}: ${shareText(share)} of the judged days of services were good; the goal is ${shareText(target)}.`
}
