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

/** Round trips, loss and jitter over a while, from the polls in it. */
const probeMeans = {
  rtt_avg_ms: { unit: 'ms', type: 'float', help: 'Mean of `rtt_avg_ms` over the polls that had replies.' },
  rtt_avg_ms_max: { unit: 'ms', type: 'float', help: 'Largest `rtt_avg_ms` of a poll.' },
  loss_ratio: { unit: 'ratio', type: 'float', help: 'Mean of `loss_ratio` over the polls.' },
  jitter_ms: { unit: 'ms', type: 'float', help: 'Mean of `jitter_ms` over the polls that had it.' },
  samples: { unit: 'samples', type: 'integer', help: 'Polls.' },
  answered: { unit: 'samples', type: 'integer', help: 'Polls that had replies, of which `rtt_avg_ms` is.' },
} as const

const figures = (of: string, unit: string, type: 'integer' | 'float') =>
  ({
    count: { unit: 'samples', type: 'integer', help: `Values of \`${of}\` in the hour.` },
    mean: { unit, type, help: `Mean of \`${of}\`.` },
    p50: { unit, type, help: `Median of \`${of}\`, nearest rank.` },
    p95: { unit, type, help: `95th percentile of \`${of}\`, nearest rank.` },
    max: { unit, type, help: `Largest \`${of}\`.` },
  }) as const

/** `in_bps` → `in_bps_count`, `in_bps_mean`, `in_bps_p50`, `in_bps_p95`, `in_bps_max`. */
function hourly<F extends string>(field: F, unit: string, type: 'integer' | 'float') {
  type Names = `${F}_${keyof ReturnType<typeof figures>}`
  const named = Object.entries(figures(field, unit, type)).map(([name, value]) => [`${field}_${name}`, value])
  return Object.fromEntries(named) as Readonly<Record<Names, FieldDefinition>>
}

const probeHour = {
  ...hourly('rtt_avg_ms', 'ms', 'float'),
  ...hourly('loss_ratio', 'ratio', 'float'),
  ...hourly('jitter_ms', 'ms', 'float'),
} as const

/** What both kinds of a day's peak have besides their values. A row stands at the beginning of the local day. */
const peakDay = {
  peak_start_at: {
    unit: 'epoch ms',
    type: 'integer',
    help: 'When the peak hour began: the four consecutive quarter hours of the day with the highest mean.',
  },
  samples: { unit: 'samples', type: 'integer', help: 'Polls of the day.' },
  coverage: { unit: 'ratio', type: 'float', help: 'Polls of the day divided by those expected.' },
  window_samples: { unit: 'samples', type: 'integer', help: 'Polls within the fixed window.' },
  window_coverage: { unit: 'ratio', type: 'float', help: 'The same, of the fixed window.' },
  tcbh_hour: {
    unit: 'hour',
    type: 'integer',
    help: 'The clock hour (0..23, local) that is busiest on the average of the trailing days (TCBH).',
  },
  trailing_days: {
    unit: 'days',
    type: 'integer',
    help: 'Days with a peak hour among the trailing ones, this one included.',
  },
} as const

