import { once } from 'node:events'
import { createServer } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kpiView } from '../../../src/api/kpi-view.ts'
import { renderKpi } from '../../../src/commands/render-kpi.ts'
import { reportKpi } from '../../../src/commands/report-kpi.ts'
import type { KpiRequest } from '../../../src/commands/report-request.ts'
import { plain } from '../../../src/commands/text-table.ts'
import { sampleOf } from '../../../src/model/sample.ts'
import { startApi } from '../../support/api-bench.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { type OneServiceDay, peakExperienceOf } from '../../support/peak-experience-of.ts'
import { cellsOf, nobody, runReportCommand } from '../../support/report-command.ts'

const hostile = '=HYPERLINK("x"),<script>\u001b[31m\u202e'

const dayOf = (service: string, over: Partial<OneServiceDay> = {}): OneServiceDay => ({
  service,
  class: 'broadband',
  area: 'urban',
  date: '2026-02-27',
  outcome: 'good',
  missed: [],
  ...over,
})
const viewOf = (days: readonly OneServiceDay[]) =>
  kpiView(Date.UTC(2026, 1, 20), Date.UTC(2026, 1, 28), peakExperienceOf(days, 10))
const many = (count: number, day: OneServiceDay) => Array.from({ length: count }, () => day)
const bad = (service: string, over: Partial<OneServiceDay> = {}) =>
  dayOf(service, { outcome: 'bad', missed: ['loss', 'jitter'], ...over })

const view = viewOf([
  ...many(18, dayOf('s-1')),
  bad(hostile, { class: '@voice', area: 'rural' }),
  dayOf('s-2', { outcome: 'insufficient', date: '2026-02-26' }),
  dayOf('s-2', { outcome: 'planned', date: '2026-02-26' }),
])

