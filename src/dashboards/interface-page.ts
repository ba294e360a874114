import type { FieldOf } from '../model/measurements.ts'
import { equals, everyPixel, select } from './influxql.ts'
import { elementVariable, interfaceVariable, page, uids } from './page.ts'
import { limits, stat, timeSeries } from './panels.ts'

const here = { where: { element: equals('element'), interface: equals('interface') } }
const overTime = { ...here, every: everyPixel }

const mean = (field: FieldOf<'interface'>) =>
  select('interface', { columns: (values) => ({ [field]: values.mean(field) }), ...overTime })
const highest = (field: FieldOf<'interface'>) =>
  select('interface', { columns: (values) => ({ [field]: values.max(field) }), ...overTime })
const p95 = (field: FieldOf<'interface'>) =>
  select('interface', { columns: (values) => ({ [field]: values.p95(field) }), ...here })
const used = (field: 'in_bps' | 'out_bps') =>
  select('interface', { columns: ({ ratio }) => ({ used: ratio(field, 'speed_bps') }), ...overTime })

export const interfacePage = () =>
  page({
    uid: uids.interface,
    title: 'Interface',
    description: 'One interface: traffic, utilisation, errors and status.',
    from: 'now-24h',
    variables: [elementVariable(), interfaceVariable()],
    rows: {
      'In the range': [
        stat({
          title: 'Capacity',
          description: 'The configured speed, else what the interface says.',
          queries: {
            speed: select('interface', { columns: ({ last }) => ({ speed: last('speed_bps') }), ...here }),
          },
          unit: 'bps',
        }),
        stat({
          title: 'Received, p95',
          description: '95th percentile of the rates between polls.',
          queries: { received: p95('in_bps') },
          unit: 'bps',
        }),
        stat({
          title: 'Sent, p95',
          description: '95th percentile of the rates between polls.',
          queries: { sent: p95('out_bps') },
          unit: 'bps',
        }),
        stat({
          title: 'Received, share of capacity',
          description: 'Mean over the range.',
          queries: {
            received: select('interface', {
              columns: ({ ratio }) => ({ used: ratio('in_bps', 'speed_bps') }),
              ...here,
            }),
          },
          unit: 'percentunit',
          limits: limits.utilisation,
        }),
        stat({
          title: 'Sent, share of capacity',
          description: 'Mean over the range.',
          queries: {
            sent: select('interface', {
              columns: ({ ratio }) => ({ used: ratio('out_bps', 'speed_bps') }),
              ...here,
            }),
          },
          unit: 'percentunit',
          limits: limits.utilisation,
        }),
        stat({
          title: 'Up',
          description: 'Share of polls in the range at which ifOperStatus was up.',
          queries: {
            up: select('interface', { columns: (values) => ({ up: values.mean('oper_up') }), ...here }),
          },
          unit: 'percentunit',
        }),
      ],
      Traffic: [
        timeSeries({
          title: 'Traffic',
          description: 'Means, and the capacity.',
          queries: { received: mean('in_bps'), sent: mean('out_bps'), capacity: mean('speed_bps') },
          unit: 'bps',
        }),
        timeSeries({
          title: 'Utilisation',
          description: 'Traffic divided by the capacity.',
          queries: { received: used('in_bps'), sent: used('out_bps') },
          unit: 'percentunit',
          max: 1,
          limits: limits.utilisation,
        }),
        timeSeries({
          title: 'Highest rates',
          description: 'The highest rate between two polls in each step.',
          queries: { received: highest('in_bps'), sent: highest('out_bps') },
          unit: 'bps',
        }),
        timeSeries({
          title: 'Packets',
          description: 'Unicast, multicast and broadcast.',
          queries: { received: mean('in_pps'), sent: mean('out_pps') },
          unit: 'pps',
        }),
      ],
      Errors: [
        timeSeries({
          title: 'Errors',
          description: 'Packets that were damaged.',
          queries: { received: mean('in_errors_per_s'), sent: mean('out_errors_per_s') },
          unit: 'eps',
          width: 8,
        }),
        timeSeries({
          title: 'Discards',
          description: 'Packets dropped although undamaged, as a full queue does.',
          queries: { received: mean('in_discards_per_s'), sent: mean('out_discards_per_s') },
          unit: 'eps',
          width: 8,
        }),
        timeSeries({
          title: 'Status',
          description: '1 when ifOperStatus was up at every poll of the step.',
          queries: {
            up: select('interface', { columns: ({ min }) => ({ up: min('oper_up') }), ...overTime }),
          },
          unit: 'short',
          max: 1,
          width: 8,
        }),
      ],
    },
  })
