import { peakTarget } from '../model/peak-experience.ts'
import { everyMidnight, oneOf, quoted, select, selectFrom } from './influxql.ts'
import { seriesLinks } from './page.ts'
import { limits, stat, table, timeSeries } from './panels.ts'

/** A row a local day. */
const daily = { every: everyMidnight, fill: 'none' } as const

const latencyOfDay = (field: 'peak_mean_ms' | 'window_p95_ms') =>
  select('icmp_peak_day', {
    columns: ({ mean }) => ({ rtt: mean(field) }),
    where: { element: oneOf('element') },
    by: ['element'],
    ...daily,
  })

/** Days on which something could be said. */
const judged = { having: { judged: 1 } } as const

const goodShare = (by: 'area' | 'class') =>
  select('service_peak', { columns: ({ mean }) => ({ good: mean('good') }), ...judged, by: [by], ...daily })

const failedShare = (
  field: 'latency_failed' | 'loss_failed' | 'jitter_failed' | 'utilisation_failed',
): string => select('service_peak', { columns: ({ mean }) => ({ failed: mean(field) }), ...judged, ...daily })

/** Days of services in the range, by what can be said of them. */
const outcomes = {
  good: select('service_peak', {
    columns: ({ sum }) => ({ services: sum('good') }),
    ...judged,
    ...daily,
  }),
  bad: select('service_peak', {
    columns: ({ sumLess }) => ({ services: sumLess('judged', 'good') }),
    ...judged,
    ...daily,
  }),
  'too little data': select('service_peak', {
    columns: ({ sum }) => ({ services: sum('insufficient') }),
    ...daily,
  }),
  'planned work': select('service_peak', {
    columns: ({ rowsLess }) => ({ services: rowsLess('judged', 'judged', 'insufficient') }),
    ...daily,
  }),
}

const goal = `${peakTarget * 100} %`

/** The row of panels that tells what the peak does to customers. */
export const customersAtPeak = () => [
  stat({
    title: 'Good at the peak',
    description: `Share of the days of services that were good, of those with enough data to say. The goal is ${goal}.`,
    queries: {
      good: select('service_peak', { columns: ({ mean }) => ({ good: mean('good') }), ...judged }),
    },
    unit: 'percentunit',
    limits: limits.good,
    width: 6,
  }),
  stat({
    title: 'Measured well enough to say',
    description: 'Share of the days of services that were good or bad, planned work left out.',
    queries: {
      coverage: select('service_peak', {
        columns: ({ shareOf }) => ({ coverage: shareOf('judged', 'insufficient') }),
      }),
    },
    unit: 'percentunit',
    limits: limits.measured,
    width: 6,
  }),
  stat({
    title: 'Too little data',
    description: 'Days of services that were neither good nor bad, for want of measurements.',
    queries: {
      insufficient: select('service_peak', {
        columns: ({ sum }) => ({ insufficient: sum('insufficient') }),
      }),
    },
    unit: 'short',
    width: 6,
  }),
  stat({
    title: 'Planned work',
    description: 'Days of services whose window was all planned work: they are not counted.',
    queries: {
      planned: select('service_peak', {
        columns: ({ rowsLess }) => ({ planned: rowsLess('judged', 'judged', 'insufficient') }),
      }),
    },
    unit: 'short',
    width: 6,
  }),
  timeSeries({
    title: 'Services by day',
    description: 'How many were good, how many bad, and of how many neither can be said.',
    queries: outcomes,
    unit: 'short',
  }),
  table({
    title: 'Services that were not good',
    description: 'Those with the most bad days in the range.',
    query: selectFrom(
      select('service_peak', {
        columns: ({ sumLess, sum }) => ({
          bad: sumLess('judged', 'good'),
          good: sum('good'),
          latency: sum('latency_failed'),
          loss: sum('loss_failed'),
          jitter: sum('jitter_failed'),
          utilisation: sum('utilisation_failed'),
        }),
        ...judged,
        by: ['service', 'area', 'class'],
      }),
      {
        bad: 'top("bad", 20)',
        service: quoted('service'),
        class: quoted('class'),
        area: quoted('area'),
        good: quoted('good'),
        latency: quoted('latency'),
        loss: quoted('loss'),
        jitter: quoted('jitter'),
        utilisation: quoted('utilisation'),
      },
      { within: false, where: ['"bad" > 0'] },
    ),
    unit: 'short',
  }),
  timeSeries({
    title: 'Services that were good',
    description:
      'Share of the services that were good in the window of the day, of those with enough data to say.',
    queries: { $tag_area: goodShare('area') },
    unit: 'percentunit',
    max: 1,
    limits: limits.good,
  }),
  timeSeries({
    title: 'Services that were good, by class',
    description: 'As beside, by class of service.',
    queries: { $tag_class: goodShare('class') },
    unit: 'percentunit',
    max: 1,
    limits: limits.good,
  }),
  timeSeries({
    title: 'What failed',
    description: 'Share of the judged services that missed each limit.',
    queries: {
      latency: failedShare('latency_failed'),
      loss: failedShare('loss_failed'),
      jitter: failedShare('jitter_failed'),
      utilisation: failedShare('utilisation_failed'),
    },
    unit: 'percentunit',
  }),
  timeSeries({
    title: 'Round-trip time at the peak',
    description: 'Mean of the slowest hour of each day, and 95th percentile of the fixed window, from ICMP.',
    queries: {
      '$tag_element slowest hour': latencyOfDay('peak_mean_ms'),
      '$tag_element window p95': latencyOfDay('window_p95_ms'),
    },
    unit: 'ms',
    limits: limits.roundTripMs,
    links: seriesLinks.element,
  }),
]
