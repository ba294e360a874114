import type { ReportFormat } from './report-request.ts'
import { bitRate, plain, table } from './text-table.ts'

type Value = string | number | undefined

/** One column of a table of rows. Values of `share` are ratios that are not to look larger than they are. */
export interface Column<Row> {
  /** In CSV. */
  readonly name: string
  /** For people. */
  readonly title: string
  readonly kind: 'text' | 'rate' | 'ratio' | 'share' | 'count'
  value(row: Row): Value
}

export const column = <Row>(
  name: string,
  title: string,
  kind: Column<Row>['kind'],
  value: (row: Row) => Value,
): Column<Row> => ({ name, title, kind, value })

/** A report as people read it. */
export interface ReportText {
  readonly title: string
  /** What it comes to, a sentence each. */
  readonly summary?: readonly string[]
  readonly sections: readonly { readonly heading: string; readonly cells: readonly (readonly string[])[] }[]
  /** Instead of CSV there would be several tables: the one that programs can sum up. */
  csv(): string
}

/** The report in that format, without a line end. Names are from devices, and escaped for where they go. */
export function renderReport(view: object, format: ReportFormat, text: () => ReportText): string {
  if (format === 'json') return json(view)
  const { title, summary = [], sections, csv } = text()
  if (format === 'csv') return csv()
  const filled = sections.filter(({ cells }) => cells.length > 1)
  if (format === 'html') return html(title, summary, filled)
  if (filled.length === 0) return `${title}: none is stored`
  const parts = [summary, ...filled.map(({ cells }) => table(cells))].filter((lines) => lines.length > 0)
  return [title, ...parts.flatMap((lines) => ['', ...lines])].join('\n')
}

/** What steers a terminal is written as an escape, which reads back as the same. */
const json = (view: object): string =>
  JSON.stringify(view, null, 2).replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )

/** 0.94999 → "94.9 %". What is short of a goal by less than a digit must not look as if it had reached it. */
export const shareText = (share: number): string => `${(Math.floor(share * 1_000 + 1e-9) / 10).toFixed(1)} %`

const shown = (kind: Column<never>['kind'], value: Value): string => {
  if (value === undefined) return '-'
  if (kind === 'rate') return bitRate(value)
  if (kind === 'share') return shareText(Number(value))
  return kind === 'ratio' ? `${(Number(value) * 100).toFixed(1)} %` : String(value)
}

/** Titles, then rows. A column that is empty in every row is left out. */
export function cellsOf<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): readonly (readonly string[])[] {
  const used = columns.filter(({ value }) => rows.some((row) => value(row) !== undefined))
  return [
    used.map(({ title }) => title),
    ...rows.map((row) => used.map(({ kind, value }) => shown(kind, value(row)))),
  ]
}

/** Also the wide forms, which spreadsheets of East Asia take for the plain ones, and whatever blanks they skip. */
const beginsFormula = /^\s*[=+\-@＝＋－＠]/

/** RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
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
function html(title: string, summary: readonly string[], sections: ReportText['sections']): string {
  const rows = (cells: readonly (readonly string[])[]) =>
    cells
      .map((row, i) => {
        const tag = i === 0 ? 'th' : 'td'
        return `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
      })
      .join('\n')
  const lines = sections.length === 0 ? ['None is stored.'] : summary
  return [
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>body{font:14px sans-serif}table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #bbb;padding:.2em .6em;text-align:left}</style>
<h1>${escaped(title)}</h1>`,
    ...lines.map((line) => `<p>${escaped(line)}</p>`),
    ...sections.map(
      ({ heading, cells }) => `<h2>${escaped(heading)}</h2>
<table>
${rows(cells)}
</table>`,
    ),
    '</html>',
  ].join('\n')
}
