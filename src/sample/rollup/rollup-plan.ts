import { type Sample, sampleOf } from '../../model/sample.ts'
import { type Figures, figuresOf, maxOf, meanOf } from './figures.ts'
import type { SampleRows } from './sample-rows.ts'

export const fiveMinutesMs = 300_000
export const quarterMs = 900_000
export const hourMs = 3_600_000

/** What is rolled up. */
export type RolledMeasurement = 'interface' | 'icmp' | 'stamp'
type Tags = Readonly<Record<string, string>>

/** A part of the hour, in ms from its beginning; `to` exclusive. */
interface Part {
  readonly from: number
  readonly to: number
}

/** What is kept of the samples of a measurement for an hour, and what is made of it. Nothing is made of no samples. */
export interface RollupPlan {
  readonly raw: RolledMeasurement
  /** The main fields, which are kept for each sample. */
  readonly columns: readonly string[]
  /** A field of which the last value is enough. */
  readonly latest?: string
  fiveMinutes(series: RolledSeries, part: Part): Sample | undefined
  quarter?(series: RolledSeries, part: Part): Sample | undefined
  hour(series: RolledSeries): Sample | undefined
}

/** The samples of one series in one hour. */
export interface RolledSeries {
  readonly tags: Tags
  /** When the hour begins. */
  readonly hour: number
  readonly rows: SampleRows
  readonly latest: number | undefined
}

const whole: Part = { from: 0, to: hourMs }

type FigureFields<F extends string> = Readonly<Record<`${F}_${keyof Figures}`, number>>

/** `in_bps` → `in_bps_mean` and so on; nothing when there were no values. */
function hourly<F extends string>(field: F, values: readonly number[]): Partial<FigureFields<F>> {
  const figures = figuresOf(values)
  if (figures === undefined) return {}
  const named = Object.entries(figures).map(([name, value]) => [`${field}_${name}`, value])
  return Object.fromEntries(named) as FigureFields<F>
}

/** A mean of whole bit/s, told in whole bit/s. */
const rounded = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Math.round(value)])) as T

const withSpeed = (speed: number | undefined) => (speed === undefined ? {} : { speed_bps: speed })

const traffic: RollupPlan = {
  raw: 'interface',
  columns: ['in_bps', 'out_bps'],
  latest: 'speed_bps',
  fiveMinutes({ tags, hour, rows }, { from, to }) {
    const means = trafficOf(rows, from, to)
    if (means === undefined) return undefined
    return sampleOf('interface_5min', interfaceTags(tags), means, hour + from)
  },
  quarter({ tags, hour, rows }, { from, to }) {
    const means = trafficOf(rows, from, to)
    if (means === undefined) return undefined
    const { in_bps_max: _in, out_bps_max: _out, ...fields } = means
    return sampleOf('interface_15min', interfaceTags(tags), fields, hour + from)
  },
  hour({ tags, hour, rows, latest }) {
    const figures = {
      ...hourly('in_bps', rows.values(0, whole.from, whole.to)),
      ...hourly('out_bps', rows.values(1, whole.from, whole.to)),
    }
    if (Object.keys(figures).length === 0) return undefined
    return sampleOf(
      'interface_hour',
      interfaceTags(tags),
      { ...rounded(figures), ...withSpeed(latest) },
      hour,
    )
  },
}

const interfaceTags = ({ element = '', interface: port = '' }: Tags) => ({ element, interface: port })
const probeTags = ({ element = '', vantage = '' }: Tags) => ({ element, vantage })

function trafficOf(rows: SampleRows, from: number, to: number) {
  const [received, sent] = [rows.values(0, from, to), rows.values(1, from, to)]
  if (received.length + sent.length === 0) return undefined
  return rounded({
    ...(received.length === 0 ? {} : { in_bps: meanOf(received), in_bps_max: maxOf(received) }),
    ...(sent.length === 0 ? {} : { out_bps: meanOf(sent), out_bps_max: maxOf(sent) }),
    samples: Math.max(received.length, sent.length),
  })
}

const probePlan = (raw: 'icmp' | 'stamp'): RollupPlan => ({
  raw,
  columns: ['rtt_avg_ms', 'loss_ratio', 'jitter_ms'],
  fiveMinutes({ tags, hour, rows }, { from, to }) {
    const [rtts, losses, jitters] = [0, 1, 2].map((column) => rows.values(column, from, to))
    if (!rtts || !losses || !jitters || losses.length + rtts.length === 0) return undefined
    const fields = {
      ...(rtts.length === 0 ? {} : { rtt_avg_ms: meanOf(rtts), rtt_avg_ms_max: maxOf(rtts) }),
      ...(losses.length === 0 ? {} : { loss_ratio: meanOf(losses) }),
      ...(jitters.length === 0 ? {} : { jitter_ms: meanOf(jitters) }),
      samples: rows.count(from, to),
      answered: rtts.length,
    }
    return sampleOf(`${raw}_5min`, probeTags(tags), fields, hour + from)
  },
  hour({ tags, hour, rows }) {
    const figures = {
      ...hourly('rtt_avg_ms', rows.values(0, whole.from, whole.to)),
      ...hourly('loss_ratio', rows.values(1, whole.from, whole.to)),
      ...hourly('jitter_ms', rows.values(2, whole.from, whole.to)),
    }
    if (Object.keys(figures).length === 0) return undefined
    return sampleOf(`${raw}_hour`, probeTags(tags), figures, hour)
  },
})

export const rollupPlans: readonly RollupPlan[] = [traffic, probePlan('icmp'), probePlan('stamp')]

/** Everything that one series of one hour gives: its 5 minutes, its quarters, the hour. */
export function rollHour(plan: RollupPlan, series: RolledSeries): readonly Sample[] {
  const parts = (width: number) =>
    Array.from({ length: hourMs / width }, (_, i) => ({ from: i * width, to: (i + 1) * width }))
  return [
    ...parts(fiveMinutesMs).map((part) => plan.fiveMinutes(series, part)),
    ...(plan.quarter === undefined ? [] : parts(quarterMs).map((part) => plan.quarter?.(series, part))),
    plan.hour(series),
  ].filter((sample) => sample !== undefined)
}
