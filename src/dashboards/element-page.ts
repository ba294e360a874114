import type { FieldOf } from '../model/measurements.ts'
import type { SensorUnit } from '../model/profile.ts'
import { equals, everyPixel, is, select } from './influxql.ts'
import { elementVariable, page, rowLinks, seriesLinks, uids } from './page.ts'
import { limits, stat, table, timeSeries } from './panels.ts'

const here = { where: { element: equals('element') } }
const overTime = { ...here, every: everyPixel }

const icmp = (field: FieldOf<'icmp'>) =>
  select('icmp', { columns: ({ mean }) => ({ [field]: mean(field) }), ...overTime })
const stamp = (field: FieldOf<'stamp'>) =>
  select('stamp', { columns: ({ mean }) => ({ [field]: mean(field) }), ...overTime })
const element = (field: FieldOf<'element'>) =>
  select('element', { columns: ({ mean }) => ({ [field]: mean(field) }), ...overTime })
const lastOf = (field: FieldOf<'element'>) =>
  select('element', { columns: ({ last }) => ({ [field]: last(field) }), ...here })
const byInterface = (field: FieldOf<'interface'>) =>
  select('interface', {
    columns: ({ mean }) => ({ [field]: mean(field) }),
    ...overTime,
    by: ['element', 'interface'],
  })
const bySensor = (unit: SensorUnit) =>
  select('sensor', {
    columns: ({ mean }) => ({ value: mean('value') }),
    where: { ...here.where, unit: is(unit) },
    every: everyPixel,
    by: ['sensor'],
  })

export const elementPage = () =>
  page({
    uid: uids.element,
    title: 'Element',
    description: 'One network element: its path, its interfaces, its health and its alarms.',
    from: 'now-24h',
    variables: [elementVariable()],
    rows: {
      Now: [
        stat({
          title: 'Loss',
          description: 'Mean over the range.',
          queries: {
            loss: select('icmp', { columns: ({ mean }) => ({ loss: mean('loss_ratio') }), ...here }),
          },
          unit: 'percentunit',
          limits: limits.loss,
        }),
        stat({
          title: 'Round-trip time, p95',
          description: '95th percentile over the range.',
          queries: { rtt: select('icmp', { columns: ({ p95 }) => ({ rtt: p95('rtt_avg_ms') }), ...here }) },
          unit: 'ms',
          limits: limits.roundTripMs,
        }),
        stat({
          title: 'Jitter',
          description: 'Mean over the range.',
          queries: {
            jitter: select('icmp', { columns: ({ mean }) => ({ jitter: mean('jitter_ms') }), ...here }),
          },
          unit: 'ms',
        }),
        stat({
          title: 'Uptime of the agent',
          description: 'From sysUpTime.',
          queries: { uptime: lastOf('uptime_s') },
          unit: 'dtdurations',
        }),
        stat({
          title: 'SNMP answered',
          description: 'Share of polls in the range.',
          queries: {
            answered: select('element', {
              columns: ({ mean }) => ({ answered: mean('reachable') }),
              ...here,
            }),
          },
          unit: 'percentunit',
        }),
        stat({
          title: 'Time of a poll',
          description: 'The last SNMP poll.',
          queries: { poll: lastOf('poll_duration_ms') },
          unit: 'ms',
        }),
      ],
      Path: [
        timeSeries({
          title: 'Loss',
          description: 'By ICMP, and by STAMP both ways and each way where the reflector is stateful.',
          queries: {
            ICMP: icmp('loss_ratio'),
            STAMP: stamp('loss_ratio'),
            'STAMP, there': stamp('loss_forward_ratio'),
            'STAMP, back': stamp('loss_backward_ratio'),
          },
          unit: 'percentunit',
          limits: limits.loss,
        }),
        timeSeries({
          title: 'Round-trip time',
          description: 'Smallest, mean and largest of each burst.',
          queries: {
            'ICMP, smallest': icmp('rtt_min_ms'),
            'ICMP, mean': icmp('rtt_avg_ms'),
            'ICMP, largest': icmp('rtt_max_ms'),
            'STAMP, mean': stamp('rtt_avg_ms'),
          },
          unit: 'ms',
          limits: limits.roundTripMs,
        }),
        timeSeries({
          title: 'Jitter',
          description: 'Variation of the delay from packet to packet.',
          queries: {
            ICMP: icmp('jitter_ms'),
            STAMP: stamp('jitter_ms'),
            'STAMP, there': stamp('jitter_forward_ms'),
            'STAMP, back': stamp('jitter_backward_ms'),
          },
          unit: 'ms',
        }),
        table({
          title: 'Alarms',
          description: 'Every raise, change and clear in the range, latest first.',
          query: select('alarm', {
            columns: ({ tag, field }) => ({
              interface: tag('interface'),
              type: tag('type'),
              severity: tag('severity'),
              active: field('active'),
              text: field('text'),
            }),
            ...here,
            tail: 'ORDER BY time DESC LIMIT 200',
          }),
          unit: 'short',
        }),
      ],
      Interfaces: [
        timeSeries({
          title: 'Traffic received',
          description: 'By interface.',
          queries: { $tag_interface: byInterface('in_bps') },
          unit: 'bps',
          links: seriesLinks.interface,
        }),
        timeSeries({
          title: 'Traffic sent',
          description: 'By interface.',
          queries: { $tag_interface: byInterface('out_bps') },
          unit: 'bps',
          links: seriesLinks.interface,
        }),
        timeSeries({
          title: 'Errors received',
          description: 'By interface.',
          queries: { $tag_interface: byInterface('in_errors_per_s') },
          unit: 'eps',
          links: seriesLinks.interface,
        }),
        table({
          title: 'Interfaces',
          description: 'Last status and capacity, and means over the range.',
          query: select('interface', {
            columns: ({ last, mean, ratio }) => ({
              up: last('oper_up'),
              speed: mean('speed_bps'),
              received: mean('in_bps'),
              sent: mean('out_bps'),
              utilisation: ratio('out_bps', 'speed_bps'),
            }),
            ...here,
            by: ['element', 'interface'],
          }),
          unit: 'bps',
          units: { up: 'bool_on_off', utilisation: 'percentunit' },
          links: rowLinks.interface,
        }),
      ],
      Health: [
        timeSeries({
          title: 'Processor and memory',
          description: 'Where the agent tells.',
          queries: { processor: element('cpu_ratio'), memory: element('memory_ratio') },
          unit: 'percentunit',
          max: 1,
          limits: limits.utilisation,
          width: 8,
        }),
        timeSeries({
          title: 'Temperature',
          description: 'Where the agent tells.',
          queries: { temperature: element('temperature_c') },
          unit: 'celsius',
          width: 8,
        }),
        timeSeries({
          title: 'SNMP polls',
          description: 'Time that a poll takes.',
          queries: { poll: element('poll_duration_ms') },
          unit: 'ms',
          width: 8,
        }),
        timeSeries({
          title: 'Optical power',
          description: 'Received and sent, by transceiver, where a profile reads it.',
          queries: { $tag_sensor: bySensor('dBm') },
          unit: 'dBm',
        }),
        table({
          title: 'Sensors',
          description: 'Last value, and the extremes of the range, each in the unit of its row.',
          query: select('sensor', {
            columns: ({ last, min, max }) => ({
              now: last('value'),
              lowest: min('value'),
              highest: max('value'),
            }),
            ...here,
            by: ['sensor', 'unit'],
          }),
          unit: 'none',
        }),
      ],
    },
  })