/** `bps` → `peak_mean_bps`, …: the values of a day's peak, in one unit. */
function peakValues<U extends 'bps' | 'ms'>(suffix: U, unit: string, type: 'integer' | 'float') {
  const values = {
    peak_mean: 'Mean of the peak hour.',
    peak_p95: '95th percentile (nearest rank) of the 5-minute means of the peak hour.',
    peak_max: 'Largest sample of the peak hour.',
    window_mean: 'Mean of the fixed window.',
    window_p95: '95th percentile (nearest rank) of the 5-minute means of the fixed window.',
    window_max: 'Largest sample of the fixed window.',
    adph: 'Mean of the peak hours of the trailing days (average daily peak hour, ITU-T E.600).',
    tcbh: 'Mean of the hour `tcbh_hour` over the trailing days (time-consistent busy hour, ITU-T E.600).',
  } as const
  type Names = `${keyof typeof values}_${U}`
  const named = Object.entries(values).map(([name, help]) => [`${name}_${suffix}`, { unit, type, help }])
  return Object.fromEntries(named) as Readonly<Record<Names, FieldDefinition>>
}

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
  interface_5min: {
    tags: ['element', 'interface'],
    fields: {
      in_bps: { unit: 'bit/s', type: 'integer', help: 'Mean of the samples of these 5 minutes.' },
      out_bps: { unit: 'bit/s', type: 'integer', help: 'Mean of the samples of these 5 minutes.' },
      in_bps_max: { unit: 'bit/s', type: 'integer', help: 'Largest sample.' },
      out_bps_max: { unit: 'bit/s', type: 'integer', help: 'Largest sample.' },
      samples: { unit: 'samples', type: 'integer', help: 'Polls that gave a rate.' },
    },
  },
  interface_15min: {
    tags: ['element', 'interface'],
    fields: {
      in_bps: { unit: 'bit/s', type: 'integer', help: 'Mean of the samples of these 15 minutes.' },
      out_bps: { unit: 'bit/s', type: 'integer', help: 'Mean of the samples of these 15 minutes.' },
      samples: { unit: 'samples', type: 'integer', help: 'Polls that gave a rate.' },
    },
  },
  icmp_5min: { tags: ['element', 'vantage'], fields: probeMeans },
  stamp_5min: { tags: ['element', 'vantage'], fields: probeMeans },
  interface_hour: {
    tags: ['element', 'interface'],
    fields: {
      ...hourly('in_bps', 'bit/s', 'integer'),
      ...hourly('out_bps', 'bit/s', 'integer'),
      speed_bps: { unit: 'bit/s', type: 'integer', help: 'Capacity as last told in the hour.' },
    },
  },
  icmp_hour: { tags: ['element', 'vantage'], fields: probeHour },
  stamp_hour: { tags: ['element', 'vantage'], fields: probeHour },
  interface_peak_day: {
    tags: ['element', 'interface', 'direction'],
    fields: {
      ...peakDay,
      ...peakValues('bps', 'bit/s', 'integer'),
      speed_bps: { unit: 'bit/s', type: 'integer', help: 'Capacity as last told on the day.' },
    },
  },
  icmp_peak_day: {
    tags: ['element', 'vantage'],
    fields: {
      ...peakDay,
      ...peakValues('ms', 'ms', 'float'),
      window_loss_ratio: { unit: 'ratio', type: 'float', help: 'Mean loss of the fixed window.' },
      window_jitter_ms: { unit: 'ms', type: 'float', help: 'Mean jitter of the fixed window.' },
    },
  },
  service_peak: {
    tags: ['service', 'area', 'class'],
    fields: {
      good: {
        unit: '0|1',
        type: 'integer',
        help: '1 when nothing failed in the window, 0 when something did; absent when neither can be said. Counts where `judged` is 1.',
      },
      judged: {
        unit: '0|1',
        type: 'integer',
        help: '1 when it was good or bad, 0 when neither can be said.',
      },
      insufficient: {
        unit: '0|1',
        type: 'integer',
        help: '1 when too little was measured to say. With `judged` 0 as well, all of the window was planned work.',
      },
      planned_ratio: {
        unit: 'ratio',
        type: 'float',
        help: 'Share of the window in maintenance windows that cover the service; left out of everything else here.',
      },
      coverage: {
        unit: 'ratio',
        type: 'float',
        help: 'Polls of the rest of the window divided by those expected.',
      },
      policy: {
        unit: 'text',
        type: 'string',
        help: 'Rule by which it was judged, as `pack/rule`; `peak.goodBelow` where no policy is for the service.',
      },
      policy_version: { unit: 'version', type: 'integer', help: 'Version of that pack.' },
      latency_failed: { unit: '0|1', type: 'integer', help: '1 when the round-trip time is over its limit.' },
      loss_failed: { unit: '0|1', type: 'integer', help: '1 when the loss is over its limit.' },
      jitter_failed: { unit: '0|1', type: 'integer', help: '1 when the jitter is over its limit.' },
      utilisation_failed: {
        unit: '0|1',
        type: 'integer',
        help: '1 when an interface on its way to the gateway is fuller than its limit.',
      },
      rtt_avg_ms: { unit: 'ms', type: 'float', help: 'Mean round-trip time of the window.' },
      loss_ratio: { unit: 'ratio', type: 'float', help: 'Mean loss of the window.' },
      jitter_ms: { unit: 'ms', type: 'float', help: 'Mean jitter of the window.' },
      utilisation_ratio: {
        unit: 'ratio',
        type: 'float',
        help: 'Mean traffic in the window divided by the capacity, in the fuller direction, of the fullest interface on its way to the gateway: its port and the links it shares.',
      },
    },
  },
  sensor: {
    tags: ['element', 'sensor', 'unit'],
    fields: {
      value: { unit: 'as tagged', type: 'float', help: 'What the sensor tells, in the unit of its tag.' },
    },
  },
  alarm: {
    /**
     * `interface` is `-` where the alarm is about the whole element. One about Faultline itself has the element `system`,
     * and the part as interface.
     */
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

interface FieldDefinition {
  readonly unit: string
  readonly type: 'integer' | 'float' | 'string'
  readonly help: string
}

interface MeasurementDefinition {
  readonly tags: readonly string[]
  readonly fields: Readonly<Record<string, FieldDefinition>>
}

export type Measurement = keyof typeof measurements
/** Of a union of measurements, the fields of any of them. */
export type FieldOf<M extends Measurement> = M extends Measurement
  ? keyof (typeof measurements)[M]['fields'] & string
  : never
export type TagOf<M extends Measurement> = (typeof measurements)[M]['tags'][number]
