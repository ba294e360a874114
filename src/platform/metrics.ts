import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Everything that Faultline tells Prometheus about itself. One registry an app, so that tests do not share counts. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    pollDuration: new Histogram({
      name: 'faultline_poll_duration_seconds',
      help: 'Time from the start of a poll to its result.',
      labelNames: ['probe'] as const,
      buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30],
      registers,
    }),
    polls: new Counter({
      name: 'faultline_polls_total',
      help: 'Polls by probe and outcome.',
      labelNames: ['probe', 'outcome'] as const,
      registers,
    }),
    pollOverruns: new Counter({
      name: 'faultline_poll_overruns_total',
      help: 'Slots skipped because the poll before was still running.',
      labelNames: ['probe'] as const,
      registers,
    }),
    engineFailures: new Counter({
      name: 'faultline_engine_failures_total',
      help: 'Measuring programs that hung, died or could not be started; the next poll starts a new one.',
      labelNames: ['probe', 'reason'] as const,
      registers,
    }),
    packetsRefused: new Counter({
      name: 'faultline_packets_refused_total',
      help: 'Packets dropped because they were malformed, late, or from a wrong source.',
      labelNames: ['protocol', 'reason'] as const,
      registers,
    }),
    ratesRefused: new Counter({
      name: 'faultline_rates_refused_total',
      help: 'Counters that gave no rate, by reason; restart, cached and out-of-order count polls.',
      labelNames: ['reason'] as const,
      registers,
    }),
    pollerRestarts: new Counter({
      name: 'faultline_poller_restarts_total',
      help: 'Times that the polling thread died or hung, and was to be started again.',
      registers,
    }),
    pollsDropped: new Counter({
      name: 'faultline_polls_dropped_total',
      help: 'Polls lost because the main thread was too busy to take them from the polling thread.',
      registers,
    }),
    traps: new Counter({
      name: 'faultline_traps_total',
      help: 'Traps and informs by kind (none: not read) and outcome.',
      labelNames: ['kind', 'outcome'] as const,
      registers,
    }),
    samples: new Counter({ name: 'faultline_samples_total', help: 'Samples made by probes.', registers }),
    samplesRefused: new Counter({
      name: 'faultline_samples_refused_total',
      help: 'Values that no store could take, by reason.',
      labelNames: ['reason'] as const,
      registers,
    }),
    storeQueue: new Gauge({
      name: 'faultline_store_queue_samples',
      help: 'Samples that wait for the sample store.',
      registers,
    }),
    storeDropped: new Counter({
      name: 'faultline_store_dropped_total',
      help: 'Samples that the sample store refused for good.',
      labelNames: ['reason'] as const,
      registers,
    }),
    spoolBytes: new Gauge({
      name: 'faultline_spool_bytes',
      help: 'Bytes of the segments on disk.',
      registers,
    }),
    spoolSegments: new Gauge({
      name: 'faultline_spool_segments',
      help: 'Segments on disk.',
      registers,
    }),
    spoolMemory: new Gauge({
      name: 'faultline_spool_memory_samples',
      help: 'Samples not on disk: of the last second, or all since the disk cannot be written.',
      registers,
    }),
    spoolDropped: new Counter({
      name: 'faultline_spool_dropped_total',
      help: 'Samples lost by the spool: full (byte cap), disk-full, memory, damaged, removed (by others), closing.',
      labelNames: ['reason'] as const,
      registers,
    }),
    spoolDamaged: new Counter({
      name: 'faultline_spool_damaged_total',
      help: 'Places in segments that were no whole frame: torn-tail (cut at start) or frame (passed over).',
      labelNames: ['kind'] as const,
      registers,
    }),
    spoolErrors: new Counter({
      name: 'faultline_spool_errors_total',
      help: 'File operations of the spool that failed.',
      labelNames: ['operation'] as const,
      registers,
    }),
    spoolDiskFree: new Gauge({
      name: 'faultline_spool_disk_free_bytes',
      help: 'Room on the disk of the spool.',
      registers,
    }),
    storeWrites: new Counter({
      name: 'faultline_store_writes_total',
      help: 'Writes to the sample store by outcome.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    rollupRows: new Counter({
      name: 'faultline_rollup_rows_total',
      help: 'Rows of roll-ups made, by measurement; told again counts again.',
      labelNames: ['measurement'] as const,
      registers,
    }),
    rollupLate: new Counter({
      name: 'faultline_rollup_late_samples_total',
      help: 'Samples that came after the span they belong to was told, which is then told again.',
      registers,
    }),
    rollupOpenHours: new Gauge({
      name: 'faultline_rollup_open_hours',
      help: 'Hours whose samples are held in memory, or that wait for the sample store.',
      registers,
    }),
    rollupSettledUntil: new Gauge({
      name: 'faultline_rollup_settled_until_seconds',
      help: 'Every hour before this time (Unix) was told from all its samples.',
      registers,
    }),
    rollupDuration: new Histogram({
      name: 'faultline_rollup_duration_seconds',
      help: 'Time to tell what has ended (span), to make an hour good from the store (hour), to tell a day (day).',
      labelNames: ['work'] as const,
      buckets: [0.001, 0.01, 0.1, 1, 5, 15, 60, 300],
      registers,
    }),
    alarmsActive: new Gauge({ name: 'faultline_alarms_active', help: 'Active alarms.', registers }),
    incidentsOpen: new Gauge({ name: 'faultline_incidents_open', help: 'Open incidents.', registers }),
    reports: new Counter({
      name: 'faultline_fault_reports_total',
      help: 'Fault reports by verdict on arrival.',
      labelNames: ['verdict'] as const,
      registers,
    }),
    notifications: new Counter({
      name: 'faultline_notifications_total',
      help: 'Notifications by kind and outcome.',
      labelNames: ['kind', 'outcome'] as const,
      registers,
    }),
    pipelineDuration: new Histogram({
      name: 'faultline_pipeline_duration_seconds',
      help: 'Time from a changed alarm to the committed incident.',
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 1, 5],
      registers,
    }),
    httpRequests: new Counter({
      name: 'faultline_http_requests_total',
      help: 'HTTP requests by method and status class.',
      labelNames: ['method', 'status'] as const,
      registers,
    }),
    /** Process metrics (memory, CPU, event loop); once an app that runs for long, not in tests. */
    collectProcess: () => collectDefaultMetrics({ register: registry, prefix: 'faultline_' }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