describe('a report of the KPI', () => {
  it('is a table for people', () => {
    const lines = renderKpi(view, 'table').split('\n')
    expect(lines.slice(0, 3)).toEqual([
      'Services at the peak of the local days from 2026-02-20T00:00:00.000Z to 2026-02-28T00:00:00.000Z',
      '',
      'Missed: 94.7 % of the judged days of services were good; the goal is 95.0 %.',
    ])
    expect(lines.slice(3).map((line) => line.split(/ {2,}/))).toEqual(
      [
        [''],
        'of|name|good|bad|too little data|planned work|good of judged|judged|bad by latency|bad by loss|bad by jitter|bad by utilisation',
        'total|all|18|1|1|1|94.7 %|95.0 %|0|1|1|0',
        'class|@voice|0|1|0|0|0.0 %|100.0 %|-|-|-|-',
        'class|broadband|18|0|1|1|100.0 %|94.7 %|-|-|-|-',
        'area|rural|0|1|0|0|0.0 %|100.0 %|-|-|-|-',
        'area|urban|18|0|1|1|100.0 %|94.7 %|-|-|-|-',
        'day|2026-02-26|0|0|1|1|-|0.0 %|-|-|-|-',
        'day|2026-02-27|18|1|0|0|94.7 %|100.0 %|-|-|-|-',
        [''],
        'of|name|class|area|good|bad|too little data|planned work|good of judged|judged|bad by latency|bad by loss|bad by jitter|bad by utilisation',
        'service|=HYPERLINK("x"),<script> [31m|@voice|rural|0|1|0|0|0.0 %|100.0 %|0|1|1|0',
        'service|s-2|broadband|urban|0|0|1|1|-|0.0 %|0|0|0|0',
      ].map((line) =>
        typeof line === 'string'
          ? line.split('|').map((cell) => expect.stringMatching(`^${escapedFor(cell)} ?$`))
          : line,
      ),
    )
  })

  it.each([
    ['met at the goal', many(19, dayOf('a')), [bad('b')], /\n\nMet: 95\.0 % of .* goal is 95\.0 %\.\n/],
    ['missed by a hair', many(9_499, dayOf('a')), many(501, bad('b')), /\n\nMissed: 94\.9 % of /],
    [
      'not said with too little data',
      many(7, dayOf('a')),
      many(2, dayOf('b', { outcome: 'insufficient' })),
      /\n\nNeither met nor missed: 77\.7 % of the days of services was judged, 80\.0 % are needed\.\n/,
    ],
    ['nothing without days', [], [], /: none is stored$/],
  ] as const)('is %s', (_what, some, others, text) => {
    expect(renderKpi(viewOf([...some, ...others]), 'table')).toMatch(text)
  })

  it('is one table as CSV, numbers as they are', () => {
    const lines = renderKpi(view, 'csv').split('\r\n').map(cellsOf)
    expect(lines[0]?.join()).toBe(
      'group,name,class,area,good,bad,insufficient,planned,share,coverage,latency_missed,loss_missed,jitter_missed,utilisation_missed',
    )
    expect(lines.map(([group]) => group)).toEqual(
      'group total class class area area day day service service'.split(' '),
    )
    expect(lines[1]?.slice(4)).toEqual(['18', '1', '1', '1', String(18 / 19), '0.95', '0', '1', '1', '0'])
    // No share where nothing was judged.
    expect(lines.at(-1)?.slice(8, 10)).toEqual(['', '0'])
    expect(renderKpi(viewOf([]), 'csv').split('\r\n')).toHaveLength(1)
  })

  it('is CSV that reads back, and no cell of which begins a formula, whatever services are called', () => {
    const names = fc.string({
      unit: fc.constantFrom(...' \t\r\n=+-@＝＋－＠,;"\'aé名\u001b\u202e'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(names, names, names, (service, kind, area) => {
        const lines = renderKpi(viewOf([bad(service, { class: kind, area })]), 'csv').split('\r\n')
        expect(lines).toHaveLength(6)
        const rows = lines.map(cellsOf)
        for (const row of rows) {
          expect(row).toHaveLength(14)
          for (const cell of row) if (cell !== '-') expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/)
        }
        const read = rows.at(-1)?.slice(1, 4) ?? []
        for (const [i, written] of [service, kind, area].entries())
          expect([plain(written), `'${plain(written)}`]).toContain(read[i])
      }),
    )
  })

  it('is JSON that is what the API answers, and steers no terminal', () => {
    const text = renderKpi(view, 'json')
    expect(JSON.parse(text)).toEqual(view)
    expect(text).not.toMatch(/[^\n\P{C}]/u)
  })

  it('is HTML that no name can add to', () => {
    const page = renderKpi(view, 'html')
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).toContain('<td>=HYPERLINK(&quot;x&quot;),&lt;script&gt; [31m </td>')
    expect(page).toContain('<p>Missed: 94.7 % of the judged')
    expect(page).not.toContain('<script')
    expect(renderKpi(viewOf([]), 'html')).toContain('<p>None is stored.</p>')
  })
})

const escapedFor = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

const run = (
  listen: string,
  request: Partial<KpiRequest> = {},
  more: { store?: ReturnType<typeof createMemoryStore>; token?: string } = {},
) => runReportCommand(reportKpi, { listen, request: { format: 'json', services: 100, ...request }, ...more })

