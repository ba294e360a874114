import type { BusyHourView } from '../api/views/busy-hour-schemas.ts'
import type { ReportFormat } from './report-request.ts'
import { bitRate, plain, table } from './text-table.ts'

type InterfaceRow = BusyHourView['interfaces'][number]
type ElementRow = BusyHourView['elements'][number]
type Value = string | number | undefined

interface Column<Row> {
  readonly name: string
  readonly title: string
  readonly kind: 'text' | 'rate' | 'ratio' | 'count'
  value(row: Row): Value
}

const forecastText = ({ forecast }: Pick<InterfaceRow, 'forecast'>): string =>
  forecast.state === 'expected'
    ? forecast.date
    : { reached: 'reached', notInSight: 'not in sight', unknown: '-' }[forecast.state]

const column = <Row>(
  name: string,
  title: string,
  kind: Column<Row>['kind'],
  value: (row: Row) => Value,
): Column<Row> => ({ name, title, kind, value })

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
  column('out_mean_bps', 'out mean, sum', 'rate', (row) => row.outMeanBps),
  column('fullest_interface', 'fullest', 'text', (row) => row.fullest?.interface),
  column('utilisation', 'used', 'ratio', (row) => row.fullest?.utilisation),
  column('days_over', 'days > 80 %', 'count', (row) => row.daysOver),
  column('reaches_80', '80 % on', 'text', forecastText),
]

/** The report in that format, without a line end. Names are from devices, and escaped for where they go. */
export function renderBusyHour(view: BusyHourView, format: ReportFormat): string {
  if (format === 'json') return JSON.stringify(view, null, 2)
  // One table a file: that of interfaces, which programs can sum up.
  if (format === 'csv') return csv(view.interfaces, interfaceColumns)
  const title = `Busy hours of the local days from ${view.from} to ${view.to}`
  if (format === 'html') return html(title, view)
  if (view.interfaces.length === 0) return `${title}: none is stored`
  const lines = [
    title,
    '',
    ...table(cellsOf(view.elements, elementColumns)),
    '',
    ...table(cellsOf(view.interfaces, interfaceColumns)),
  ]
  return lines.join('\n')
}

const shown = (kind: Column<never>['kind'], value: Value): string => {
  if (value === undefined) return '-'
  if (kind === 'rate') return bitRate(value)
  return kind === 'ratio' ? `${(Number(value) * 100).toFixed(1)} %` : String(value)
}

/** Titles, then rows. A column that is empty in every row is left out. */
function cellsOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): readonly string[][] {
  const used = columns.filter(({ value }) => rows.some((row) => value(row) !== undefined))
  return [
    used.map(({ title }) => title),
    ...rows.map((row) => used.map(({ kind, value }) => shown(kind, value(row)))),
  ]
}

/** Also the wide forms, which spreadsheets of East Asia take for the plain ones, and whatever blanks they skip. */
const beginsFormula = /^\s*[=+\-@＝＋－＠]/

/** RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe before it. */
function csv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cell = (value: Value): string => {
    if (typeof value !== 'string') return value === undefined ? '' : String(value)
    const text = plain(value)
    const safe = beginsFormula.test(text) && text !== '-' ? `'${text}` : text
    // Where the comma is the decimal sign spreadsheets part cells at semicolons.
    return /[",;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  const head = columns.map(({ name }) => name).join(',')
  return [head, ...rows.map((row) => columns.map(({ value }) => cell(value(row))).join(','))].join('\r\n')
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string =>
  plain(text).replace(/[&<>"']/g, (character) => escapes[character] ?? '')

/** A page of its own, without scripts. */
function html(title: string, { elements, interfaces }: BusyHourView): string {
  const rows = (cells: readonly string[][]) =>
    cells
      .map((row, i) => {
        const tag = i === 0 ? 'th' : 'td'
        return `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
      })
      .join('\n')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>body{font:14px sans-serif}table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #bbb;padding:.2em .6em;text-align:left}</style>
<h1>${escaped(title)}</h1>
<h2>Elements</h2>
<table>
${rows(cellsOf(elements, elementColumns))}
</table>
<h2>Interfaces</h2>
<table>
${rows(cellsOf(interfaces, interfaceColumns))}
</table>
</html>`
}
