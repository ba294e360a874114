import { oneOf, quoted, select, selectFrom } from './influxql.ts'
import { elementsVariable, page, rowLinks, seriesLinks, uids } from './page.ts'
import { limits, table, timeSeries } from './panels.ts'

/**
 * Peaks are means of 15 minutes, so that one burst is no peak; days and hours are those of UTC, since InfluxQL knows no
 * hour of the day. Read from raw samples: keep the range to some weeks.
 */
const quarter = '15m'
const chosen = { where: { element: oneOf('element') } }
const perInterface = { ...chosen, by: ['element', 'interface'] } as const

const quarters = (value: 'in_bps' | 'out_bps') =>
  select('interface', {
    columns: ({ mean }) => ({ rate: mean(value) }),
    ...perInterface,
    every: quarter,
    fill: 'none',
  })
const quarterShares = (value: 'in_bps' | 'out_bps') =>
  select('interface', {
    columns: ({ ratio }) => ({ share: ratio(value, 'speed_bps') }),
    ...perInterface,
    every: quarter,
    fill: 'none',
  })
const peakOfDay = (inner: string, column: string) =>
  selectFrom(
    inner,
    { peak: `max(${quoted(column)})` },
    { every: '1d', by: ['element', 'interface'], fill: 'none' },
  )

const hourly = { ...chosen, by: ['element'], every: '1h', fill: 'none' } as const

export const peakHourPage = () =>
  page({
    uid: uids.peakHour,
    title: 'Peak hour',
    description: 'When the network is busiest, how full it is then, and what that does to latency and loss.',
    from: 'now-7d',
    variables: [elementsVariable()],
    rows: {
      'Daily peaks': [
        table({
          title: 'Fullest interfaces at their peak',
          description: 'Busiest 15 minutes of the range: traffic sent divided by the capacity.',
          query: selectFrom(
            selectFrom(
              quarterShares('out_bps'),
              { share: 'max("share")' },
              { within: false, by: ['element', 'interface'] },
            ),
            { share: 'top("share", 20)', element: quoted('element'), interface: quoted('interface') },
            { within: false },
          ),
          unit: 'percentunit',
          limits: limits.utilisation,
          coloured: ['share'],
          links: rowLinks.interface,
        }),
        timeSeries({
          title: 'Share of capacity at the peak of the day, sent',
          description: 'Busiest 15 minutes of each day (UTC).',
          queries: { '$tag_element $tag_interface': peakOfDay(quarterShares('out_bps'), 'share') },
          unit: 'percentunit',
          limits: limits.utilisation,
          links: seriesLinks.interface,
        }),
        timeSeries({
          title: 'Peak of the day, received',
          description: 'Busiest 15 minutes of each day (UTC).',
          queries: { '$tag_element $tag_interface': peakOfDay(quarters('in_bps'), 'rate') },
          unit: 'bps',
          links: seriesLinks.interface,
        }),
        timeSeries({
          title: 'Peak of the day, sent',
          description: 'Busiest 15 minutes of each day (UTC).',
          queries: { '$tag_element $tag_interface': peakOfDay(quarters('out_bps'), 'rate') },
          unit: 'bps',
          links: seriesLinks.interface,
        }),
      ],
      'Hour by hour': [
        timeSeries({
          title: 'Traffic sent, all chosen interfaces',
          description: 'Sum of the means of 15 minutes.',
          queries: {
            sent: selectFrom(quarters('out_bps'), { sent: 'sum("rate")' }, { every: quarter, fill: 'null' }),
          },
          unit: 'bps',
        }),
        timeSeries({
          title: 'Round-trip time, p95 of the hour',
          description: '95th percentile of the bursts of each hour, from ICMP.',
          queries: {
            $tag_element: select('icmp', { columns: ({ p95 }) => ({ rtt: p95('rtt_avg_ms') }), ...hourly }),
          },
          unit: 'ms',
          limits: limits.roundTripMs,
          links: seriesLinks.element,
        }),
        timeSeries({
          title: 'Loss, mean of the hour',
          description: 'From ICMP.',
          queries: {
            $tag_element: select('icmp', {
              columns: ({ mean }) => ({ loss: mean('loss_ratio') }),
              ...hourly,
            }),
          },
          unit: 'percentunit',
          limits: limits.loss,
          links: seriesLinks.element,
        }),
        timeSeries({
          title: 'Jitter, mean of the hour',
          description: 'From ICMP.',
          queries: {
            $tag_element: select('icmp', {
              columns: ({ mean }) => ({ jitter: mean('jitter_ms') }),
              ...hourly,
            }),
          },
          unit: 'ms',
          links: seriesLinks.element,
        }),
      ],
    },
  })