describe('faultline report kpi', () => {
  it('asks the daemon where one listens, as a token allows it', async () => {
    await using bench = await startApi()
    const token = await bench.token('readonly')
    const { code, said, closed, complained } = await run(
      new URL(bench.url).host,
      { from: '2026-02-01', to: '2026-03-01', class: 'broad band', area: 'urban', services: 7 },
      { token },
    )
    expect([code, complained, closed]).toEqual([0, '', 0])
    expect(JSON.parse(said).peakGood).toMatchObject({ state: 'missed', worst: [{ service: 's-1' }] })
    expect(bench.callsOf('peakExperience')).toEqual([
      [
        {
          from: Date.parse('2026-01-31T16:00:00Z'),
          to: Date.parse('2026-02-28T16:00:00Z'),
          class: 'broad band',
          area: 'urban',
          mostServices: 7,
        },
      ],
    ])
  })

  it('asks for the last 7 days', async () => {
    await using bench = await startApi()
    expect((await run(new URL(bench.url).host)).code).toBe(0)
    const to = Date.parse('2026-03-01T12:00:00Z')
    expect(bench.callsOf('peakExperience')).toMatchObject([[{ from: to - 7 * 86_400_000, to }]])
  })

  it('says what the daemon refuses, and of what', async () => {
    await using bench = await startApi()
    const { code, complained } = await run(new URL(bench.url).host, { service: 'x'.repeat(200) })
    expect(code).toBe(1)
    expect(complained).toMatch(/^no report: .*service: /)
  })

  it('reads the store itself where no daemon listens, each service by the days of its zone', async () => {
    const store = createMemoryStore()
    const midnight = Date.parse('2026-02-25T16:00:00Z')
    const tags = { service: 's-1', class: 'voice', area: 'urban' }
    store.offer([
      sampleOf('service_peak', tags, { judged: 1, insufficient: 0, good: 1, planned_ratio: 0 }, midnight),
      sampleOf(
        'service_peak',
        { ...tags, service: 's-2', area: 'rural' },
        { judged: 1, insufficient: 0, good: 0, planned_ratio: 0, loss_failed: 1 },
        midnight,
      ),
    ])
    const { code, said, closed } = await run(await nobody(), { format: 'json' }, { store })
    expect([code, closed]).toEqual([0, 1])
    expect(JSON.parse(said).peakGood).toMatchObject({
      state: 'missed',
      services: 2,
      byDay: [{ name: '2026-02-26', good: 1, bad: 1 }],
      worst: [{ service: 's-2' }],
    })
    const rural = await run(await nobody(), { format: 'csv', area: 'rural' }, { store })
    expect(rural.said.split('\r\n')[1]).toMatch(/^total,all,,,0,1,0,0,0,1,/)
  })

  it.each([
    ['a day that is none', { from: '2026-02-30' }, /^--from must be a day/],
    ['a time without a zone', { to: '2026-02-20T10:00:00' }, /^--to must be a day/],
    [
      'an end before the beginning',
      { from: '2026-02-02', to: '2026-02-01' },
      /^--from must lie before --to$/,
    ],
    ['more than 400 days', { from: '2025-01-01' }, /^--from one report spans 400 days at most$/],
    ['a day before there was time', { from: '0001-01-01', to: '0001-01-02' }, /^--from must be a day/],
  ] as const)('refuses %s', async (_what, request, message) => {
    const { code, complained } = await run(await nobody(), request)
    expect([code, complained]).toEqual([64, expect.stringMatching(message)])
  })

  it('never shows the token, whatever is wrong with it', async () => {
    await using bench = await startApi()
    await bench.token('noc')
    const { code, complained } = await run(new URL(bench.url).host, {}, { token: 'flt_top\nsecret' })
    expect([code, complained]).toEqual([
      1,
      'no report: what FAULTLINE_TOKEN holds is no API token (UNAUTHENTICATED)',
    ])
  })

  it.each([
    ['half an answer', 'application/json', '{"from":', 'what listens at HOST is no Faultline: 200'],
    ['a page', 'text/html', '<h1>router</h1>', 'what listens at HOST is no Faultline: 200'],
    [
      'the answer to something else',
      'application/json',
      '{"peakGood":{}}',
      'what listens at HOST is no Faultline: 200',
    ],
  ])('says so when something else listens, with %s', async (_what, type, body, problem) => {
    const server = createServer((_request, response) => response.setHeader('content-type', type).end(body))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const host = typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : ''
    const { code, complained } = await run(host)
    server.close()
    expect([code, complained]).toEqual([1, `no report: ${problem.replace('HOST', host)} (REQUEST_INVALID)`])
  })
})
