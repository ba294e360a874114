import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BusyHourView } from '../../../src/api/views/busy-hour-schemas.ts'
import { renderBusyHour } from '../../../src/commands/render-busy-hour.ts'
import { reportBusyHour } from '../../../src/commands/report-busy-hour.ts'
import type { BusyHourRequest } from '../../../src/commands/report-request.ts'
import { plain } from '../../../src/commands/text-table.ts'
import { sampleOf } from '../../../src/model/sample.ts'
import { startApi } from '../../support/api-bench.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { cellsOf, nobody, runReportCommand } from '../../support/report-command.ts'

const hostile = '<img src=x>,"\u001b[31m'
const view: BusyHourView = {
  from: '2026-02-01T00:00:00.000Z',
  to: '2026-03-01T00:00:00.000Z',
  interfaces: [
    {
      element: '=cmd()',
      interface: hostile,
      days: 28,
      speedBps: 1e9,
      in: { meanBps: 5e8, highestBps: 6e8 },
      utilisation: 0.5,
      headroomBps: 5e8,
      daysOver: 0,
      forecast: { state: 'expected', date: '2027-01-31' },
    },
  ],
  elements: [],
}

describe('a busy-hour report', () => {
  it('is a table for people', () => {
    expect(renderBusyHour(view, 'table').split('\n').slice(-2)).toEqual(
      [
        'element  interface             days  speed     in mean     used    headroom    days > 80 %  80 % on',
        '=cmd()   <img src=x>,"  [31m  28    1 Gbit/s  500 Mbit/s  50.0 %  500 Mbit/s  0            2027-01-31',
      ].map((line) =>
        expect.stringMatching(
          new RegExp(
            `^${line
              .split(/ {2,}/)
              .map((cell) => cell.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
              .join(' +')}$`,
          ),
        ),
      ),
    )
    expect(renderBusyHour({ ...view, interfaces: [] }, 'table')).toMatch(/none is stored$/)
  })

  it('is CSV that no spreadsheet takes for a formula', () => {
    const [head, row] = renderBusyHour(view, 'csv').split('\r\n')
    expect(head?.split(',').slice(0, 5)).toEqual(['element', 'interface', 'days', 'speed_bps', 'in_mean_bps'])
    expect(row).toMatch(/^'=cmd\(\),"<img src=x>,"" \[31m",28,1000000000,500000000,/)
  })

  it('is CSV that reads back, and no cell of which begins a formula, whatever devices are called', () => {
    const names = fc.string({
      unit: fc.constantFrom(...' \t\r\n=+-@＝＋－＠,;"\'aé名\u001b\u202e'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(names, names, (element, port) => {
        const [one] = view.interfaces
        const rows = one === undefined ? [] : [{ ...one, element, interface: port }]
        const lines = renderBusyHour({ ...view, interfaces: rows }, 'csv').split('\r\n')
        expect(lines).toHaveLength(2)
        const [head = [], row = []] = lines.map(cellsOf)
        expect(row).toHaveLength(head.length)
        const [readElement = '', readPort = ''] = row
        for (const [read, written] of [
          [readElement, element],
          [readPort, port],
        ] as const) {
          expect([plain(written), `'${plain(written)}`]).toContain(read)
          if (read !== '-') expect(read).not.toMatch(/^\s*[=+\-@＝＋－＠]/)
        }
      }),
    )
  })

  it('is JSON that is what the API answers', () => {
    expect(JSON.parse(renderBusyHour(view, 'json'))).toEqual(view)
  })

  it('is HTML that nothing from a device can add to', () => {
    const page = renderBusyHour(view, 'html')
    expect(page).toContain('&lt;img src=x&gt;,&quot; [31m')
    expect(page).not.toContain('<img')
    expect(page).toMatch(/^<!doctype html>/)
  })
})

const run = (
  listen: string,
  request: Partial<BusyHourRequest>,
  store = createMemoryStore(),
  token?: string,
) =>
  runReportCommand(reportBusyHour, {
    listen,
    request: { format: 'json', percentiles: false, ...request },
    store,
    ...(token === undefined ? {} : { token }),
  })

describe('faultline report busy-hour', () => {
  it('asks the daemon where one listens', async () => {
    await using bench = await startApi()
    const { code, said, closed } = await run(new URL(bench.url).host, {
      from: '2026-02-01',
      to: '2026-03-01',
    })
    expect(code).toBe(0)
    expect(JSON.parse(said).interfaces[0].interface).toBe('<b>to-agg1</b>')
    expect(bench.callsOf('busyHour')).toEqual([
      [
        {
          from: Date.parse('2026-01-31T16:00:00Z'),
          to: Date.parse('2026-02-28T16:00:00Z'),
          percentiles: false,
        },
      ],
    ])
    expect(closed).toBe(0)
  })

  it('says what the daemon refuses', async () => {
    await using bench = await startApi()
    const { code, complained } = await run(new URL(bench.url).host, { element: 'nobody' })
    expect([code, complained]).toEqual([1, 'no report: there is no such element (REQUEST_INVALID)'])
  })

  it('says that the daemon wants a token, and that it does not know one', async () => {
    await using bench = await startApi()
    await bench.token('noc')
    const { host } = new URL(bench.url)
    const asked = [await run(host, {}), await run(host, {}, undefined, 'flt_wrong')]
    expect(asked.map(({ code, complained }) => [code, complained])).toEqual([
      [1, 'no report: the daemon wants an API token: set FAULTLINE_TOKEN (UNAUTHENTICATED)'],
      [1, 'no report: the daemon does not know the API token in FAULTLINE_TOKEN (UNAUTHENTICATED)'],
    ])
  })

  it('reads the store itself where none does', async () => {
    const store = createMemoryStore()
    const midnight = Date.parse('2026-02-20T16:00:00Z')
    const tags = { element: 'agg1', interface: 'Gi0/1' }
    store.offer([
      sampleOf(
        'interface_peak_day',
        { ...tags, direction: 'in' },
        { peak_mean_bps: 400, peak_p95_bps: 450, window_mean_bps: 300, speed_bps: 1_000 },
        midnight,
      ),
      ...[1, 2, 3].map((i) => sampleOf('interface_5min', tags, { in_bps: i }, midnight + i * 300_000)),
    ])
    const { code, said, closed } = await run(await nobody(), { element: 'agg1' }, store)
    expect([code, closed]).toEqual([0, 1])
    expect(JSON.parse(said).interfaces).toMatchObject([
      { in: { meanBps: 400, p95Bps: 450, windowMeanBps: 300, ratesP95Bps: 3 } },
    ])
  })

  it.each([
    ['a day that is none', { from: '2026-02-30' }, /^--from must be a day/],
    ['an end before the beginning', { from: '2026-02-02', to: '2026-02-01' }, /must lie before/],
    ['an interface of no element', { interface: 'x' }, /needs --element/],
    ['more than 400 days', { from: '2024-01-01' }, /^--from one report spans 400 days at most$/],
    ['a day before there was time', { from: '0001-01-01' }, /^--from must be a day/],
  ] as const)('refuses %s', async (_what, request, message) => {
    const { code, complained } = await run(await nobody(), request)
    expect(code).toBe(64)
    expect(complained).toMatch(message)
  })
})
