import { customersAtPeak } from './customers-at-peak.ts'
import { everyMidnight, is, oneOf, quoted, select, selectFrom } from './influxql.ts'
import { elementsVariable, page, rowLinks, seriesLinks, uids } from './page.ts'
import { limits, table, timeSeries } from './panels.ts'

/** Everything here is read from roll-ups: a row a local day, or an hour, so that a range of a year is quick. */
const chosen = { where: { element: oneOf('element') } }
const daily = { every: everyMidnight, fill: 'none' } as const
const hourly = { ...chosen, by: ['element'], every: '1h', fill: 'none' } as const

const shareOfDay = (direction: 'in' | 'out') =>
  select('interface_peak_day', {
    columns: ({ ratio }) => ({ share: ratio('peak_mean_bps', 'speed_bps') }),
    where: { ...chosen.where, direction: is(direction) },
    by: ['element', 'interface'],
    ...daily,
  })

const ofDay = (
  field: 'peak_mean_bps' | 'window_mean_bps' | 'adph_bps' | 'tcbh_bps',
  direction: 'in' | 'out',
) =>
  select('interface_peak_day', {
    columns: ({ mean }) => ({ rate: mean(field) }),
    where: { ...chosen.where, direction: is(direction) },
    by: ['element', 'interface'],
    ...daily,
  })

export const peakHourPage = () =>
  page({
    uid: uids.peakHour,
    title: 'Peak hour',
    description: 'When the network is busiest, how full it is then, and what that does to customers.',
    from: 'now-30d',
    variables: [elementsVariable()],
    rows: {
      'Peak hour of each local day': [
        table({
          title: 'Fullest interfaces at their peak',
          description: 'Busiest day of the range: mean of its peak hour divided by the capacity.',
          query: selectFrom(
            selectFrom(
              select('interface_peak_day', {
                columns: ({ ratio }) => ({ share: ratio('peak_mean_bps', 'speed_bps') }),
                ...chosen,
                by: ['element', 'interface', 'direction'],
                ...daily,
              }),
              { share: 'max("share")' },
              { within: false, by: ['element', 'interface', 'direction'] },
            ),
            {
              share: 'top("share", 20)',
              element: quoted('element'),
              interface: quoted('interface'),
              direction: quoted('direction'),
            },
            { within: false },
          ),
          unit: 'percentunit',
          limits: limits.utilisation,
          coloured: ['share'],
          links: rowLinks.interface,
        }),
        timeSeries({
          title: 'Share of capacity at the peak hour',
          description: 'Mean of the peak hour of each day divided by the capacity.',
          queries: {
            '$tag_element $tag_interface in': shareOfDay('in'),
            '$tag_element $tag_interface out': shareOfDay('out'),
          },
          unit: 'percentunit',
          limits: limits.utilisation,
          links: seriesLinks.interface,
        }),
        timeSeries({
          title: 'Peak hour, received',
          description: 'Mean of the peak hour of each day, and of the fixed window.',
          queries: {
            '$tag_element $tag_interface': ofDay('peak_mean_bps', 'in'),
            '$tag_element $tag_interface window': ofDay('window_mean_bps', 'in'),
          },
          unit: 'bps',
          links: seriesLinks.interface,
        }),
        timeSeries({
          title: 'Peak hour, sent',
          description: 'Mean of the peak hour of each day, and of the fixed window.',
          queries: {
            '$tag_element $tag_interface': ofDay('peak_mean_bps', 'out'),
            '$tag_element $tag_interface window': ofDay('window_mean_bps', 'out'),
          },
          unit: 'bps',
          links: seriesLinks.interface,
        }),
        timeSeries({
          title: 'Trend, received',
          description:
            'Over the trailing days: mean of the daily peak hours (ADPH) and the busiest clock hour (TCBH).',
          queries: {
            '$tag_element $tag_interface ADPH': ofDay('adph_bps', 'in'),
            '$tag_element $tag_interface TCBH': ofDay('tcbh_bps', 'in'),
          },
          unit: 'bps',
          links: seriesLinks.interface,
        }),
        timeSeries({
          title: 'Trend, sent',
          description:
            'Over the trailing days: mean of the daily peak hours (ADPH) and the busiest clock hour (TCBH).',
          queries: {
            '$tag_element $tag_interface ADPH': ofDay('adph_bps', 'out'),
            '$tag_element $tag_interface TCBH': ofDay('tcbh_bps', 'out'),
          },
          unit: 'bps',
          links: seriesLinks.interface,
        }),
      ],
      'Customers at the peak': customersAtPeak(),
      'Hour by hour': [
        timeSeries({
          title: 'Traffic sent, all chosen interfaces',
          description: 'Sum of the means of 15 minutes.',
          queries: {
            sent: select('interface_15min', {
              columns: ({ sum }) => ({ sent: sum('out_bps') }),
              ...chosen,
              every: '15m',
              fill: 'null',
            }),
          },
          unit: 'bps',
        }),
        timeSeries({
          title: 'Round-trip time, p95 of the hour',
          description: '95th percentile of the bursts of each hour, from ICMP.',
          queries: {
            $tag_element: select('icmp_hour', {
              columns: ({ max }) => ({ rtt: max('rtt_avg_ms_p95') }),
              ...hourly,
            }),
          },
          unit: 'ms',
          limits: limits.roundTripMs,
          links: seriesLinks.element,
        }),
        timeSeries({
          title: 'Loss, mean of the hour',
          description: 'From ICMP.',
          queries: {
            $tag_element: select('icmp_hour', {
              columns: ({ mean }) => ({ loss: mean('loss_ratio_mean') }),
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
            $tag_element: select('icmp_hour', {
              columns: ({ mean }) => ({ jitter: mean('jitter_ms_mean') }),
              ...hourly,
            }),
          },
          unit: 'ms',
          links: seriesLinks.element,
        }),
      ],
    },
  })
