/**
 * The one table of measurements, tags and fields. Encoders, queries, dashboards, docs and tests are made from it, so a
 * field that is not here does not compile. Published names are never renamed: a field is added, and the old one retired
 * a release later. Ratios are 0..1. A field that could not be measured is absent, never 0.
 */
const probeFields = {
  sent: { unit: 'packets', type: 'integer', help: 'Probe packets that left this host in the burst.' },
  received: { unit: 'packets', type: 'integer', help: 'Replies that came back in time.' },
  loss_ratio: { unit: 'ratio', type: 'float', help: 'Lost packets divided by those sent (RFC 2680).' },
  rtt_min_ms: { unit: 'ms', type: 'float', help: 'Smallest round-trip time of the burst (RFC 2681).' },
  rtt_avg_ms: { unit: 'ms', type: 'float', help: 'Mean round-trip time of the replies received.' },
  rtt_median_ms: { unit: 'ms', type: 'float', help: 'Median round-trip time of the replies received.' },
  rtt_max_ms: { unit: 'ms', type: 'float', help: 'Largest round-trip time of the burst.' },
  rtt_stddev_ms: { unit: 'ms', type: 'float', help: 'Standard deviation of the round-trip times.' },
  jitter_ms: {
    unit: 'ms',
    type: 'float',
    help: 'Mean absolute difference of consecutive round-trip times (after RFC 3393).',
  },
} as const

export const measurements = {
  icmp: { tags: ['element', 'vantage'], fields: probeFields },
  stamp: {
    tags: ['element', 'vantage'],
    fields: {
      ...probeFields,
      loss_forward_ratio: {
        unit: 'ratio',
        type: 'float',
        help: 'Lost on the way there; only where the reflector is stateful (RFC 8762 §4.2).',
      },
      loss_backward_ratio: {
        unit: 'ratio',
        type: 'float',
        help: 'Lost on the way back; stateful reflectors only.',
      },
      jitter_forward_ms: { unit: 'ms', type: 'float', help: 'One-way delay variation on the way there.' },
      jitter_backward_ms: { unit: 'ms', type: 'float', help: 'One-way delay variation on the way back.' },
    },
  },
  interface: {
    tags: ['element', 'interface'],
    fields: {
      in_bps: { unit: 'bit/s', type: 'integer', help: 'Traffic received, from ifHCInOctets.' },
      out_bps: { unit: 'bit/s', type: 'integer', help: 'Traffic sent, from ifHCOutOctets.' },
      in_errors_per_s: { unit: '1/s', type: 'float', help: 'Receive errors, from ifInErrors.' },
      out_errors_per_s: { unit: '1/s', type: 'float', help: 'Send errors, from ifOutErrors.' },
      in_discards_per_s: { unit: '1/s', type: 'float', help: 'Receive discards, from ifInDiscards.' },
      out_discards_per_s: { unit: '1/s', type: 'float', help: 'Send discards, from ifOutDiscards.' },
      in_pps: {
        unit: 'packets/s',
        type: 'float',
        help: 'Packets received, unicast, multicast and broadcast.',
      },
      out_pps: { unit: 'packets/s', type: 'float', help: 'Packets sent, unicast, multicast and broadcast.' },
      oper_up: { unit: '0|1', type: 'integer', help: '1 when ifOperStatus is up.' },
      speed_bps: {
        unit: 'bit/s',
        type: 'integer',
        help: 'Capacity: the override, else ifHighSpeed, else ifSpeed.',
      },
    },
  },
  element: {
    tags: ['element'],
    fields: {
      uptime_s: { unit: 's', type: 'integer', help: 'Time since the agent started, from sysUpTime.' },
      cpu_ratio: { unit: 'ratio', type: 'float', help: 'Processor load, as its profile reads it.' },
      memory_ratio: { unit: 'ratio', type: 'float', help: 'Memory in use, without buffers and cache.' },
      temperature_c: { unit: '°C', type: 'float', help: 'Temperature of the box, without transceivers.' },
      reachable: { unit: '0|1', type: 'integer', help: '1 when the SNMP agent answered the poll.' },
      poll_duration_ms: { unit: 'ms', type: 'float', help: 'Time that the SNMP poll took.' },
    },
  },
  sensor: {
    tags: ['element', 'sensor', 'unit'],
    fields: {
      value: { unit: 'as tagged', type: 'float', help: 'What the sensor tells, in the unit of its tag.' },
    },
  },
  alarm: {
    /** `interface` is `-` where the alarm is about the whole element. */
    tags: ['element', 'interface', 'type', 'severity'],
    fields: {
      id: { unit: 'text', type: 'string', help: 'Identity of the alarm.' },
      text: { unit: 'text', type: 'string', help: 'What is wrong, in words.' },
      active: { unit: '0|1', type: 'integer', help: '1 from raise to clear.' },
    },
  },
  incident: {
    tags: ['root', 'state', 'severity'],
    fields: {
      id: { unit: 'text', type: 'string', help: 'Identity of the incident.' },
      text: { unit: 'text', type: 'string', help: 'Root cause and impact, in words.' },
      customers: { unit: 'customers', type: 'integer', help: 'Customers affected (down or degraded).' },
      services: { unit: 'services', type: 'integer', help: 'Services affected (down or degraded).' },
    },
  },
} as const satisfies Record<string, MeasurementDefinition>

interface MeasurementDefinition {
  readonly tags: readonly string[]
  readonly fields: Readonly<
    Record<string, { unit: string; type: 'integer' | 'float' | 'string'; help: string }>
  >
}

export type Measurement = keyof typeof measurements
/** Of a union of measurements, the fields of any of them. */
export type FieldOf<M extends Measurement> = M extends Measurement
  ? keyof (typeof measurements)[M]['fields'] & string
  : never
export type TagOf<M extends Measurement> = (typeof measurements)[M]['tags'][number]
